"""What operators type: the contract of each command's output, and errors that a person can mend."""

import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from hotline.cli import main
from hotline.core import audit, db
from hotline.core.audit import AuditRow
from hotline.core.settings import PREFIX, ROOT
from hotline.escalation.policy import PolicyRow
from hotline.local.demo.setup import DIRECTORY
from hotline.messaging import outbox
from hotline.messaging.outbox import OutboxRow
from tests.journeys.world import World

REPORT_FIELDS = "id kind status priority level circle category district language channel campaign opened_at accepted_at due_at integrity"
TIP = "لاہور میں اینٹوں کے بھٹے پر زبردستی کام"


class Shell:
    """A terminal on a machine of its own."""

    def __init__(self, url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.url, self.folder, self.patch = url, folder, monkeypatch
        for name in [name for name in os.environ if name.startswith(PREFIX)]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("HOTLINE_DATABASE_URL", url)
        monkeypatch.setenv("HOTLINE_KEYS_DIR", str(folder / "keys"))

    def types(self, *words: str, fails: bool = False) -> str:
        """Run `hotline words…`; the output. A failure is a line that begins with Error, and never a traceback."""
        result = self.run(*words)
        if fails:
            assert result.exit_code == 1, result.output
            assert isinstance(result.exception, SystemExit), result.exception
            assert result.output.startswith("Error: ")
        else:
            assert result.exit_code == 0, result.output
        return result.output

    def run(self, *words: str) -> Result:
        """Run it, whatever comes of it."""
        return CliRunner().invoke(main, words)


@pytest.fixture
def shell(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """On a migrated database, without keys."""
    return Shell(database_url, tmp_path, monkeypatch)


@pytest.fixture
def world(shell: Shell) -> Iterator[World]:
    """A hotline on the shell's database."""
    made = World(shell.url, shell.folder)
    yield made
    made.database.engine.dispose()


def test_keys_are_made_once(shell: Shell) -> None:
    assert shell.types("keys", "new") == "made intake.key, drill.key, worker.key, console.key, integrity.key\n"
    before = (shell.folder / "keys" / "worker.key").read_bytes()
    assert shell.types("keys", "new") == "all keys are there already\n"
    assert (shell.folder / "keys" / "worker.key").read_bytes() == before


def test_a_release_migrates_and_registers_the_policy_and_may_be_repeated(
    empty_database_url: str, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOTLINE_DATABASE_URL", empty_database_url)
    for _ in range(2):
        assert shell.types("release") == ""
    database = db.Database(empty_database_url)
    with database.reading() as tx:
        assert len(tx.scalars(sa.select(PolicyRow)).all()) == 1
    database.engine.dispose()
    assert not (shell.folder / "keys").exists(), "keys are made by a person, but in the demo"


def test_a_directory_is_loaded_and_loading_it_again_changes_nothing(shell: Shell) -> None:
    shell.types("keys", "new")
    for _ in range(2):
        assert shell.types("load", str(DIRECTORY)) == "3 zones, 3 circles, 10 officers, 10 shifts\n"


def test_a_directory_with_an_error_is_refused_with_its_place(shell: Shell) -> None:
    shell.types("keys", "new")
    bad = shell.folder / "staff.yaml"
    bad.write_text(DIRECTORY.read_text(encoding="utf-8").replace("officer: amna", "officer: anna", 1), encoding="utf-8")
    said = shell.types("load", str(bad), fails=True)
    assert re.fullmatch(r"Error: [\w-]+/staff\.yaml:\d+: shifts\.0\.officer: no officer anna\n", said)
    assert "lahore" not in shell.types("roster", fails=False)


def test_reports_are_listed_in_the_fields_of_the_contract_and_no_others(shell: Shell, world: World) -> None:
    world.send("+923000000099", TIP)
    world.forward(minutes=30)
    (found,) = json.loads(shell.types("reports", "--json"))
    assert list(found) == REPORT_FIELDS.split()
    report = world.report()
    assert found == {
        "id": report.id, "kind": "tip", "status": "open", "priority": "P2", "level": 1, "circle": "lahore", "category": None,
        "district": "lahore", "language": "ur", "channel": "sms", "campaign": None, "integrity": False, "accepted_at": None,
        "opened_at": report.opened_at.isoformat(), "due_at": "2026-11-23T06:00:00+00:00",
    }  # fmt: skip
    text = shell.types("reports")
    assert text.count("\n") == 1
    assert f"id={report.id}" in text


def test_the_newest_report_stands_first(shell: Shell, world: World) -> None:
    for number in ("+923000000097", "+923000000098"):
        world.send(number, TIP)
        world.forward(minutes=1)
    opened = [found["opened_at"] for found in json.loads(shell.types("reports", "--json"))]
    assert opened == sorted(opened, reverse=True)
    assert len(opened) == 2


@pytest.mark.parametrize("command", ["reports", "outbox"])
def test_an_empty_list_is_a_list(shell: Shell, command: str) -> None:
    assert json.loads(shell.types(command, "--json")) == []
    assert shell.types(command) == ""


def test_the_outbox_shows_states_and_never_texts_or_addresses(shell: Shell, world: World) -> None:
    world.send("+923000000099", TIP)
    found = json.loads(shell.types("outbox", "--json"))
    assert {(row["audience"], row["state"], row["channel"]) for row in found} == {
        ("public", "sent", "sms"), ("officer", "sent", "sms"),
    }  # fmt: skip
    fields = "id channel state reason priority report_id attempts created_at sent_at delivered_at audience"
    assert [list(row) for row in found] == [fields.split()] * 2
    assert "3000000" not in json.dumps(found)


def hold(world: World, reason: str = "unknown_fate") -> str:
    """A held message."""
    world.worker_sleeps = True
    world.send("+923000000099", "salam")
    with world.transaction() as tx:
        row = tx.scalars(sa.select(OutboxRow)).one()
        outbox.stop(row, outbox.OutboxState.HELD, reason)
        return row.id


@pytest.mark.parametrize(
    ("words", "state", "event"),
    [
        (("outbox", "release", "--reason", "asked"), "queued", "outbox_released"),
        (("outbox", "discard"), "withdrawn", "outbox_discarded"),
    ],
)
def test_a_person_decides_about_a_held_message_once_and_on_record(
    shell: Shell, world: World, words: tuple[str, ...], state: str, event: str
) -> None:
    row = hold(world)
    shell.types(*words, row)
    assert [found["state"] for found in json.loads(shell.types("outbox", "--json"))] == [state]
    assert "no held message of this id" in shell.types(*words, row, fails=True)
    assert world.events(event) == [event]
    with world.database.reading() as tx:
        assert tx.scalars(sa.select(AuditRow.actor).where(AuditRow.event == event)).one() == "operator"


def test_a_late_message_is_not_released_by_one_person_and_it_is_said_what_becomes_of_it(
    shell: Shell, world: World
) -> None:
    row = hold(world, "late")
    before = shell.types("outbox", "--json")
    said = shell.types("outbox", "release", row, "--reason", "safe", fails=True)
    for part in ("because it is late", "writes again or a safe hour", "two officers", "Nothing was changed"):
        assert part in said
    assert shell.types("outbox", "--json") == before
    assert world.events("outbox_released") == []
    shell.types("outbox", "discard", row)


def test_releasing_needs_a_reason(shell: Shell, world: World) -> None:
    row = hold(world)
    for words in ((), ("--reason", "because")):
        assert shell.run("outbox", "release", row, *words).exit_code == 2
    assert world.events("outbox_released") == []


def test_the_record_is_verified_and_its_head_printed(shell: Shell, world: World) -> None:
    world.send("+923000000099", TIP)
    with world.database.reading() as tx:
        seq, head = audit.head(tx)
    assert shell.types("audit", "verify") == f"{seq} links hold; head {seq} {head}\n"
    with world.transaction() as tx:
        tx.execute(sa.update(AuditRow).where(AuditRow.seq == 2).values(actor="somebody"))
    assert shell.types("audit", "verify", fails=True) == "Error: link 2 does not hold\n"


def test_the_roster_shows_who_is_on_duty_and_where_nobody_is(shell: Shell) -> None:
    shell.types("keys", "new")
    shell.types("load", str(DIRECTORY))
    assert shell.types("roster", "--gaps") == ""
    assert "lahore: duty_officer: Amna; assistant_director: Bilal" in shell.types("roster")
    staff = shell.folder / "staff.yaml"
    staff.write_text("circles:\n  - {code: gujrat, zone: punjab-1, name: {en: AHTC Gujrat}, districts: [Gujrat]}\n")
    shell.types("load", str(staff))
    gaps = shell.types("roster", "--gaps").splitlines()
    assert [line.split()[:3] for line in gaps] == [
        ["gap:", "gujrat", tier] for tier in ("duty_officer", "assistant_director", "deputy_director", "zonal_director")
    ]  # fmt: skip
    assert re.fullmatch(r"gap: gujrat duty_officer \d{4}-\d\d-\d\d \d\d:\d\d to \d{4}-\d\d-\d\d \d\d:\d\d", gaps[0])


def test_a_directory_that_is_loaded_wakes_the_reports_that_wait(shell: Shell, world: World) -> None:
    world.send("+923000000099", TIP)
    later = datetime.now(UTC) + timedelta(days=1)
    with world.transaction() as tx:
        tx.merge(world.report()).due_at = later
    shell.types("load", str(DIRECTORY))
    due = world.report().due_at
    assert due is not None
    assert due < later


def test_doctor_ends_with_an_error_if_it_found_one(shell: Shell) -> None:
    result = shell.run("doctor")
    assert result.exit_code == 1
    assert "`hotline keys new` makes it (README#keys)" in result.output
    assert "Traceback" not in result.output


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("what", "environment", "words", "said"),
    [
        ("no table", {"HOTLINE_DATABASE_URL": "sqlite:///{folder}/empty.db"}, ("reports",), "the database: OperationalError (README#settings)"),
        ("no server", {"HOTLINE_DATABASE_URL": "postgresql://h:canary@/h?host={folder}"}, ("reports",), "the database: OperationalError (README#settings)"),
        ("an unknown kind of database", {"HOTLINE_DATABASE_URL": "mysql://canary@x/y"}, ("reports",),
         "HOTLINE_DATABASE_URL: must begin with postgresql or sqlite:// (README#settings)"),
        ("a bad setting", {"HOTLINE_SENDERS": "canary"}, ("outbox",),
         "HOTLINE_SENDERS: Input should be a valid integer, unable to parse string as an integer (README#settings)"),
        ("no keys", {}, ("load", str(DIRECTORY)), "worker.pub: No such file or directory; `hotline keys new` makes it (README#keys)"),
        ("no flows", {"HOTLINE_FLOWS_DIR": "{folder}"}, ("roster",), "/escalation.yaml: No such file or directory"),
        ("an unknown officer", {}, ("officers", "password", "nobody", "--password", "correct horse battery"), "nobody"),
    ],
)  # fmt: skip
def test_what_a_person_can_mend_is_said_in_a_line_without_a_secret(
    shell: Shell, what: str, environment: dict[str, str], words: tuple[str, ...], said: str
) -> None:
    for name, value in environment.items():
        shell.patch.setenv(name, value.format(folder=shell.folder))
    output = shell.types(*words, fails=True)
    assert said in output, what
    assert "canary" not in output
    assert "Traceback" not in output


def test_every_command_explains_itself_and_stands_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name, command in main.commands.items():
        assert command.help, name
        assert f"hotline {name}" in readme, name


def test_a_played_flow_hears_places_as_a_real_one_does() -> None:
    played = CliRunner().invoke(
        main, ["talk", "--flow", "tip", "--language", "en"], input="children forced to work in Lahore\n"
    )
    assert "< Lahore" in played.output  # shown to be confirmed, not asked for again
