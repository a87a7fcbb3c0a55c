"""Who wants to be forgotten is forgotten; who comes back goes on where they were; what they said once is not asked again."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from hotline.channels.contract import Inbound
from hotline.conversation import texts
from hotline.core.i18n import translate
from hotline.messaging.contacts import SAFE_WINDOW, Contact
from hotline.messaging.outbox import OutboxRow
from hotline.reports.tables import Report
from tests.journeys.desk import contact, kept, minute_passes, rows, said, stands, walk
from tests.journeys.desk import reports as all_reports
from tests.journeys.phones import Phone
from tests.journeys.world import World

TIP = "لاہور میں اینٹوں کے بھٹے پر کام"


def reads_all(world: World, *phones: Phone) -> None:
    for phone in phones:
        phone.read = len(world.air.heard[phone.number])


def test_who_wants_to_be_forgotten_is_forgotten(world: World, reporter: Phone) -> None:
    reporter.texts(TIP)
    walk(world, reporter, "tip/code")
    report, was = world.report(), contact(world, reporter)
    world.forward(hours=25)
    reporter.texts(TIP + " اور")
    second = all_reports(world)[-1]
    assert second.contact_id == was.id
    for text in ("0", "0", "0", "5", "1", "7", "2"):
        reporter.texts(text)
    assert stands(world, reporter) == "delete/sure"
    reads_all(world, reporter)
    reporter.texts("1")
    assert len(reporter.unread()) == 1, "the last answer leaves"
    with world.database.reading() as tx:
        row = tx.get_one(Contact, was.id)
        assert (row.session, row.language, row.check_word) == (None, None, None)
        assert row.index != was.index
        assert {(one.contact_id, one.code) for one in tx.scalars(sa.select(Report))} == {(None, None)}
    world.database.moment += SAFE_WINDOW + timedelta(seconds=1)
    minute_passes(world)
    with world.database.reading() as tx:
        assert tx.scalars(sa.select(Contact)).all() == []
        assert tx.scalars(sa.select(OutboxRow).where(OutboxRow.contact_id.is_not(None))).all() == []
    assert TIP in str(kept(world, report)), "what was told stays"
    assert world.events("contact_erased") == ["contact_erased"]
    reporter.texts("salam")
    assert contact(world, reporter).id != was.id


def test_to_be_forgotten_takes_back_what_was_held(world: World, reporter: Phone) -> None:
    reporter.texts("salam")
    world.worker_sleeps = True
    for text in ("5", "1", "7"):
        reporter.texts(text)
    world.worker_sleeps = False
    world.database.moment += SAFE_WINDOW * 2
    world.settle()
    assert {row.state.replace("delivered", "sent") for row in rows(world, reporter)} == {"sent", "held"}
    world.worker_sleeps = True
    for text in ("2", "1"):
        reporter.texts(text)
    world.worker_sleeps = False
    reads_all(world, reporter)
    world.settle()
    assert len(reporter.unread()) == 1


@pytest.mark.parametrize("text", ["", "سلام", "😀"])
def test_after_a_break_a_greeting_is_told_where_we_were(world: World, reporter: Phone, text: str) -> None:
    reporter.texts(TIP)
    reporter.texts("1")
    here = stands(world, reporter)
    reads_all(world, reporter)
    world.forward(hours=2)
    reporter.texts(text)
    said(reporter, texts.WHERE_WE_WERE)
    assert stands(world, reporter) == here


def test_after_a_break_anything_else_is_the_answer(world: World, reporter: Phone) -> None:
    reporter.texts("یہاں بھٹے پر زبردستی کام لیا جاتا ہے")
    walk(world, reporter, "tip/where")
    world.forward(hours=2)
    reporter.texts("Lahore")
    assert ("place", "Lahore") in kept(world)
    assert translate(texts.WHERE_WE_WERE, "ur") not in world.air.heard[reporter.number][-1]


def test_a_place_in_the_first_words_is_confirmed_and_not_asked_for(world: World, reporter: Phone) -> None:
    reporter.texts("لاہور میں 12 لوگ کام کرتے ہیں")
    assert world.report().circle == "lahore"
    walk(world, reporter, "tip/where")
    assert "لاہور" in world.air.heard[reporter.number][-1]
    reporter.texts("1")
    assert ("place", "لاہور") in kept(world)
    walk(world, reporter, "tip/people", {"tip/code": "1"})
    assert "12" in world.air.heard[reporter.number][-1]


def test_who_is_not_known_to_be_safe_sees_no_place(world: World, reporter: Phone) -> None:
    reporter.texts("مدد لاہور میں ہوں بند ہوں")
    reporter.texts("وہ میرا فون دیکھتے ہیں")  # own words at "is it safe": the questions that stay neutral
    assert stands(world, reporter) == "help/where"
    assert not [text for text in world.air.heard[reporter.number] if "لاہور" in text]


def test_who_is_safe_confirms_the_place(world: World, reporter: Phone) -> None:
    reporter.texts("مدد لاہور میں ہوں بند ہوں")
    walk(world, reporter, "help/where", {"help/safe": "1", "help/danger": "2"})
    assert "لاہور" in world.air.heard[reporter.number][-1]


def test_two_messages_at_once_are_both_taken_one_after_the_other(world: World, reporter: Phone) -> None:
    reporter.texts(TIP)
    world.worker_sleeps = True
    start, problems = threading.Barrier(2), []

    def write(number: int) -> None:
        start.wait()
        try:
            world.intake.receive(
                Inbound("sms", f"SM-at-once-{number}", reporter.number, f"words number {number} of them"), world.now
            )
        except Exception as error:  # noqa: BLE001  shown below
            problems.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    found = kept(world)
    assert len(found) == 3
    assert {field for field, _ in found} == {None, "category", "place"}, "each answered the question that stood then"
    assert len(rows(world, reporter)) == 3


def test_who_skips_every_question_gets_thanks_and_no_empty_code(world: World, reporter: Phone) -> None:
    for text in ("1", "1"):
        reporter.texts(text)
    while stands(world, reporter):
        reporter.texts("9")
    assert reporter.unread()[-1] == translate(texts.NEUTRAL, "ur")
    assert list(all_reports(world)) == []
