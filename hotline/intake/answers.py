"""What an answer means beyond being kept: for the report and its way, and for how the person may be reached."""

from collections.abc import Callable, Mapping

from hotline.conversation import Words, hours, normalise
from hotline.intake.live_report import LiveReport
from hotline.messaging import Safety, contacts, safe_contact

URGENT = frozenset({"HELP", "RESCUE", "HELD", "DANGER", "WEAPON"})
LONG = 8  # words: who writes more than this where a name or a code was asked for has something else to say
ADULT = 18  # years
SECRET = 3  # words of a check word at most; a longer one is own words
ASKED = frozenset({"code", "agent"})  # questions to us: by themselves they tell of nothing

Answer = Mapping[str, str | None]  # data of the effect: field, value, text, kind


def take(file: LiveReport, words: Words, kind: str, answer: Answer) -> None:
    """Keep an answer and do what it means. `kind` of a report that it opens: "tip" or "help"."""
    field, value, text = answer["field"] or "", answer["value"], answer["text"] or ""
    if field in ASKED:
        _asked(file, words, kind, field, text)
        return
    if field == "check_word" and _word(file, text):
        text, value = "", "set"  # officers need not know it
    if field == "age" and value is None and _under_age(text):
        value = "child"
    file.answer(kind, field, value, text)
    if answer["kind"] == "place":
        file.move_to(text)
    meaning = _MEANING.get(field)
    if meaning is not None:
        meaning(file, value, text)


def _under_age(text: str) -> bool:
    """ "main 11 sal ki hun": an age in own words. The first number counts; a later one may be of somebody else."""
    ages = [int(word) for word in normalise(text).split() if word.isdecimal()]
    return bool(ages) and ages[0] < ADULT


def _asked(file: LiveReport, words: Words, kind: str, field: str, text: str) -> None:
    """A code or an agent's name opens no report, unless there is more in it than that."""
    if file.pen is not None:
        file.answer(kind, field, None, text)
    elif words.contains(text) & URGENT or len(text.split()) > LONG:
        file.remark(text, kind)


def _word(file: LiveReport, text: str) -> bool:
    if len(text.split()) > SECRET:
        return False
    contacts.set_word(file.contact, file.desk.vault, text, file.now)
    return True


def _category(file: LiveReport, value: str | None, _text: str) -> None:
    if file.report is not None:
        file.report.category = value or "other"


def _official(file: LiveReport, value: str | None, _text: str) -> None:
    if value in (None, "yes"):  # own words name the official: they too must leave the circle
        file.to_integrity()


def _safe(file: LiveReport, value: str | None, _text: str) -> None:
    safe_contact.tighten(file.contact, Safety.OK_NOW if value == "yes" else Safety.PULL_ONLY)


def _contact(file: LiveReport, value: str | None, _text: str) -> None:
    """At certain hours: the next question asks which. All else means that this phone is left alone."""
    if value != "hours":
        safe_contact.tighten(file.contact, Safety.PULL_ONLY)


def _safe_hours(file: LiveReport, _value: str | None, text: str) -> None:
    safe_contact.tighten_hours(file.contact, hours.parse(text))


_MEANING: dict[str, Callable[[LiveReport, str | None, str], None]] = {
    "category": _category,
    "official": _official,
    "safe": _safe,
    "contact": _contact,
    "safe_hours": _safe_hours,
}
