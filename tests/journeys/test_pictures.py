"""Pictures, voices and places: without a word they are a tip, between questions they are added, with a code they follow it."""

import pytest
import sqlalchemy as sa

from hotline.conversation import texts
from hotline.core.i18n import translate
from hotline.reports import attachments
from hotline.reports.attachments.tables import COPY, ORIGINAL, Attachment
from hotline.reports.tables import Report
from tests.journeys.phones import Phone
from tests.journeys.told import CHILDREN
from tests.journeys.world import World
from tests.reports.attachments import samples

PIN = "geo: 31.5, 74.3"
ADDED = translate(texts.ADDED, "ur")


def sends(world: World, phone: Phone, *files: bytes, text: str = "") -> None:
    """A message with files."""
    world.send(phone.number, text, None, *(files or (samples.png(),)))


def enclosed(world: World, report: Report | None = None) -> list[Attachment]:
    """What came to a report, or to the only one."""
    with world.database.reading() as tx:
        return attachments.of_report(tx, (report or world.report()).id)


def opens(world: World, report: Report, part: str = COPY) -> list[bytes]:
    """All that came to a report, as the console opens it."""
    with world.database.transaction() as tx:
        mine = tx.get_one(Report, report.id)
        found = [attachments.open_part(tx, world.keys, mine, row.id, part) for row in enclosed(world, report)]
    return [one.body for one in found if one is not None]


def tells_all(reporter: Phone) -> str:
    """The whole tip, to the last question; gives the code."""
    reporter.texts(CHILDREN)
    while not reporter.code:
        assert len(reporter.network.arrived(reporter.number, 0)) < 20, "there is no code"
        reporter.texts("9")
        reporter.expects("")
    reporter.reads_all()
    return reporter.code


def test_a_tip_that_is_only_a_picture_is_a_tip(world: World, reporter: Phone, fatima: Phone) -> None:
    sends(world, reporter)
    fatima.expects_page("P2")
    reporter.expects(translate(texts.ACKNOWLEDGED, "ur"), "1 ")
    assert world.written() == [""]
    assert [row.state for row in enclosed(world)] == ["waiting"]
    reporter.texts("1")
    reporter.expects("")
    assert world.report().category == "forced_labour"
    world.collects()
    assert len(opens(world, world.report())) == 1
    world.ledger_balances()


def test_a_place_alone_is_a_tip(world: World, reporter: Phone, fatima: Phone) -> None:
    reporter.texts(PIN)
    fatima.expects_page("P2")
    assert world.written() == [PIN]


@pytest.mark.parametrize("before", [("hello",), ("hello", "1"), ("hello", "2"), ("hello", "4")])
def test_a_picture_in_a_menu_opens_the_report(world: World, reporter: Phone, before: tuple[str, ...]) -> None:
    for text in before:
        reporter.texts(text)
    assert world.reports() == []
    sends(world, reporter)
    assert world.report().kind == ("help" if before[-1] == "2" else "tip")
    assert len(enclosed(world)) == 1
    assert reporter.unread()


def test_a_picture_beside_a_number_of_the_menu_is_kept_with_what_follows(world: World, reporter: Phone) -> None:
    reporter.texts("hello")
    sends(world, reporter, text="1")
    reporter.texts("people are locked in a house in Lahore")
    assert len(enclosed(world)) == 1
    assert "people are locked in a house in Lahore" in world.written()


def test_words_under_a_picture_are_the_tip(world: World, reporter: Phone, amna: Phone) -> None:
    sends(world, reporter, samples.jpeg(), samples.png(), text=CHILDREN)
    amna.expects_page("P2", "Lahore")
    assert world.written() == [CHILDREN]
    assert [row.number for row in enclosed(world)] == [1, 2]


def test_an_album_between_questions_is_added_and_no_question_is_passed_over(world: World, reporter: Phone) -> None:
    reporter.texts(CHILDREN)
    question = reporter.expects("1 ").partition("\n")[2]
    for _ in range(3):
        sends(world, reporter)
        assert reporter.expects(ADDED).endswith(question)
    assert len(enclosed(world)) == 3
    assert world.written() == [CHILDREN]
    reporter.texts("1")
    assert world.report().category is not None


def test_when_all_is_said_a_picture_is_one_more_word(world: World, reporter: Phone, amna: Phone) -> None:
    tells_all(reporter)
    sends(world, reporter)
    reporter.expects(ADDED)
    assert len(enclosed(world)) == 1
    world.forward(hours=3)
    sends(world, reporter)
    assert len(enclosed(world)) == 2


def test_a_picture_goes_with_the_code_from_whichever_phone(world: World, reporter: Phone) -> None:
    code = tells_all(reporter)
    other = world.phone("another phone", "+923000000078")
    other.texts(code)
    other.reads_all()
    sends(world, other, samples.jpeg())
    other.expects(ADDED)
    sends(world, world.phone("a third", "+923000000077"), text=code)
    assert len(world.reports()) == 1
    world.collects()
    assert [row.state for row in enclosed(world)] == ["kept", "kept"]
    assert len(opens(world, world.report(), ORIGINAL)) == 2
    with world.transaction() as tx:
        tx.execute(sa.update(Attachment).values(wrapped_key=b"\0" * 80))
    with pytest.raises(Exception, match="not on record"):
        opens(world, world.report())


def test_after_a_change_of_circle_and_of_lane_they_open_with_the_report(world: World, reporter: Phone) -> None:
    sends(world, reporter, samples.jpeg(), text=CHILDREN)
    world.collects()
    before = world.report()
    for answer in ("1", "Karachi", "1", "9", "1", "9", "2", "1"):
        reporter.texts(answer)
    after = world.report()
    assert (after.circle, after.integrity) == ("hq", True)
    assert after.key_id != before.key_id
    assert [row.key_id for row in enclosed(world)] == [None], "no circle's key opens it, but the report's"
    assert len(opens(world, after)) == 1


def test_who_leaves_with_a_picture_hears_nothing_and_the_picture_is_kept(world: World, reporter: Phone) -> None:
    reporter.texts(CHILDREN)
    reporter.reads_all()
    sends(world, reporter, text="STOP")
    reporter.is_silent()
    assert len(enclosed(world)) == 1


def test_an_officers_picture_is_not_taken_for_a_tip(world: World, reporter: Phone, amna: Phone) -> None:
    reporter.texts(CHILDREN)
    amna.expects_page()
    sends(world, amna, text=f"1 {amna.token}")
    assert world.report().status == "accepted"
    assert enclosed(world) == []


def test_a_picture_beside_the_word_of_duress_is_kept_without_a_word(world: World, reporter: Phone, amna: Phone) -> None:
    reporter.texts(CHILDREN)
    reporter.reads_all()
    sends(world, reporter, text="wrong number")
    world.collects()
    reporter.is_silent()
    assert len(opens(world, world.report())) == 1
    amna.expects_page("P2")
    amna.expects_page("P1")
