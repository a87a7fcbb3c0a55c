"""Who has a code may ask, add and complain; who wants to be forgotten is forgotten; nobody learns more than that."""

import pytest
import sqlalchemy as sa

from hotline import reports
from hotline.conversation import texts
from hotline.core.audit import AuditRow
from hotline.core.i18n import translate
from hotline.reports.tables import Outcome, Report, Status
from tests.journeys.desk import kept, officer_of, said, stands, walk
from tests.journeys.desk import reports as all_reports
from tests.journeys.phones import PAGE, Phone
from tests.journeys.told import QUESTION
from tests.journeys.world import World

TIP = "لاہور میں اینٹوں کے بھٹے پر کام"


@pytest.fixture
def code(world: World, reporter: Phone, amna: Phone) -> str:
    """The code of a tip from Lahore, told to somebody who then put the phone away."""
    reporter.texts(TIP)
    walk(world, reporter, "tip/code")
    found = world.air.heard[reporter.number][-1].split("\n")[1]
    reporter.texts("2")
    world.forward(hours=25)
    for phone in (reporter, amna):
        phone.read = len(world.air.heard[phone.number])
    return found


@pytest.fixture
def sister(world: World) -> Phone:
    """Another phone, whose owner knows the code."""
    return world.phone("sister", "+923000000098")


def reads_all(world: World, *phones: Phone) -> None:
    for phone in phones:
        phone.read = len(world.air.heard[phone.number])


def accepts(world: World, officer: Phone) -> None:
    """Answer the last page, whenever it came."""
    officer.token = PAGE.findall(world.air.heard[officer.number][-1])[0][1]
    officer.accepts()


def test_a_code_shows_the_status_in_words_and_never_what_was_told(
    world: World, sister: Phone, amna: Phone, code: str
) -> None:
    for status in (texts.STATUS_RECEIVED, texts.STATUS_TAKEN):
        sister.texts(code)
        assert TIP not in said(sister, status)
        sister.texts("3")
        said(sister, texts.NEUTRAL)
        if status == texts.STATUS_RECEIVED:
            accepts(world, amna)


def test_an_inquiry_that_was_opened_is_not_told_as_the_end(world: World, sister: Phone, amna: Phone, code: str) -> None:
    accepts(world, amna)
    for outcome, status in ((Outcome.INQUIRY, texts.STATUS_INQUIRY), (Outcome.UNFOUNDED, texts.STATUS_CLOSED)):
        with world.transaction() as tx:
            report = tx.get_one(Report, world.report().id)
            report.status, report.outcome = Status.CLOSED, outcome
        sister.texts(code)
        said(sister, status)
        sister.texts("3")
        said(sister, texts.NEUTRAL)


@pytest.mark.parametrize("digits", ["۰۱۲۳۴۵۶۷۸۹", "0123456789"])
def test_a_code_is_understood_anywhere_and_in_any_digits(world: World, sister: Phone, code: str, digits: str) -> None:
    typed = code.translate(str.maketrans("0123456789", digits))
    for before in ((), ("salam",), ("salam", "1"), ("salam", "4"), ("salam", "5", "5")):
        for text in (*before, typed):
            sister.texts(text)
        assert stands(world, sister) == "status/found"
        sister.texts("X")
    assert len(all_reports(world)) == 1


def test_what_is_added_with_a_code_stands_on_the_report_and_lifts_it(
    world: World, sister: Phone, amna: Phone, code: str
) -> None:
    amna.read = len(world.air.heard[amna.number])
    sister.texts(code)
    sister.texts("1")
    sister.texts("آج رات بچی کو مار دیں گے")
    assert ("added", "آج رات بچی کو مار دیں گے") in kept(world, all_reports(world)[0])
    assert world.report().priority == 1
    amended = [row.data.get("via") for row in _events(world, "amended")]
    assert amended[-1] == "code"
    assert stands(world, sister) == ""


def test_own_words_at_the_status_are_added_too(world: World, sister: Phone, code: str) -> None:
    sister.texts(code)
    sister.texts("the van is white and has a broken light")
    assert (None, "the van is white and has a broken light") in kept(world, all_reports(world)[0])
    assert len(all_reports(world)) == 1


def test_what_says_nothing_is_not_added(world: World, sister: Phone, code: str) -> None:
    told = kept(world)
    sister.texts(code)
    sister.texts("😀")
    assert kept(world) == told


def test_after_the_status_the_conversation_goes_on_where_it_was(world: World, reporter: Phone) -> None:
    reporter.texts(TIP)
    walk(world, reporter, "tip/code")
    code = world.air.heard[reporter.number][-1].split("\n")[1]
    for text in ("2", code, "3", "the van is white and has a broken light"):
        reporter.texts(text)
    assert len(all_reports(world)) == 1
    assert (None, "the van is white and has a broken light") in kept(world)


