"""A conversation keeps to the texts it began with, whatever is released meanwhile."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hotline.conversation import engine
from hotline.conversation.flow import Flows
from hotline.conversation.turn import Session
from hotline.core.db import Database
from hotline.core.settings import ROOT
from hotline.intake.flow_revisions import MAX_KNOWN, FlowRevision, Revisions, register

NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
OLD = """
steps:
  one: {ask: "An old question?", choices: [{say: Left, value: left}, {say: Right, value: right}], save: side, next: two}
  two: {ask: "Another?", save: more, goto: help}
"""


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url)
    yield made
    made.engine.dispose()


def released(folder: Path, database: Database, tip: str) -> Flows:
    """A release with this tip.yaml."""
    folder.mkdir()
    for path in filter(Path.is_file, (ROOT / "flows").iterdir()):
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "tip.yaml").write_text(tip, encoding="utf-8")
    flows = Flows.load(folder, None)
    for _ in range(2):
        with database.transaction() as tx:
            register(tx, folder, flows, NOW)
    return flows


def test_a_conversation_goes_on_in_the_revision_that_it_began_with(database: Database, tmp_path: Path) -> None:
    old = released(tmp_path / "old", database, OLD)
    session = engine.start(old, "tip", "en").session
    assert session is not None
    today = Revisions(released(tmp_path / "new", database, (ROOT / "flows/tip.yaml").read_text(encoding="utf-8")))
    with database.reading() as tx:
        flows = today.of(tx, session)
        turn = engine.resume(flows, session, "2")
        assert turn.effects[0].data["value"] == "right"
        assert (turn.says[0].text, turn.session and turn.session.step) == ("Another?", "two")
        assert turn.session is not None
        assert today.of(tx, turn.session) is flows, "read once"
        onward = engine.resume(flows, turn.session, "in own words").session
        assert onward is not None
        assert (onward.flow, today.of(tx, onward)) == ("help", today.current)


@pytest.mark.parametrize(
    ("flow", "revision", "body"),
    [
        ("tip", "unknown00000", None),
        ("nothing", "unknown00000", None),
        ("tip", "", None),
        ("tip", "gone00000000", "steps: {one: {ask: Where, save: x, goto: no_such_flow}}"),
        ("tip", "words0000000", "steps: {one: {ask: Q, choices: [{say: A, words: [GONE]}, {say: B}], next: one}}"),
        ("tip", "shape0000000", "steps: 12"),
    ],
)
def test_what_is_not_stored_or_fits_no_more_goes_on_with_todays(
    database: Database, flow: str, revision: str, body: str | None
) -> None:
    today = Revisions(Flows.load(ROOT / "flows", None))
    if body is not None:
        with database.transaction() as tx:
            tx.add(FlowRevision(name=flow, revision=revision, body=body, registered_at=NOW))
    with database.reading() as tx:
        assert today.of(tx, Session(flow, revision, "one", "ur")).flows == today.current.flows


def test_only_so_many_are_kept_in_memory(database: Database) -> None:
    today = Revisions(Flows.load(ROOT / "flows", None))
    with database.transaction() as tx:
        for number in range(MAX_KNOWN + 3):
            tx.add(FlowRevision(name="tip", revision=f"r{number}", body=OLD, registered_at=NOW))
    with database.reading() as tx:
        for number in range(MAX_KNOWN + 3):
            assert today.of(tx, Session("tip", f"r{number}", "one", "ur")).flows["tip"].first == "one"
    assert len(today._known) == MAX_KNOWN
