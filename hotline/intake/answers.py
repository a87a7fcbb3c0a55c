"""The meaning of answers beyond being kept: for the report and its way, and for how the person may be reached."""

from collections.abc import Mapping

from hotline.conversation import hours, normalise
from hotline.intake.live_report import LiveReport
from hotline.messaging import Safety, contacts, safe_contact

LONG = 8  # words: who writes more than this where a name or a code was asked for has something else to say
ADULT = 18  # years
SECRET = 3  # words of a check word at most; a longer one is own words
ASKED = frozenset({"code", "agent"})  # questions to us: by themselves they tell of nothing

Answer = Mapping[str, str | None]  # data of the effect: field, value, text, kind


def take(live: LiveReport, kind: str, answer: Answer) -> None:
    """Keep an answer and do what it means. `kind` of a report that it opens: "tip" or "help"."""
    field, value, text = answer["field"] or "", answer["value"], answer["text"] or ""
    if field in ASKED:
        _asked(live, kind, field, text)
        return
    if field == "check_word" and len(text.split()) <= SECRET:
        contacts.set_word(live.ex.contact, live.ex.services.vault, text, live.ex.now)
        text, value = "", "set"  # officers need not know it
    if field == "age" and value is None and _under_age(text):
        value = "child"
    live.answer(kind, field, value, text)
    if answer["kind"] == "place":
        live.move_to(text)
    _mean(live, field, value, text)


def _mean(live: LiveReport, field: str, value: str | None, text: str) -> None:
    contact = live.ex.contact
    match field:
        case "category" if live.report is not None:
            live.report.category = value or "other"
        case "official" if value in (None, "yes"):  # own words name the official: they too must leave the circle
            live.to_integrity()
        case "safe":
            safe_contact.tighten(contact, Safety.OK_NOW if value == "yes" else Safety.PULL_ONLY)
        case "contact" if value != "hours":  # the next question asks which; all else leaves this phone alone
            safe_contact.tighten(contact, Safety.PULL_ONLY)
        case "safe_hours":
            safe_contact.tighten_hours(contact, hours.parse(text))


def _under_age(text: str) -> bool:
    """ "main 11 sal ki hun": an age in own words. The first number counts; a later one may be of somebody else."""
    ages = [int(word) for word in normalise(text).split() if word.isdecimal()]
    return bool(ages) and ages[0] < ADULT


def _asked(live: LiveReport, kind: str, field: str, text: str) -> None:
    """A code or an agent's name opens no report, unless there is more in it than that."""
    if live.pen is not None:
        live.answer(kind, field, None, text)
    elif live.ex.services.triage.sort([text]).says or len(text.split()) > LONG:
        live.remark(text, kind)
