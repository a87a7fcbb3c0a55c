"""Whether, when and to whom something is said: never at the wrong moment, never to the wrong person."""

from datetime import timedelta

import pytest

from hotline import reports
from hotline.conversation import texts
from hotline.messaging import contacts, safe_contact
from hotline.messaging.contacts import SAFE_WINDOW, Safety
from hotline.messaging.outbox import OutboxRow, OutboxState
from hotline.messaging.safe_contact import Danger
from tests.journeys.desk import contact, kept, minute_passes, officer_of, rows, said, stands, walk
from tests.journeys.desk import reports as all_reports
from tests.journeys.phones import Phone
from tests.journeys.world import World

LATE = SAFE_WINDOW + timedelta(seconds=1)
SAFE = {"help/safe": "1", "help/danger": "2"}


def held_back(world: World, phone: Phone, *messages: str) -> None:
    """Write while the worker sleeps, so that every answer is late."""
    phone.read = len(world.air.heard[phone.number])
    world.worker_sleeps = True
    for message in messages:
        phone.texts(message)
        world.database.moment += timedelta(minutes=1)
    world.database.moment += LATE
    world.worker_sleeps = False
    world.settle()
    assert phone.unread() == []


def opened(world: World, row: OutboxRow) -> str:
    """What the worker would read."""
    return world.post.vault.open_as("worker", row.body, f"outbox {row.id}").decode()


def test_what_was_late_leaves_with_the_next_answer_oldest_first_and_once(world: World, reporter: Phone) -> None:
    held_back(world, reporter, "salam", "1", "1")
    assert [(row.state, row.reason) for row in rows(world, reporter)] == [("held", "late")] * 3
    first_lines = [opened(world, row) for row in rows(world, reporter)]
    reporter.texts("Lahore")
    assert all(text.split("\n")[0] in line for text, line in zip(reporter.unread(), first_lines, strict=False))
    assert len(reporter.unread()) == 4
    reporter.texts("salam")
    assert len(reporter.unread()) == 5


def test_what_the_gateway_may_have_taken_is_not_said_again_by_itself(world: World, reporter: Phone) -> None:
    reporter.texts("salam")
    with world.transaction() as tx:
        row = tx.merge(rows(world, reporter)[0])
        row.state, row.reason = OutboxState.HELD, "unknown_fate"
    world.forward(seconds=1)
    reporter.texts("salam")
    minute_passes(world)
    assert sorted(row.state.replace("delivered", "sent") for row in rows(world, reporter)) == ["held", "sent"]


def test_who_leaves_hears_nothing_of_what_was_held(world: World, reporter: Phone) -> None:
    held_back(world, reporter, "salam")
    reporter.texts("X")
    reporter.texts("0" * 2)
    assert reporter.unread() == []
    assert {row.state for row in rows(world, reporter)} == {"withdrawn"}


@pytest.mark.parametrize(
    "words", ["10 to 12 in the morning", "subah das se bara", "صبح ۱۰ سے ۱۲", "صبح ڏهه کان ٻارهن", "10am-12pm"]
)
def test_safe_hours_let_a_late_answer_leave_at_the_next_one_of_them(world: World, reporter: Phone, words: str) -> None:
    reporter.texts("مدد")
    walk(world, reporter, "help/hours", {**SAFE, "help/contact": "2"})
    reporter.texts(words)
    row = contact(world, reporter)
    assert (row.safety, row.start_minute, row.end_minute) == ("safe_hours", 600, 720)
    world.database.moment += timedelta(hours=5)  # three in the afternoon
    held_back(world, reporter, "9")
    known = len(world.air.heard[reporter.number])
    for hours, heard in ((10, 0), (7.9, 0), (1, 1), (24, 1)):
        world.forward(hours=hours)
        minute_passes(world)
        assert len(world.air.heard[reporter.number]) == known + heard


@pytest.mark.parametrize("words", ["kabhi bhi", "when he is out", "10 to 12 nahi", "9 10 11", "10 to 12", "sabh waqt"])
def test_hours_that_are_not_certain_mean_that_only_they_write(world: World, reporter: Phone, words: str) -> None:
    reporter.texts("مدد")
    walk(world, reporter, "help/hours", {**SAFE, "help/contact": "2"})
    reporter.texts(words)
    assert contact(world, reporter).safety == Safety.PULL_ONLY
    assert ("safe_hours", words) in kept(world)


