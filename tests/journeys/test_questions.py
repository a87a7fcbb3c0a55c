"""An officer asks back: it leaves when that is safe, the next words answer it, and nobody learns whose phone it was."""

from datetime import timedelta

import pytest

from hotline.casework import questions
from hotline.conversation import texts
from hotline.core.i18n import translate
from hotline.messaging.contacts import SAFE_WINDOW, Safety
from hotline.messaging.outbox import OutboxState
from hotline.reports.tables import Report
from tests.journeys.desk import PIN, contact, has_a_pin, kept, minute_passes, rows, stands, walk
from tests.journeys.phones import Phone
from tests.journeys.told import CHILDREN, DANGER
from tests.journeys.world import World
from tests.reports.attachments import samples

QUESTION, ANSWER = "Which colour is the gate?", "the gate is green, near the canal"
ASKS = translate(texts.STAFF_ASKS, "ur")
ADDED = translate(texts.ADDED, "ur")


def tells(world: World, reporter: Phone, amna: Phone) -> Report:
    """A tip that Amna has taken; the conversation about it is over."""
    has_a_pin(world)
    reporter.texts(CHILDREN)
    amna.expects_page()
    amna.accepts()
    amna.expects("is yours")
    walk(world, reporter, "tip/code")
    reporter.texts("2")
    reporter.reads_all()
    return world.report()


def asks(amna: Phone, text: str = QUESTION, pin: str = PIN) -> None:
    amna.texts(f"ask {amna.token} {pin} {text}")


def test_a_question_reaches_whoever_reported_and_the_next_words_answer_it(
    world: World, reporter: Phone, amna: Phone
) -> None:
    report = tells(world, reporter, amna)
    asks(amna)
    amna.expects("leaves when it is safe")
    assert reporter.expects(ASKS) == f"{ASKS}\n{QUESTION}"
    world.forward(hours=30)  # no conversation is under way any more
    reporter.texts(ANSWER)
    reporter.expects(ADDED)
    assert [one.id for one in world.reports()] == [report.id]
    assert (None, ANSWER) in kept(world, report)
    assert (None, QUESTION) in kept(world, report)
    world.ledger_balances()


def test_only_the_first_words_are_the_answer(world: World, reporter: Phone, amna: Phone) -> None:
    tells(world, reporter, amna)
    asks(amna)
    world.forward(hours=30)
    reporter.texts(ANSWER)
    world.forward(hours=30)
    reporter.texts(CHILDREN)
    assert len(world.reports()) == 2


def test_after_two_weeks_it_is_a_matter_of_its_own(world: World, reporter: Phone, amna: Phone) -> None:
    tells(world, reporter, amna)
    asks(amna)
    world.database.moment += questions.ANSWERED_WITHIN + timedelta(minutes=1)
    reporter.texts(CHILDREN)
    assert len(world.reports()) == 2


def test_an_answer_that_tells_of_danger_makes_the_report_urgent(world: World, reporter: Phone, amna: Phone) -> None:
    report = tells(world, reporter, amna)
    asks(amna)
    world.forward(hours=30)
    reporter.texts(DANGER)
    assert [(one.id, one.priority) for one in world.reports()] == [(report.id, 1)]


def test_a_picture_answers_too(world: World, reporter: Phone, amna: Phone) -> None:
    report = tells(world, reporter, amna)
    asks(amna)
    world.forward(hours=30)
    world.send(reporter.number, "", None, samples.png())
    world.collects()
    assert [one.id for one in world.reports()] == [report.id]


def test_whoever_calls_for_help_is_helped_and_not_taken_for_an_answer(
    world: World, reporter: Phone, amna: Phone
) -> None:
    tells(world, reporter, amna)
    asks(amna)
    world.forward(hours=30)
    reporter.texts("مدد")
    assert stands(world, reporter).startswith("help/")
    assert len(world.reports()) == 2


