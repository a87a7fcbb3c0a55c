"""What an officer's phone is told: one SMS part in every wish, whatever anything is called, and nothing that harms."""

import re
from datetime import UTC, datetime, timedelta

import polib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.casework import texts
from hotline.channels.sms_encoding import encode_plan
from hotline.core import i18n
from hotline.core.priority import Priority
from hotline.escalation import texts as page_texts
from hotline.messaging import officer_text

WISHES = ("en", "ur", "sd", "ur@latin", "sd@latin")
ALPHABETS = {"en": "gsm", "ur": "ucs2", "sd": "ucs2", "ur@latin": "gsm", "sd@latin": "gsm"}
NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
LAHORE = {"en": "AHTC Lahore", "ur": "اے ایچ ٹی سی لاہور", "sd": "اي ايڇ ٽي سي لاهور"}
WHATEVER = {
    "token": "999999", "priority": 3, "more": 9999, "outcome": "unfounded", "minutes": 15, "until": "23/11 23:59",
    "url": "https://h.example", "count": 2160, "kind": "", "category": "", "channel": "", "received": "", "left": "", "serial": "K999999",
}  # fmt: skip
EVERY = {
    value
    for name, value in {**vars(officer_text), **vars(page_texts), **vars(texts)}.items()
    if name.isupper() and isinstance(value, str)
}
REVEALING = re.compile(
    r"traffick|smuggl|\bFIA\b|police|victim|crime|sex\b|اسمگل|سمگل|ایف آئی اے|پولیس|پوليس|متاثر|جرم|ڏوهه", re.IGNORECASE
)

names = st.text(min_size=1, max_size=90)
wishes = st.sampled_from(WISHES)
tokens = st.sampled_from(["1000", "4821", "999999"])
priorities = st.sampled_from(Priority)


def circles(name: str) -> dict[str, str]:
    return {"en": name, "ur": name, "sd": name}


def is_one_part(text: str, wish: str) -> bool:
    plan = encode_plan(text)
    return (plan.alphabet, plan.parts) == (ALPHABETS[wish], 1)


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ("en", "P1 report 4821 Lahore. Reply 1 4821 to accept, 2 4821 to pass."),
        ("ur", "رپورٹ 4821 P1 لاہور۔ قبول: 1 4821، آگے: 2 4821"),
        ("sd", "رپورٽ 4821 P1 لاهور. قبول: 1 4821، اڳتي: 2 4821"),
        ("ur@latin", "P1 report 4821 Lahore. Qabool karne ke liye 1 4821, aage bhejne ke liye 2 4821 likhen."),
        ("sd@latin", "P1 report 4821 Lahore. Qabool karan lae 1 4821, agte mokalan lae 2 4821 likho."),
        ("fr", "P1 report 4821 Lahore. Reply 1 4821 to accept, 2 4821 to pass."),
        ("", "P1 report 4821 Lahore. Reply 1 4821 to accept, 2 4821 to pass."),
    ],
)
def test_a_page_comes_in_the_officers_wish(wish: str, said: str) -> None:
    assert page_texts.page("4821", Priority.P1, LAHORE, wish) == said


@given(wish=wishes, name=names, token=tokens, priority=priorities, more=st.integers(1, 9999), overdue=st.booleans())
def test_a_page_is_one_part_whatever_the_circle_is_called(
    wish: str, name: str, token: str, priority: Priority, more: int, overdue: bool
) -> None:
    pages = [
        page_texts.page(token, priority, circles(name), wish, overdue=overdue),
        page_texts.bundle(token, priority, circles(name), more, wish),
        texts.slip_late("482136-K", priority, circles(name), wish),
        texts.slip_yours("482136-K", priority, circles(name), wish),
        page_texts.more_urgent(token, priority, circles(name), wish),
        page_texts.more_urgent(None, priority, circles(name), wish),
    ]
    assert [page for page in pages if not is_one_part(page, wish)] == []
    assert all(f"1 {token}" in page for page in pages[:2])


@given(wish=wishes, name=names, text=st.sampled_from(sorted(EVERY)))
def test_every_text_is_one_part_whatever_an_officer_is_called(wish: str, name: str, text: str) -> None:
    said = officer_text.of_officer(text, name, wish, **WHATEVER)
    assert encode_plan(said).parts == 1
    assert not set(said) & {"{", "}"} or set(name) & {"{", "}"}


@given(wish=wishes, name=names, token=tokens)
def test_an_officer_without_a_name_that_can_be_shown_is_another_officer(wish: str, name: str, token: str) -> None:
    said = texts.taken(token, name, wish)
    assert is_one_part(said, wish)
    assert len(said) > len(officer_text.say(texts.TAKEN, wish, token=token))


