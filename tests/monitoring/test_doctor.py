"""`hotline doctor` names what is missing or wrong, and the section of the README that explains it."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from hotline.cli import loading
from hotline.conversation import places
from hotline.core import db, vault
from hotline.core.settings import PREFIX, ROOT
from hotline.core.vault import Vault
from hotline.escalation import policy
from hotline.local.demo.setup import DIRECTORY
from hotline.monitoring import alarms, heartbeats
from hotline.monitoring.alarms import AlarmKind
from hotline.monitoring.doctor import findings

RULES = policy.load(ROOT / "flows" / "escalation.yaml")
PLACES = places.Places.load(ROOT / "flows" / "districts.tsv")
SECTIONS = {
    re.sub(r"[^\w -]", "", line.lstrip("# ")).lower().replace(" ", "-")
    for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("#")
}


class Machine:
    """A machine with all that production needs, to be broken."""

    def __init__(self, url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.patch = folder, monkeypatch
        for name in [name for name in os.environ if name.startswith(PREFIX)]:
            monkeypatch.delenv(name)
        self.sets(
            HOTLINE_TWILIO_WHATSAPP_FROM="+923000000092", HOTLINE_TWILIO_WHATSAPP_PAGE="HX1",
            HOTLINE_DATABASE_URL=url, HOTLINE_KEYS_DIR=str(folder / "keys"), HOTLINE_PUBLIC_URL="https://hotline.example",
            HOTLINE_TWILIO_ACCOUNT_SID="AC1", HOTLINE_TWILIO_AUTH_TOKEN="canary", HOTLINE_TWILIO_SMS_FROM="+923000000090", HOTLINE_TWILIO_CALL_FROM="+923000000091",
            HOTLINE_TELEGRAM_TOKEN="1:canary", HOTLINE_TELEGRAM_SECRET="canary", HOTLINE_WHATSAPP_TOKEN="canary",
            HOTLINE_WHATSAPP_APP_SECRET="canary", HOTLINE_WHATSAPP_VERIFY_TOKEN="canary", HOTLINE_WHATSAPP_PHONE_ID="1",
            HOTLINE_WHATSAPP_PAGE_TEMPLATE="page", HOTLINE_SMPP_HOST="smsc.example", HOTLINE_SMPP_SYSTEM_ID="hotline",
            HOTLINE_SMPP_PASSWORD="canary", HOTLINE_SMPP_SENDER="8398",
            HOTLINE_KANNEL_SENDSMS_URL="http://127.0.0.1:9/", HOTLINE_KANNEL_USERNAME="hotline",
            HOTLINE_KANNEL_PASSWORD="canary", HOTLINE_KANNEL_SECRET="canary", HOTLINE_USSD_SECRET="canary",
        )  # fmt: skip
        vault.make_keys(folder / "keys")
        self.database = db.Database(url)
        self.loads(DIRECTORY)
        with self.database.transaction() as tx:
            heartbeats.beat(tx, heartbeats.CLOCK, self.database.now())

    def sets(self, **values: str) -> None:
        """Change the environment."""
        for name, value in values.items():
            self.patch.setenv(name, value)

    def loads(self, staff: Path) -> None:
        """Load a directory."""
        with self.database.transaction() as tx:
            keys = Vault(self.folder / "keys", "operator")
            loading.load(tx, keys, PLACES, RULES.tiers, staff, self.database.now())

    def says(self, kind: str) -> list[str]:
        """The findings of a kind, without it."""
        return [line.removeprefix(f"{kind}: ") for line in findings(os.environ) if line.startswith(f"{kind}: ")]


@pytest.fixture
def machine(database_url: str, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    """A machine in good order."""
    made = Machine(database_url, tmp_path, monkeypatch)
    made.sets(HOTLINE_REDIS_URL=redis_url)
    yield made
    made.database.engine.dispose()


def test_a_machine_in_good_order_has_nothing_to_mend(machine: Machine) -> None:
    assert (machine.says("error"), machine.says("warning")) == ([], [])
    assert machine.says("ok") == ["flows, triage, places and policy", "Redis"]


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("name", "value", "kind", "said"),
    [
        ("HOTLINE_TWILIO_AUTH_TOKEN", "", "warning", "SMS through Twilio is off: HOTLINE_TWILIO_AUTH_TOKEN not set (README#channels)"),
        ("HOTLINE_TWILIO_SMS_FROM", "", "warning", "SMS through Twilio is off: HOTLINE_TWILIO_SMS_FROM not set (README#channels)"),
        ("HOTLINE_TWILIO_CALL_FROM", "", "warning", "calling through Twilio is off: HOTLINE_TWILIO_CALL_FROM not set (README#channels)"),
        ("HOTLINE_TELEGRAM_SECRET", "", "warning", "Telegram is off: HOTLINE_TELEGRAM_SECRET not set (README#channels)"),
        ("HOTLINE_SMPP_SENDER", "", "warning", "SMPP is off: HOTLINE_SMPP_SENDER not set (README#channels)"),
        ("HOTLINE_KANNEL_SECRET", "", "warning", "Kannel is off: HOTLINE_KANNEL_SECRET not set (README#channels)"),
        ("HOTLINE_USSD_SECRET", "", "warning", "USSD over HTTP is off: HOTLINE_USSD_SECRET not set (README#channels)"),
        ("HOTLINE_WHATSAPP_PHONE_ID", "", "warning", "WhatsApp is off: HOTLINE_WHATSAPP_PHONE_ID not set (README#channels)"),
        ("HOTLINE_PUBLIC_URL", "", "warning", "HOTLINE_PUBLIC_URL is this machine's own address; providers sign the public one (README#settings)"),
        ("HOTLINE_REDIS_URL", "", "warning", "HOTLINE_REDIS_URL not set: the worker looks every few seconds instead (README#settings)"),
        ("HOTLINE_REDIS_URL", "redis://127.0.0.1:1", "error", "Redis does not answer: ConnectionError (README#settings)"),
        ("HOTLINE_DEMO", "true", "warning", "HOTLINE_DEMO is on: demo logins, local phones (README#demo)"),
        ("HOTLINE_ROLE", "boss", "error", "HOTLINE_ROLE: Input should be 'intake', 'console' or 'all' (README#settings)"),
        ("HOTLINE_DATABASE_URL", "postgresql://canary@/nowhere?host=/nowhere", "error", "not ready, missing: the database (README#running)"),
    ],
)  # fmt: skip
def test_a_setting_that_is_missing_or_wrong_is_named_with_its_section(
    machine: Machine, name: str, value: str, kind: str, said: str
) -> None:
    machine.sets(**{name: value})
    assert said in machine.says(kind)
    assert "canary" not in "\n".join(findings(os.environ))


def test_a_secret_in_a_file_counts_as_set(machine: Machine) -> None:
    machine.sets(HOTLINE_TWILIO_AUTH_TOKEN="", HOTLINE_TWILIO_AUTH_TOKEN_FILE=str(machine.folder / "token"))
    (machine.folder / "token").write_text("canary")
    assert machine.says("warning") == []


def test_a_bot_that_is_asked_for_messages_needs_no_secret(machine: Machine) -> None:
    machine.sets(HOTLINE_TELEGRAM_SECRET="", HOTLINE_TELEGRAM_POLL="true")
    assert machine.says("warning") == []


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("mode", "told"), [(0o600, False), (0o640, True), (0o604, True), (0o666, True), (0o400, False)]
)
def test_a_key_that_others_can_read_is_told(machine: Machine, mode: int, told: bool) -> None:
    (machine.folder / "keys" / "console.key").chmod(mode)
    said = ["console.key can be read by others; `chmod 600` it (README#keys)"]
    assert machine.says("error") == (said if told else [])


@pytest.mark.parametrize("name", ["intake.key", "worker.pub", "console.key"])
def test_a_missing_key_is_named(machine: Machine, name: str) -> None:
    (machine.folder / "keys" / name).unlink()
    assert [line for line in machine.says("error") if name in line and "README#keys" in line]


def test_a_machine_of_one_role_is_not_asked_for_the_keys_of_others(machine: Machine) -> None:
    for name in ("worker.key", "intake.key"):
        (machine.folder / "keys" / name).unlink()
    machine.sets(HOTLINE_ROLE="console")
    assert machine.says("error") == []


def test_a_machine_that_cannot_encode_films_is_told(machine: Machine) -> None:
    machine.sets(PATH="")
    assert [line for line in machine.says("warning") if line.startswith("ffmpeg is not installed")]
    machine.sets(HOTLINE_ROLE="intake")
    assert not [line for line in machine.says("warning") if line.startswith("ffmpeg")]


def test_a_pair_of_keys_that_do_not_belong_together_is_told(machine: Machine) -> None:
    vault.make_keys(machine.folder / "others")
    (machine.folder / "keys" / "worker.key").write_bytes((machine.folder / "others" / "worker.key").read_bytes())
    said = "worker.key and worker.pub are no pair: nothing sealed would open (README#keys)"
    assert machine.says("error") == [f"keys for worker, smpp: {said}"]


def test_a_gap_in_the_roster_is_told(machine: Machine) -> None:
    staff = machine.folder / "staff.yaml"
    staff.write_text("officers:\n  - {username: amna, name: Amna, rank: inspector, circle: lahore, active: false}\n")
    machine.loads(staff)
    (said,) = machine.says("warning")
    assert said.startswith("nobody is duty_officer of lahore from ")
    assert said.endswith("(README#directory)")


@pytest.mark.parametrize(
    ("kind", "subject", "told"),
    [
        (AlarmKind.WORKER_SILENT, "", "a worker: nobody looks at the outbox"),
        (AlarmKind.GATEWAY_FAILING, "sms", "a way out: the gateway of a channel fails"),
        (AlarmKind.NOBODY_ON_DUTY, "hq", "somebody on duty at the desk"),
        (AlarmKind.NOBODY_ON_DUTY, "lahore", None),
        (AlarmKind.REDIS_GONE, "", None),
    ],
)
def test_what_keeps_messages_from_being_handled_makes_the_hotline_not_ready(
    machine: Machine, kind: AlarmKind, subject: str, told: str | None
) -> None:
    with machine.database.transaction() as tx:
        alarms.raise_alarm(tx, kind, subject, machine.database.now())
    assert heartbeats.missing(machine.database) == ([told] if told else [])
    assert machine.says("error") == ([f"not ready, missing: {told} (README#running)"] if told else [])


def test_keys_made_before_there_were_drills_are_told(machine: Machine) -> None:
    (machine.folder / "keys" / "drill.key").unlink()
    said = "no drills are held: drill.key is missing; `hotline keys new` makes it (README#keys)"
    assert machine.says("warning") == [said]
    machine.sets(HOTLINE_DRILL_EVERY="PT0S")
    assert machine.says("warning") == []


def test_files_with_errors_are_told_with_their_lines(machine: Machine) -> None:
    flows = machine.folder / "flows"
    shutil.copytree(ROOT / "flows", flows)
    text = (flows / "escalation.yaml").read_text(encoding="utf-8")
    (flows / "escalation.yaml").write_text(text.replace("idle: PT6H", "idle: PT0H"), encoding="utf-8")
    machine.sets(HOTLINE_FLOWS_DIR=str(flows))
    line = text.splitlines().index(next(line for line in text.splitlines() if "PT6H" in line)) + 1
    assert machine.says("error")[0] == (
        f"flows/escalation.yaml:{line}: priorities.P1.idle: a wait must be longer than zero and at most 90 days (README#flows)"
    )


@pytest.mark.parametrize(
    ("url", "said"),
    [("sqlite:///{folder}/empty.db", ["not ready, missing: the database's migrations (hotline release) (README#running)",
                                      "the roster can't be read: OperationalError (README#settings)"])],
)  # fmt: skip
def test_a_database_without_tables_is_told(machine: Machine, url: str, said: list[str]) -> None:
    machine.sets(HOTLINE_DATABASE_URL=url.format(folder=machine.folder))
    assert machine.says("error") == said


def test_a_hotline_without_a_directory_or_a_clock_is_told(
    empty_database_url: str, tmp_path: Path, machine: Machine
) -> None:
    db.migrate(empty_database_url)
    machine.sets(HOTLINE_DATABASE_URL=empty_database_url)
    assert machine.says("error") == [
        "not ready, missing: a sweep of the clock under 30 seconds old (README#running)",
        "no circle is marked as the desk: load a directory first (README#directory)",
    ]


def test_every_section_that_is_pointed_to_stands_in_the_readme() -> None:
    sources = [*(ROOT / "hotline").rglob("*.py"), *(ROOT / "workers").rglob("*.py")]
    named = {name for path in sources for name in re.findall(r"README#([a-z-]+)", path.read_text(encoding="utf-8"))}
    assert named - {"section"} <= SECTIONS


def test_every_test_that_the_page_on_failures_names_is_there() -> None:
    page = (ROOT / "hotline" / "docs" / "when-things-fail.md").read_text(encoding="utf-8")
    rows = [line.split("|")[-2] for line in page.splitlines() if line.startswith("|")][2:]
    for row in rows:
        files = re.findall(r"`(tests/[\w/]+\.py)` ?([\w, ]*)", row)
        assert files, row
        for path, names in files:
            text = (ROOT / path).read_text(encoding="utf-8")
            assert [name for name in re.findall(r"\w+", names) if f"def test_{name}" not in text] == [], row
