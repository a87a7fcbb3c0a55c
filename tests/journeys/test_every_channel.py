"""One story by every channel: a tip with a picture or a pin, the page, the officer's question, the answer, the status."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from hotline.conversation import texts
from hotline.core.i18n import translate
from hotline.reports import attachments
from tests.journeys.desk import PIN, has_a_pin
from tests.journeys.phones import CODE, Phone
from tests.journeys.reach import Reach, reached
from tests.journeys.told import CHILDREN
from tests.journeys.ways import REPORTER, WAYS
from tests.journeys.world import World
from tests.servers import wait_until
from tests.smsc import Smsc, smsc
from tests.smsc.process import bound

QUESTION, ANSWER = "Which colour is the gate?", "سبز گیٹ نہر کے پاس"
PICTURES = {"whatsapp", "telegram", "web chat"}
MANY = 25  # messages until the code, at most


def code_of(reporter: Phone) -> str:
    """Skip every question until there is a code; gives it."""
    for _ in range(MANY):
        found = [CODE.search(text) for text in reporter.reads_all()]
        code = next((match[0] for match in found if match), "")
        if code:
            return code
        reporter.texts("9")
    raise AssertionError(f"there is no code in {reporter.network.arrived(reporter.number, 0)}")


def phones(network: Reach, by: str) -> tuple[Phone, Phone]:
    """Whoever reports, by the channel, and the officer on duty, by SMS."""
    address = "7009" if by == "telegram" else REPORTER
    return Phone(network, "reporter", f"reporter:{address}"), Phone(network, "amna", "+923000000001")


def plays(reporter: Phone, amna: Phone, world: World, *, screens: bool = False) -> None:
    """From the page on; `screens`: a screen is the answer to a call, so there is nobody to ask back."""
    amna.expects_page("P2", "Lahore")
    amna.accepts()
    amna.expects("is yours")
    code = code_of(reporter)
    has_a_pin(world)
    amna.texts(f"ask {amna.token} {PIN} {QUESTION}")
    if screens:
        amna.expects("no way back")
    else:
        amna.expects("leaves when it is safe")
        reporter.expects(QUESTION)
        reporter.texts(ANSWER)
        assert ANSWER in world.written()
        reporter.reads_all()
    reporter.texts(code)
    reporter.expects(translate(texts.STATUS_TAKEN, "ur@latin" if screens else "ur"))
    assert len(world.reports()) == 1


@pytest.mark.parametrize("by", WAYS)
def test_a_tip_a_page_a_question_an_answer_and_the_status(world: World, tmp_path: Path, by: str) -> None:
    with reached(world, tmp_path, by) as network:
        reporter, amna = phones(network, by)
        network.shows(reporter, CHILDREN)
        plays(reporter, amna, world, screens=by.startswith("ussd"))
    with world.database.reading() as tx:
        kept = [row.state for row in attachments.of_report(tx, world.report().id)]
    assert kept == (["kept"] if by in PICTURES else [])
    assert any("geo: 31.55" in text for text in world.written()) == (by == "whatsapp by Twilio")


class Operator:
    """The network of phones behind an operator's message centre."""

    def __init__(self, world: World, centre: Smsc) -> None:
        self.world, self.centre = world, centre

    def send(self, number: str, text: str, provider_id: str | None = None) -> None:
        """A deliver_sm, which must be taken."""
        del provider_id
        assert self.centre.texts(text, source_addr=number.removeprefix("+")) == 0

    def arrived(self, number: str, more_than: int, within: timedelta | None = None) -> list[str]:
        """What left for a phone, its parts joined, once nothing waits to leave."""
        del more_than, within
        self.world.database.moment += timedelta(seconds=1)
        wait_until(lambda: not self.world.rows("queued", "sending"), "the outbox")
        whole: dict[str, str] = {}
        for place, part in enumerate(self.centre.of("submitted", to=number.removeprefix("+"))):
            message = part["udh"][0][:-4] if part["udh"] else str(place)  # without the count of parts and its own
            whole[message] = whole.get(message, "") + part["text"]
        return list(whole.values())

    def buttons(self, number: str, place: int) -> Sequence[tuple[str, str]]:
        """SMS has none."""
        del number, place
        return ()


def test_so_does_an_operators_bind(world: World) -> None:
    with smsc() as centre, bound(world, centre):
        network = Operator(world, centre)
        reporter, amna = Phone(network, "reporter", REPORTER), Phone(network, "amna", "+923000000001")
        reporter.texts(CHILDREN)
        plays(reporter, amna, world)


@pytest.mark.parametrize("by", [name for name in WAYS if not name.startswith(("ussd", "web"))])
def test_a_message_that_comes_twenty_times_at_once_is_one_and_each_call_is_answered_well(
    world: World, tmp_path: Path, by: str
) -> None:
    with reached(world, tmp_path, by) as network:
        assert network.at_once(20, CHILDREN, "7009" if by == "telegram" else REPORTER) == [200] * 20
        assert world.written() == [CHILDREN]
        assert len(world.reports()) == 1