def test_a_complaint_goes_to_hq_and_not_to_the_officer(
    world: World, sister: Phone, amna: Phone, fatima: Phone, code: str
) -> None:
    accepts(world, amna)
    reads_all(world, amna, fatima)
    for _ in range(2):
        sister.texts(code)
        sister.texts("2")
        sister.texts("کسی نے کچھ نہیں کیا")
    fatima.expects_page()
    assert fatima.unread() == [], "one page a day"
    assert amna.unread() == []
    assert kept(world, all_reports(world)[0]).count(("complaint", "کسی نے کچھ نہیں کیا")) == 2
    fatima.accepts()
    assert world.report().accepted_by == officer_of(world, fatima)


def test_a_complaint_at_night_wakes_hq_even_if_a_page_waits_for_its_morning(
    world: World, amna: Phone, fatima: Phone
) -> None:
    world.staff("""
        amna   lahore duty_officer
        fatima hq hq
    """)
    world.triage("P3")
    world.forward(hours=14)  # midnight in Karachi
    world.send("+923000000078", QUESTION)
    with world.transaction() as tx:
        world.engine.accept(tx, world.report().id, officer_of(world, amna), world.now, via="console")
    world.forward(days=2, minutes=5)
    fatima.is_silent()
    with world.transaction() as tx:
        world.engine.tell_top(tx, tx.merge(world.report()), world.now)
    world.settle()
    fatima.expects("no action yet")


@pytest.mark.parametrize(("choice", "words"), [("2", "nothing was done at all"), ("1", "it goes on, they are back")])
def test_news_of_a_closed_report_opens_it_anew_at_hq(
    world: World, sister: Phone, amna: Phone, fatima: Phone, code: str, choice: str, words: str
) -> None:
    with world.transaction() as tx:
        world.engine.close(tx, tx.get_one(Report, world.report().id), Outcome.UNFOUNDED, "somebody", world.now)
    reads_all(world, amna, fatima)
    sister.texts(code)
    said(sister, texts.STATUS_CLOSED)
    sister.texts(choice)
    sister.texts(words)
    fatima.expects_page()
    assert amna.unread() == []
    assert (world.report().status, world.report().outcome) == ("open", None)
    fatima.accepts()
    assert world.report().status == "accepted"


@pytest.mark.parametrize("text", ["شکریہ", "12", "👍"])
def test_thanks_open_nothing_anew(world: World, sister: Phone, fatima: Phone, code: str, text: str) -> None:
    with world.transaction() as tx:
        world.engine.close(tx, tx.get_one(Report, world.report().id), Outcome.UNFOUNDED, "somebody", world.now)
    reads_all(world, fatima)
    sister.texts(code)
    sister.texts("1")
    sister.texts(text)
    assert fatima.unread() == []


def test_a_tip_about_an_official_shows_the_same_words(world: World, sister: Phone, code: str) -> None:
    with world.transaction() as tx:
        tx.get_one(Report, world.report().id).integrity = True
    sister.texts(code)
    said(sister, texts.STATUS_RECEIVED)


def test_words_for_a_report_that_was_shredded_are_a_report_of_their_own(world: World, sister: Phone, code: str) -> None:
    with world.transaction() as tx:
        tx.get_one(Report, world.report().id).wrapped_key = None
    sister.texts(code)
    sister.texts("the van is white and has a broken light")
    assert kept(world, all_reports(world)[1]) == [(None, "the van is white and has a broken light")]


def test_a_code_that_is_none_opens_no_report_and_a_plea_in_its_place_does(world: World, sister: Phone) -> None:
    for wrong in ("1234567890", "12", reports.new_code(), "my brother has it"):
        for text in ("salam", "4", wrong):
            sister.texts(text)
    assert list(all_reports(world)) == []
    for text in ("salam", "4", "they locked us in, help"):
        sister.texts(text)
    assert kept(world) == [(None, "they locked us in, help")]


def test_a_question_that_is_asked_again_does_not_show_the_code_again(world: World, reporter: Phone) -> None:
    reporter.texts(TIP)
    walk(world, reporter, "tip/code")
    code = world.air.heard[reporter.number][-1].split("\n")[1]
    reporter.texts("kya")
    assert code not in reporter.expects(translate(texts.CODE_KNOWN, "ur"))
    reporter.texts("1")
    reporter.texts("0")
    assert code not in world.air.heard[reporter.number][-1]
    reporter.texts("0")
    reporter.texts("9")
    assert stands(world, reporter) == "tip/code"
    assert translate(texts.CODE_KNOWN, "ur") in world.air.heard[reporter.number][-1]
    world.phone("another", "+923000000097").texts(code)
    assert stands(world, world.phone("another", "+923000000097")) == "status/found"


def _events(world: World, name: str) -> list[AuditRow]:
    with world.database.reading() as tx:
        return [*tx.scalars(sa.select(AuditRow).where(AuditRow.event == name).order_by(AuditRow.seq))]