@pytest.mark.parametrize("answer", ["1", "3", "میری بہن کو فون کریں"])
def test_all_other_answers_leave_this_phone_alone(world: World, reporter: Phone, answer: str) -> None:
    reporter.texts("مدد")
    walk(world, reporter, "help/contact", SAFE)
    reporter.texts(answer)
    assert contact(world, reporter).safety == Safety.PULL_ONLY
    held_back(world, reporter, "9")
    minute_passes(world)
    assert reporter.unread() == []


@pytest.mark.parametrize(
    "words", ["please don't call me", "call mat karna", "فون مت کرنا", "فون نه ڪجو", "call na kajo"]
)
def test_who_forbids_to_call_is_not_contacted_and_nothing_later_changes_that(
    world: World, reporter: Phone, words: str
) -> None:
    reporter.texts("مدد")
    reporter.texts(words)
    walk(world, reporter, "help/hours", {**SAFE, "help/contact": "2"})
    reporter.texts("subah 10 se 12")
    assert contact(world, reporter).safety == Safety.PULL_ONLY


def test_another_contact_stands_sealed_in_the_report_only(world: World, reporter: Phone) -> None:
    reporter.texts("مدد")
    walk(world, reporter, "help/elsewhere", {**SAFE, "help/contact": "3"})
    reporter.texts("+923000000077")
    assert ("safe_contact", "+923000000077") in kept(world)
    assert len({phone for phone in world.air.heard if phone.endswith("77")}) == 0


def with_word(world: World, phone: Phone, word: str = "گلاب") -> str:
    """A plea with a check word and a code; returns the code."""
    phone.texts("مدد")
    walk(world, phone, "help/check_word", {**SAFE, "help/contact": "2", "help/hours": "subah 10 se 12"})
    phone.texts(word)
    walk(world, phone, "help/code", {})
    phone.texts("1")
    phone.read = len(world.air.heard[phone.number])
    return world.air.heard[phone.number][-1].split("\n")[1]


def test_the_check_word_is_asked_before_the_status_is_told(world: World, reporter: Phone) -> None:
    code = with_word(world, reporter)
    assert "گلاب" not in str(kept(world))
    world.forward(hours=3)
    reporter.read = len(world.air.heard[reporter.number])
    reporter.texts(code)
    said(reporter, texts.CHECK_WORD)
    reporter.texts(" گلاب! ")
    said(reporter, texts.STATUS_RECEIVED)
    reporter.texts(code)
    said(reporter, texts.STATUS_RECEIVED)


def test_a_wrong_word_gets_a_neutral_answer_and_the_second_one_is_duress(
    world: World, reporter: Phone, fatima: Phone
) -> None:
    code = with_word(world, reporter)
    world.forward(hours=3)
    reporter.read, fatima.read = len(world.air.heard[reporter.number]), len(world.air.heard[fatima.number])
    reporter.texts(code)
    said(reporter, texts.CHECK_WORD)
    reporter.texts("chameli")
    assert said(reporter, texts.NEUTRAL) == world.air.heard[reporter.number][-1]
    reporter.texts(code)
    said(reporter, texts.CHECK_WORD)
    reporter.texts("gulshan")
    assert reporter.unread() == []
    assert contact(world, reporter).safety == Safety.DURESS
    fatima.expects_page("P1")
    assert world.report().reasons[0].startswith("Duress")
    for text in (code, "salam", "گلاب", "مدد"):
        reporter.texts(text)
    world.forward(hours=20)
    minute_passes(world)
    assert reporter.unread() == []


def test_after_a_break_a_conversation_with_a_word_goes_on_with_the_word_and_loses_nothing(
    world: World, reporter: Phone
) -> None:
    reporter.texts("مدد")
    walk(world, reporter, "help/check_word", {**SAFE, "help/contact": "2", "help/hours": "subah 10 se 12"})
    reporter.texts("گلاب")
    reporter.read = len(world.air.heard[reporter.number])
    world.forward(hours=2)
    reporter.texts("ہم تین لوگ ایک بند کمرے میں ہیں جلدی آئیں")
    said(reporter, texts.CHECK_WORD)
    assert any("بند کمرے" in text for _, text in kept(world))
    reporter.texts("وہ دروازہ توڑ رہے ہیں جلدی کریں خدا کے لیے")
    said(reporter, texts.CHECK_WORD)
    assert contact(world, reporter).word_misses == 0
    assert any("توڑ رہے" in text for _, text in kept(world))
    here = stands(world, reporter)
    reporter.texts("گلاب")
    assert len(reporter.unread()) == 1
    assert stands(world, reporter) == here