def test_a_late_question_waits_until_they_write_and_is_answered_after_that(
    world: World, reporter: Phone, amna: Phone
) -> None:
    report = tells(world, reporter, amna)
    world.database.moment += timedelta(hours=30)
    asks(amna)
    reporter.is_silent()
    world.database.moment += timedelta(minutes=1)  # what is put at one instant leaves in any order
    reporter.texts("hello")
    reporter.expects(ASKS, QUESTION)
    reporter.expects("1 ")
    reporter.texts(ANSWER)
    reporter.expects(ADDED)
    assert (None, ANSWER) in kept(world, report)
    assert len(world.reports()) == 1


@pytest.mark.parametrize("safety", ["unknown", "safe_hours"])
def test_it_waits_for_the_word_that_only_they_know(world: World, reporter: Phone, amna: Phone, safety: str) -> None:
    tells(world, reporter, amna)
    with world.transaction() as tx:
        row = tx.merge(contact(world, reporter))
        row.check_word, row.checked_at = b"w" * 16, world.now - SAFE_WINDOW - timedelta(seconds=1)
        row.safety, row.start_minute, row.end_minute = Safety(safety), 0, 24 * 60 - 1  # the hour is safe, whoever reads
    asks(amna)
    minute_passes(world)
    reporter.is_silent()
    assert [row.state for row in rows(world, reporter)].count(OutboxState.HELD) == 1


@pytest.mark.parametrize("safety", ["never", "duress"])
def test_who_must_hear_nothing_hears_nothing_and_the_officer_does_not_learn_it(
    world: World, reporter: Phone, amna: Phone, safety: str
) -> None:
    tells(world, reporter, amna)
    with world.transaction() as tx:
        tx.merge(contact(world, reporter)).safety = Safety(safety)
    asks(amna)
    amna.expects("leaves when it is safe")
    reporter.is_silent()
    reporter.texts("hello")
    assert not [text for text in reporter.unread() if QUESTION in text]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("This is the FIA, where is the victim?", "do not say who writes"),
        ("پولیس کہاں آئے؟", "do not say who writes"),
        ("x " * 200, "too long"),
        ("", "Reply ASK"),
    ],
)
def test_a_question_that_would_harm_is_not_sent(
    world: World, reporter: Phone, amna: Phone, text: str, said: str
) -> None:
    tells(world, reporter, amna)
    asks(amna, text)
    amna.expects(said)
    reporter.is_silent()
    assert world.events("asked") == []


@pytest.mark.parametrize(("pin", "said"), [("111222", "wrong PIN"), ("", "your PIN and your question")])
def test_who_does_not_know_the_pin_asks_nothing(
    world: World, reporter: Phone, amna: Phone, pin: str, said: str
) -> None:
    tells(world, reporter, amna)
    asks(amna, pin=pin)
    amna.expects(said)
    reporter.is_silent()


def test_who_has_none_is_told_where_to_set_it(world: World, reporter: Phone, amna: Phone) -> None:
    reporter.texts(CHILDREN)
    amna.expects_page()
    amna.accepts()
    amna.expects("is yours")
    reporter.reads_all()
    asks(amna)
    amna.expects("no PIN yet")
    reporter.is_silent()


def test_who_was_forgotten_cannot_be_asked(world: World, reporter: Phone, amna: Phone) -> None:
    tells(world, reporter, amna)
    with world.transaction() as tx:
        tx.merge(contact(world, reporter)).erased_at = world.now
    asks(amna)
    amna.expects("no way back")


def test_only_who_has_the_report_may_ask(world: World, reporter: Phone, amna: Phone) -> None:
    reporter.texts(CHILDREN)
    amna.expects_page()
    asks(amna)
    amna.expects("is not yours yet")
    assert not [text for text in reporter.unread() if QUESTION in text]


def test_asking_is_something_done(world: World, reporter: Phone, amna: Phone) -> None:
    report = tells(world, reporter, amna)
    before = report.timer
    asks(amna)
    assert (before, world.report().timer) == ("first_action", "idle")
