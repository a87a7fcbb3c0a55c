"""USSD from the dial to the officer, through each provider's door: what is shown, what is kept, what breaks off."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.journeys.phones import Phone
from tests.journeys.world import World
from tests.support.handsets import PHONES, AfricasTalkingPhone, Handset, HubtelPhone, InfobipPhone, Network, network

pytestmark = pytest.mark.one_database

CODE = re.compile(r"\d{10}")
WHERE = "Lahore ke qareeb bhatta"
WHAT = "larke zanjeer se * bandhe, raat ko * gari"
MENU, FIRST = "Salam.", "Kis bare mein?"
GOES_ON, GOODBYE = "Pichli baat se aage:", "Theek hai. Shukriya."


@pytest.fixture
def air(world: World, tmp_path: Path) -> Iterator[Network]:
    """The providers, and the application that they call."""
    with network(world, tmp_path) as made:
        yield made


@pytest.fixture(params=PHONES, ids=lambda kind: kind.__name__)
def handset(request: pytest.FixtureRequest, air: Network) -> Handset:
    """A phone in the street, on each provider."""
    return air.phone(request.param)


@pytest.fixture
def phone(air: Network) -> AfricasTalkingPhone:
    """A phone in the street, on one of them."""
    made = air.phone(AfricasTalkingPhone)
    assert isinstance(made, AfricasTalkingPhone)
    return made


def nothing_waits_for_the_public(world: World) -> None:
    assert [row for row in world.rows() if row.contact_id is not None] == []


def test_a_whole_tip_pages_the_circle_and_its_code_tells_the_status(
    air: Network, handset: Handset, world: World, amna: Phone
) -> None:
    menu = air.read(handset, handset.dial())
    assert menu.startswith(MENU)
    assert menu.endswith("6 Zaban/Language")
    assert "6 Kuch aur" in air.read(handset, air.typed(handset, "1"))
    code = CODE.search(air.typed(handset, "1", WHERE, "1", WHAT))
    assert code is not None
    assert world.written() == ["1", WHERE, "1", WHAT]
    assert air.typed(handset, "2").startswith("Shukriya.")
    assert not handset.on
    amna.expects_page("P2", "Lahore", within="10s")
    amna.accepts()
    assert world.report().accepted_by is not None
    handset.dial()
    assert "Hamara staff" in air.typed(handset, "4", code[0])
    assert air.typed(handset, "1", "ab 6 hain").startswith("Shukriya.")
    assert world.written()[-1] == "ab 6 hain"
    nothing_waits_for_the_public(world)


def test_one_answer_and_silence_is_a_report_with_somebody(
    air: Network, phone: AfricasTalkingPhone, world: World
) -> None:
    phone.dial()
    air.typed(phone, "1", "3")
    assert world.written() == ["3"]
    assert world.pages()


def test_words_instead_of_a_number_are_a_report_at_once(air: Network, handset: Handset, world: World) -> None:
    handset.dial()
    assert "Lahore" in air.typed(handset, WHERE + " mein bachay qaid hain")
    assert world.written() == [WHERE + " mein bachay qaid hain"]
    assert world.report().circle == "lahore"


def test_a_redial_goes_on_where_it_broke_off_and_zero_leads_to_the_start(
    air: Network, handset: Handset, world: World
) -> None:
    handset.dial()
    asked = air.typed(handset, "1", "1")
    air.wait(hours=5)
    assert handset.dial() == f"{GOES_ON}\n{asked}"
    air.typed(handset, WHERE)
    assert world.written() == ["1", WHERE]
    handset.dial()
    assert air.typed(handset, "0") == asked
    assert air.typed(handset, "0").startswith(FIRST)
    assert air.typed(handset, "0").startswith(MENU)


def test_digits_dialled_behind_the_code_answer_no_question_that_nobody_saw(
    air: Network, phone: AfricasTalkingPhone, world: World
) -> None:
    phone.dial()
    asked = air.typed(phone, "1", "1", WHERE)
    assert phone.dial("2") == f"{GOES_ON}\n{asked}"
    assert world.written() == ["1", WHERE]


def test_a_code_dialled_behind_the_code_shows_the_status(air: Network, phone: AfricasTalkingPhone) -> None:
    phone.dial()
    found = CODE.search(air.typed(phone, "1", "1", WHERE, "1", WHAT))
    assert found is not None
    air.typed(phone, "2")
    assert phone.dial(found[0]).startswith("Aap ka message")


def test_a_place_is_shown_in_letters_that_every_phone_has(air: Network, phone: AfricasTalkingPhone) -> None:
    phone.dial()
    shown = air.typed(phone, "لاہور میں بچے قید ہیں")
    assert "Lahore" in shown
    assert shown.isascii()


def test_the_questions_to_somebody_at_risk_are_not_shown_to_who_dials_later(
    air: Network, phone: AfricasTalkingPhone
) -> None:
    phone.dial()
    asked = air.typed(phone, "2", "1")
    air.wait(minutes=10)
    assert phone.dial() == f"{GOES_ON}\n{asked}"
    air.wait(minutes=20)
    assert phone.dial().startswith(MENU)


def test_a_menu_that_was_left_is_a_menu_again(air: Network, phone: AfricasTalkingPhone) -> None:
    menu = air.read(phone, phone.dial())
    assert "3 English" in air.typed(phone, "6")
    assert air.read(phone, phone.dial()) == menu


def test_a_status_is_not_shown_again_to_who_only_dials(air: Network, phone: AfricasTalkingPhone) -> None:
    phone.dial()
    found = CODE.search(air.typed(phone, "1", "1", WHERE, "1", WHAT))
    assert found is not None
    air.typed(phone, found[0])
    assert phone.dial().startswith(MENU)


@pytest.mark.parametrize("word", ["X", "00"])
def test_who_leaves_sees_a_last_screen_that_says_nothing(air: Network, phone: AfricasTalkingPhone, word: str) -> None:
    phone.dial()
    assert air.typed(phone, "1", word) == GOODBYE
    assert not phone.on
    assert phone.dial().startswith(MENU)


def test_who_is_not_safe_sees_nothing_more(air: Network, phone: AfricasTalkingPhone, world: World) -> None:
    phone.dial()
    assert air.typed(phone, "2", "2") == GOODBYE
    assert not phone.on
    assert world.report().kind == "help"


def test_after_a_word_of_duress_every_screen_is_the_same_and_words_are_kept(
    air: Network, phone: AfricasTalkingPhone, world: World
) -> None:
    phone.dial()
    air.typed(phone, "1", "1", WHERE)
    assert air.typed(phone, "wrong number") == GOODBYE
    assert not phone.on
    assert phone.dial() == GOODBYE
    assert not phone.on
    assert phone.dial("woh mujhe maar rahe hain") == GOODBYE
    assert world.events("duress") == ["duress"]
    assert [report.priority for report in world.reports()] == [1, 1]


def test_the_end_of_a_session_shows_nothing_and_loses_nothing(
    air: Network, phone: AfricasTalkingPhone, world: World
) -> None:
    phone.dial()
    asked = air.typed(phone, "1", "1")
    before = world.written()
    for status in ("Incomplete", "Success", "Failed"):
        answer = phone.hangs_up(status)
        assert (answer.status_code, answer.data) == (204, b"")
    assert world.written() == before
    assert phone.dial() == f"{GOES_ON}\n{asked}"


def test_other_providers_tell_of_the_end_too(air: Network, world: World) -> None:
    for number, kind in (("+923000000071", HubtelPhone), ("+923000000072", InfobipPhone)):
        handset = air.phone(kind, number)
        handset.dial()
        asked = air.typed(handset, "1", "1")
        assert isinstance(handset, HubtelPhone | InfobipPhone)
        handset.hangs_up()
        assert handset.dial() == f"{GOES_ON}\n{asked}"
    assert len(world.reports()) == 2


def test_words_that_found_us_away_come_with_the_end_of_the_session(
    air: Network, phone: AfricasTalkingPhone, world: World
) -> None:
    phone.dial()
    air.typed(phone, "1", "1", WHERE, "1")
    with world.database.engine.begin() as line:
        line.execute(sa.text("ALTER TABLE inbound RENAME TO away"))
    phone.typed += f"*{WHAT}"
    answer = phone.hop()
    assert (answer.status_code, answer.data) == (503, b"")
    with world.database.engine.begin() as line:
        line.execute(sa.text("ALTER TABLE away RENAME TO inbound"))
    for _ in range(2):
        assert phone.hangs_up("Failed").status_code == 204
    assert world.written() == ["1", WHERE, "1", WHAT]
    assert phone.dial().startswith(GOES_ON)


def test_a_page_that_was_asked_for_is_not_an_answer(air: Network, world: World) -> None:
    handset = air.phone(PHONES[2])
    assert handset.dial().split("\n")[-1].startswith("99 ")
    assert air.typed(handset, "99") == "5 Kuch aur\n6 Zaban/Language"
    assert world.reports() == []
    assert air.typed(handset, "1").startswith(FIRST)  # an option of the first page counts on the second
    assert air.typed(handset, "99") == "5 Agent, bahar bhejna\n6 Kuch aur"
    asked = air.typed(handset, "5")
    assert world.written() == ["5"]
    assert air.typed(handset, "99") != asked  # where nothing is left to read on, it is an answer
    assert world.written() == ["5", "99"]


def test_somebody_who_writes_by_sms_and_dials_is_two_people_to_us(
    air: Network, phone: AfricasTalkingPhone, world: World, reporter: Phone
) -> None:
    reporter.texts("Lahore mein bachay qaid hain")
    reporter.reads_all()
    assert phone.dial().startswith(MENU)
    air.typed(phone, "1", "1")
    assert {report.channel for report in world.reports()} == {"sms", "ussd"}
    reporter.is_silent()


def test_the_phone_of_an_officer_is_a_phone_of_the_public(air: Network, world: World, amna: Phone) -> None:
    handset = air.phone(AfricasTalkingPhone, amna.number)
    assert handset.dial().startswith(MENU)
    assert air.typed(handset, "1").startswith(FIRST)
    amna.is_silent()
