"""What people write is kept, answered once, and never lost."""

import pytest
import sqlalchemy as sa

from hotline import reports
from hotline.messaging import contacts, outbox
from hotline.messaging.contacts import Contact
from hotline.messaging.outbox import OutboxRow
from hotline.reports.tables import Report
from tests.journeys.phones import Phone
from tests.journeys.world import World

pytestmark = pytest.mark.one_database


def test_a_first_message_with_substance_is_a_report_before_any_menu(
    world: World, reporter: Phone, fatima: Phone
) -> None:
    reporter.texts("Girls are locked in a house near the station")
    fatima.expects_page()
    reporter.expects("Staff is being told right now", "Where")
    assert world.written() == ["Girls are locked in a house near the station"]


def test_a_greeting_gets_the_menu_and_opens_nothing(world: World, reporter: Phone) -> None:
    reporter.texts("السلام علیکم")
    reporter.expects("1 ", "2 ", "3 ")
    with world.transaction() as tx:
        assert tx.scalars(sa.select(Report)).all() == []


def test_each_answer_amends_the_report_and_a_broken_off_conversation_keeps_them(
    world: World, reporter: Phone, amna: Phone
) -> None:
    reporter.texts("1")
    reporter.expects("1 ")
    reporter.texts("1")
    reporter.expects("\n")
    reporter.texts("3")
    reporter.expects("")
    reporter.texts("Lahore")
    reporter.expects("")
    amna.expects_page("P2", "Lahore")
    world.forward(hours=30)
    assert len(world.written()) == 2


def test_a_plea_for_help_is_a_report_of_its_own_kind_with_a_neutral_answer(
    world: World, reporter: Phone, fatima: Phone
) -> None:
    reporter.texts("مدد")
    fatima.expects_page("P2")
    answer = reporter.expects("1 ", "2 ")
    assert not [word for word in ("ایف آئی اے", "اسمگلنگ", "پولیس") if word in answer]
    assert world.report().kind == "help"


def test_the_same_webhook_twice_is_one_message(world: World, reporter: Phone, fatima: Phone) -> None:
    for _ in range(3):
        reporter.texts("they beat the workers here every day", provider_id="SM1")
    fatima.expects_page()
    reporter.expects("Staff is being told right now")
    world.everybody_is_silent()
    assert len(world.written()) == 1


def test_x_ends_at_once_and_silently(world: World, reporter: Phone, fatima: Phone) -> None:
    reporter.texts("مدد")
    fatima.expects_page()
    reporter.expects("1 ")
    for word in ("X", "00", "STOP"):
        reporter.texts(word)
    world.everybody_is_silent()


def test_after_the_end_one_more_word_is_added_to_the_same_report(world: World, reporter: Phone, fatima: Phone) -> None:
    reporter.texts("Girls are locked in a house")
    for answer in ("9", "9", "2"):
        reporter.texts(answer)
    reporter.texts("The car is a white van with a broken light")
    assert world.written()[-1] == "The car is a white van with a broken light"
    with world.transaction() as tx:
        assert len(tx.scalars(sa.select(Report)).all()) == 1
    fatima.expects_page()


def test_a_late_reply_is_held_until_they_write_and_no_single_operator_releases_it(
    world: World, reporter: Phone
) -> None:
    world.worker_sleeps = True
    reporter.texts("salam")
    world.forward(minutes=16)
    world.worker_sleeps = False
    world.settle()
    world.everybody_is_silent()
    with world.transaction() as tx:
        row = tx.scalars(sa.select(OutboxRow).where(OutboxRow.contact_id.is_not(None))).one()
        assert (row.state, row.reason) == ("held", "late")
        assert not outbox.release(tx, row.id, world.now)
    reporter.texts("salam")  # a word from them is what makes it safe again
    assert len(reporter.unread()) == 2


def test_wrong_codes_are_slowed_down_and_messages_never_are(world: World, reporter: Phone, fatima: Phone) -> None:
    for _ in range(contacts.MAX_CODE_MISSES):
        reporter.texts(reports.new_code())
        reporter.expects("نہیں ملا")
    reporter.texts(reports.new_code())
    assert "نہیں ملا" not in reporter.expects("بعد میں")
    reporter.texts("Ten people work in the cellar")
    fatima.expects_page()


def test_nothing_that_people_wrote_or_their_number_stands_in_the_database(world: World, reporter: Phone) -> None:
    reporter.texts("Canary Bashir 35202-1234567-1 locked ten people in")
    reporter.texts("7")
    reporter.texts("کینری بشیر")
    with world.transaction() as tx:
        raw = []
        for table in Contact.metadata.sorted_tables:
            raw += [repr(tuple(row)) for row in tx.execute(sa.select(table))]
    dump = "\n".join(raw)
    assert "opened" in dump
    for secret in ("Canary", "35202", "کینری", "3000000099", "0000099"):
        assert secret not in dump
        assert secret.encode().hex() not in dump


@pytest.mark.parametrize(
    ("answer", "safety"), [("2", "pull_only"), ("1", "ok_now"), ("وہ میرا فون دیکھتے ہیں", "pull_only")]
)
def test_what_a_person_says_about_safety_is_kept(world: World, reporter: Phone, answer: str, safety: str) -> None:
    reporter.texts("مدد")
    reporter.texts(answer)
    with world.transaction() as tx:
        assert tx.scalars(sa.select(Contact)).one().safety == safety


def test_codes_guessed_within_a_conversation_count_too_and_are_kept_as_answers(world: World, reporter: Phone) -> None:
    reporter.texts("Ten people work in the cellar")
    for _ in range(contacts.MAX_CODE_MISSES + 2):
        reporter.texts(reports.new_code())
    with world.transaction() as tx:
        assert tx.scalars(sa.select(Contact)).one().code_misses == contacts.MAX_CODE_MISSES
    assert len(world.written()) == contacts.MAX_CODE_MISSES + 3


def test_who_skips_every_question_gets_thanks_and_no_empty_code(world: World, reporter: Phone) -> None:
    for text in ("1", "1", *["9"] * 4):  # the menu, a tip, and its four questions
        reporter.texts(text)
    assert reporter.unread()[-1] == "ٹھیک ہے۔ شکریہ۔"
    with world.transaction() as tx:
        assert tx.scalars(sa.select(Report)).all() == []


@pytest.mark.parametrize(
    ("age", "value"),
    [("main 11 sal ki hun", "child"), ("میری عمر ۱۵ سال ہے", "child"), ("25 sal, 3 sal se yahan", "adult")],
)
def test_an_age_in_own_words_is_understood(world: World, reporter: Phone, age: str, value: str | None) -> None:
    for text in ("مدد", "1", "2", "9", "1", age):
        reporter.texts(text)
    with world.transaction() as tx:
        written = reports.read_entries(tx, reports.pick_up(tx, world.keys, world.report()))
    assert [(entry.text, entry.value) for entry in written if entry.field == "age"] == [(age, value)]
