"""Officers on Telegram, WhatsApp and the telephone: channel after channel, and a button that counts as an answer."""

from hotline.reports.tables import Status
from tests.journeys.phones import Phone
from tests.journeys.told import CHILDREN, DANGER
from tests.journeys.world import World

LADDER = """
priorities:
  P1:
    channels: [{channel: telegram}, {channel: sms, after: PT60S}, {channel: call, after: PT120S}]
  P2:
    channels: [{channel: telegram}, {channel: sms, after: PT60S}, {channel: call, after: PT120S}]
"""
STAFF = """
    amna   lahore duty_officer telegram:7001 call
    bilal  lahore assistant_director
    fatima hq hq
"""


def begin(world: World) -> tuple[Phone, Phone]:
    """The policy and the staff of these stories; Amna's Telegram and her telephone."""
    world.policy(LADDER)
    world.staff(STAFF)
    return world.phone("amna's Telegram", "telegram:7001"), world.phone("amna's telephone", "call:+923000000001")


def test_an_officer_is_reached_by_telegram_then_sms_then_a_call(
    world: World, reporter: Phone, amna: Phone, bilal: Phone
) -> None:
    telegram, call = begin(world)
    reporter.texts(CHILDREN)
    telegram.expects_page("P2", "Lahore")
    amna.is_silent()
    amna.expects_page("P2", "Lahore", within="60s")
    call.is_silent()
    call.expects_page("P2", "Lahore", within="60s")
    world.forward(minutes=27)
    bilal.is_silent()
    bilal.expects_page(within="1m")
    world.ledger_balances()


def test_a_button_accepts_and_the_channels_that_wait_stay_silent(world: World, reporter: Phone, amna: Phone) -> None:
    telegram, call = begin(world)
    reporter.texts(CHILDREN)
    telegram.expects_page()
    telegram.presses("1")
    telegram.expects("is yours")
    world.forward(minutes=10)
    for phone in (amna, call):
        phone.is_silent()
    assert world.report().status == Status.ACCEPTED


def test_a_channel_that_fails_brings_the_next_one_forward(world: World, reporter: Phone, amna: Phone) -> None:
    telegram, call = begin(world)
    world.gateway("telegram").refuses("7001")
    reporter.texts(DANGER)
    amna.expects_page("P1", "Lahore", within="1s")
    telegram.is_silent()
    call.expects_page("P1", within="60s")
    call.presses("2")
    world.phone("bilal").expects_page("P1", within="1s")


def test_a_page_without_a_receipt_brings_the_next_channel_forward(world: World, reporter: Phone, amna: Phone) -> None:
    world.policy("priorities: {P2: {channels: [{channel: sms}, {channel: call, after: PT20M}]}}")
    world.staff(STAFF.replace("telegram:7001", ""))
    call = world.phone("amna's telephone", "call:+923000000001")
    world.air.gives_no_receipt(amna.number)
    reporter.texts(CHILDREN)
    amna.expects_page()
    call.expects_page("P2", within="61s")
    assert world.events("next_channel") == ["next_channel"]


def test_an_officers_last_channel_fails_and_the_next_tier_is_paged_at_once(
    world: World, reporter: Phone, amna: Phone, bilal: Phone
) -> None:
    telegram, call = begin(world)
    world.gateway("telegram").refuses("7001")
    world.air.never_reaches(amna.number)
    world.gateway("call").refuses("+923000000001")
    reporter.texts(CHILDREN)
    bilal.expects_page("P2", "Lahore", within="2s")
    assert telegram.unread() == amna.unread() == call.unread() == []
    assert world.events("undeliverable") == ["undeliverable"]
    world.ledger_balances()
