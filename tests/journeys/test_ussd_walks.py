"""USSD, whatever is typed and however it breaks off: screens that fit, and no word that is lost."""

from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hotline import reports
from hotline.channels.contract import Hop, Screen
from hotline.channels.sms_encoding import encode_plan
from hotline.conversation import engine
from hotline.conversation.flow import Flows
from hotline.conversation.rendering import render
from hotline.conversation.schema import PARAMS
from hotline.conversation.screens import pages
from hotline.conversation.turn import Session
from hotline.core.i18n import LANGUAGES
from hotline.reports.tables import Report
from tests.conftest import NewDatabase
from tests.intake.test_ussd import Line, stored
from tests.journeys.world import World

FLOWS = Flows.load(Path("flows"))
WORDS = st.one_of(
    st.sampled_from(
        ["1", "2", "4", "7", "9", "0", "00", "99", "", "*", "X", "menu", "madad", "wrong number", "4821736050"]
    ),
    st.sampled_from(["Lahore ke paas * bhatta", "بچے قید ہیں", "salam", "english", "5 log band hain", "Kasur"]),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60),
)
HOPS = st.lists(st.tuples(st.sampled_from(["answer", "answer", "answer", "again", "begin", "end"]), WORDS), max_size=9)


@pytest.mark.long
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hops=HOPS, together=st.booleans(), room=st.sampled_from([120, 160]))
def test_any_walk_shows_screens_that_fit_and_loses_no_words(
    new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory, hops: list[tuple[str, str]],
    together: bool, room: int,
) -> None:  # fmt: skip
    with new_database() as url:
        world = World(url, tmp_path_factory.mktemp("walk"))
        line = Line(world, shape=Hop("", "answer", joined=together, room=room))
        _walk(line, hops)
        world.database.engine.dispose()


def _walk(line: Line, hops: list[tuple[str, str]]) -> None:
    phone = Walker(line)
    said = []
    phone.dials()
    for kind, text in hops:
        if kind == "begin" or (kind == "answer" and not phone.on):
            phone.dials()
        elif kind == "answer":
            phone.types(text)
            said.append(text)
        else:
            phone.repeats(end=kind == "end")
    kept = _kept(line.world)
    telling = [text for text in said if FLOWS.words.contains(text) & {"HELD"}]
    assert [text for text in telling if text not in kept] == []


@dataclass
class Walker:
    """Somebody with a phone, who does anything."""

    line: Line
    sent: str = ""
    hops: int = 0
    on: bool = False
    _sessions: Any = field(default_factory=lambda: count(1))

    def dials(self) -> None:
        self.line.session, self.sent, self.hops = f"w{next(self._sessions)}", "", 0
        self._shows(self.line.hop("", "begin", 0))

    def types(self, text: str) -> None:
        joined = self.line.shape.joined and self.sent != ""
        self.sent, self.hops = f"{self.sent}*{text}" if joined else text, self.hops + 1
        self._shows(self.line.hop(self.sent, "answer", self.hops))

    def repeats(self, *, end: bool) -> None:
        before = stored(self.line.world)
        screen = self.line.hop(self.sent, "end" if end else "answer", self.hops)
        assert stored(self.line.world) == before
        self._shows(screen)

    def _shows(self, screen: Screen) -> None:
        plan, room = encode_plan(screen.text), self.line.shape.room
        assert plan.units <= (room if plan.alphabet == "gsm" else room // 2)
        assert screen.text.strip()
        self.on = screen.goes_on


def _kept(world: World) -> list[str]:
    with world.transaction() as tx:
        found = [reports.pick_up(tx, world.keys, report) for report in tx.scalars(sa.select(Report))]
        return [entry.text for pen in found for entry in reports.read_entries(tx, pen)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("flow", sorted(FLOWS.flows))
def test_every_question_of_every_flow_is_one_screen(flow: str, language: str) -> None:
    """Every way through a flow, as the turns come: several texts of one turn are one screen."""
    waiting, seen = [engine.start(FLOWS, flow, language, report="r", carry="c")], set[str]()
    while waiting:
        turn = waiting.pop()
        shown = dict.fromkeys(PARAMS, "4821736050")
        text = "\n".join(render(say, language, "ussd", shown) for say in turn.says)
        assert pages(text, "en") == [text]
        assert encode_plan(text).alphabet == "gsm"
        if turn.session is None or turn.session.flow != flow or text in seen:
            continue
        seen.add(text)
        answers = [number for number, _ in turn.says[-1].choices] or ["9"]
        session = Session.from_json(turn.session.to_json())
        waiting += [engine.resume(FLOWS, session, answer) for answer in (*answers, "hum yahan hain bhai")]
    assert seen