@given(wish=wishes, everybody=st.lists(names, max_size=60))
def test_all_who_are_on_duty_fit_one_part_or_are_counted(wish: str, everybody: list[str]) -> None:
    assert is_one_part(texts.on_duty(everybody, wish), wish)


@given(wish=wishes, count=st.integers(0, 300), token=tokens)
def test_a_list_of_any_length_fits_one_part_and_loses_nothing(wish: str, count: int, token: str) -> None:
    said = texts.reports([(token, 1, texts.HELD)] * count, wish)
    more = re.search(r"\+(\d+)$", said)
    assert is_one_part(said, wish)
    assert said.count(token) + (int(more[1]) if more else 0) == count


@given(
    wish=wishes, place=names, token=tokens, kind=st.sampled_from(["tip", "help"]), category=st.sampled_from(list(officer_text.LABELS)),
    left=st.none() | st.timedeltas(min_value=timedelta(days=-2), max_value=timedelta(days=90)),
)  # fmt: skip
def test_the_facts_fit_one_part(
    wish: str, place: str, token: str, kind: str, category: str, left: timedelta | None
) -> None:
    assert is_one_part(texts.facts(token, Priority.P1, (kind, category, "whatsapp"), place, (NOW, left), wish), wish)


def test_the_facts_are_labels_and_times_in_local_time() -> None:
    facts = ("4821", Priority.P2, ("tip", "begging", "sms"), "Lahore", (NOW, timedelta(minutes=12)))
    assert texts.facts(*facts, "en") == "Report 4821 P2: tip, Lahore, begging, SMS, 23/11 10:00. 12 min left"
    assert texts.facts(*facts, "ur") == "اطلاع 4821 P2، Lahore، بھیک، SMS، 23/11 10:00، 12 منٹ باقی"


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (-1, "late"),
        (0, "0 min left"),
        (119, "119 min left"),
        (120, "2 h left"),
        (2879, "47 h left"),
        (2880, "2 days left"),
        (None, "10:00."),
    ],
)
def test_the_time_that_is_left(left: int | None, said: str) -> None:
    wait = None if left is None else timedelta(minutes=left)
    assert texts.facts("4821", Priority.P2, ("tip", "", "sms"), "Lahore", (NOW, wait), "en").endswith(said)


def test_the_consoles_address_is_named_where_it_fits() -> None:
    assert "https://h.example/" in texts.yours("4821", "https://h.example", "en")
    assert "https" not in texts.yours("4821", f"https://{'h' * 150}.example", "en")
    assert all(is_one_part(texts.yours("999999", "https://hotline.example.gov.pk", wish), wish) for wish in WISHES)


def test_a_name_is_cut_and_nothing_else_is() -> None:
    said = page_texts.page("4821", Priority.P1, circles("Mandi Bahauddin " * 9), "en")
    assert said.startswith("P1 report 4821 Mandi Bahauddin Mandi Bahauddin")
    assert said.endswith(". Reply 1 4821 to accept, 2 4821 to pass.")


@pytest.mark.parametrize("wish", WISHES)
def test_a_stranger_who_reads_along_learns_nothing_that_harms(wish: str) -> None:
    shown = {officer_text.say(text, wish, "", **WHATEVER) for text in EVERY}
    shown |= {officer_text.label(value, wish) for value in officer_text.LABELS}
    assert [text for text in shown if REVEALING.search(text)] == []


@pytest.mark.parametrize("wish", WISHES[1:])
def test_every_text_exists_in_every_wish_with_the_same_blanks(wish: str) -> None:
    blank = re.compile(r"\{\w+\}")
    for text in EVERY:
        assert i18n.has_text(wish, text), text
        assert sorted({*blank.findall(text)}) == sorted({*blank.findall(i18n.translate(text, wish))} | allowed(text))


def allowed(text: str) -> set[str]:
    """What a translation may leave out, where one part is short."""
    return {"{token}"} if text == texts.NOTE_FIRST else set()


@pytest.mark.parametrize("wish", i18n.PARTIAL)
def test_roman_catalogues_hold_the_officers_texts_in_letters_of_one_price(wish: str) -> None:
    entries = polib.pofile(f"locales/{wish}/LC_MESSAGES/messages.po")
    assert [entry.msgid for entry in entries if encode_plan(entry.msgstr).alphabet != "gsm" or not entry.msgstr] == []
    assert {entry.msgid for entry in entries} >= EVERY