def test_the_first_word_stays(world: World, reporter: Phone) -> None:
    code = with_word(world, reporter)
    reporter.texts("مدد")
    walk(world, reporter, "help/check_word", {**SAFE, "help/contact": "2", "help/hours": "subah 10 se 12"})
    reporter.texts("chameli")
    world.forward(hours=3)
    reporter.read = len(world.air.heard[reporter.number])
    reporter.texts(code)
    reporter.texts("گلاب")
    said(reporter, texts.CHECK_WORD)
    said(reporter, texts.STATUS_RECEIVED)


DURESS = ["Wrong number", "غلط نمبر", "galat number", "ghalat nambar", "غلط نمبر آهي"]


@pytest.mark.parametrize("words", DURESS)
def test_a_duress_word_stops_everything_and_pages_hq(
    world: World, reporter: Phone, amna: Phone, fatima: Phone, words: str
) -> None:
    reporter.texts("لاہور میں اینٹوں کے بھٹے پر کام")
    amna.expects_page("P2")
    reporter.read = len(world.air.heard[reporter.number])
    held_back(world, reporter, "1")
    reporter.texts(words)
    amna.expects_page("P1")
    fatima.expects_page("P1")
    world.forward(hours=2)
    assert reporter.unread() == []
    assert "duress" in {row.reason for row in rows(world, reporter)}
    assert world.events("duress") == ["duress"]


def test_days_later_it_is_duress_all_the_same_and_hq_may_take_the_report_over(
    world: World, reporter: Phone, amna: Phone, fatima: Phone
) -> None:
    reporter.texts("لاہور میں اینٹوں کے بھٹے پر کام")
    amna.expects_page()
    amna.accepts()
    amna.read = len(world.air.heard[amna.number])
    world.forward(hours=30)
    fatima.read, amna.read = len(world.air.heard[fatima.number]), len(world.air.heard[amna.number])
    reporter.texts("wrong number")
    assert (world.report().priority, world.report().reasons[0][:6]) == (1, "Duress")
    fatima.expects_page("P1")
    fatima.accepts()
    assert world.report().accepted_by == officer_of(world, fatima)


def test_from_a_stranger_it_is_a_wrong_number(world: World, reporter: Phone) -> None:
    reporter.texts("wrong number")
    said(reporter, texts.NEUTRAL)
    assert list(all_reports(world)) == []
    assert contact(world, reporter).safety == Safety.UNKNOWN


def test_two_officers_let_a_late_answer_leave_in_imminent_danger(
    world: World, reporter: Phone, amna: Phone, fatima: Phone
) -> None:
    held_back(world, reporter, "salam")
    row, (first, second) = rows(world, reporter)[0], (officer_of(world, amna), officer_of(world, fatima))
    for pair in ((first, first), (first, "nobody")):
        with world.transaction() as tx, pytest.raises(ValueError, match="two different"):
            safe_contact.override(tx, row.id, *pair, Danger.IMMINENT, world.now)
    with world.transaction() as tx:
        assert safe_contact.override(tx, row.id, first, second, Danger.IMMINENT, world.now)
        assert not safe_contact.override(tx, row.id, first, second, Danger.IMMINENT, world.now)
    world.settle()
    assert len(reporter.unread()) == 1
    assert world.events("contact_overridden") == ["contact_overridden"]


def test_not_even_two_officers_speak_to_somebody_under_duress(
    world: World, reporter: Phone, amna: Phone, fatima: Phone
) -> None:
    held_back(world, reporter, "salam")
    row, (first, second) = rows(world, reporter)[0], (officer_of(world, amna), officer_of(world, fatima))
    with world.transaction() as tx:
        assert safe_contact.override(tx, row.id, first, second, Danger.IMMINENT, world.now)
        tx.merge(contact(world, reporter)).safety = Safety.DURESS
    world.settle()
    assert reporter.unread() == []


@pytest.mark.parametrize("later", [Safety.OK_NOW, Safety.SAFE_HOURS, Safety.UNKNOWN])
@pytest.mark.parametrize("earlier", [Safety.PULL_ONLY, Safety.NEVER, Safety.DURESS])
def test_nothing_that_arrives_loosens(earlier: Safety, later: Safety) -> None:
    row = contacts.Contact(safety=earlier.value)
    safe_contact.tighten(row, later)
    assert row.safety == earlier


def test_a_code_that_is_wrong_stays_wrong_for_a_contact_with_a_word(world: World, reporter: Phone) -> None:
    with_word(world, reporter)
    world.forward(hours=3)
    reporter.read = len(world.air.heard[reporter.number])
    reporter.texts(reports.new_code())
    said(reporter, texts.CODE_UNKNOWN)
