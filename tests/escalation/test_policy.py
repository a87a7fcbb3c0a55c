"""The escalation policy: a file with an error stops the start, and a policy that is in use never changes."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from hotline.core.datafile import DataFileError
from hotline.core.db import Database
from hotline.core.priority import Priority
from hotline.core.settings import ROOT
from hotline.escalation import policy
from hotline.escalation.policy import PolicyRow

NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
SHIPPED = ROOT / "flows" / "escalation.yaml"
GOOD = """\
version: 1
tiers: [duty_officer, hq]
priorities:
  P1: {accept: [PT5M, PT15M], first_action: PT30M, idle: PT6H}
  P2: {accept: [PT30M, PT2H], first_action: PT4H, idle: P2D}
  P3: {accept: [PT4H, P1D], first_action: P2D, idle: P7D, quiet: {start: "22:00", end: "07:00"}}
"""


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty database of each kind."""
    made = Database(database_url)
    yield made
    made.engine.dispose()


def write(folder: Path, text: str) -> Path:
    path = folder / "flows" / "escalation.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_policy_is_the_one_of_the_contract() -> None:
    rules = policy.load(SHIPPED)
    assert rules.top == "hq"
    assert rules.waits(Priority.P1).accept == [timedelta(minutes=m) for m in (5, 10, 10, 15, 15)]
    assert rules.waits(Priority.P2).first_action == timedelta(hours=4)
    assert rules.waits(Priority.P3).idle == timedelta(days=7)


WAIT = "a wait must be longer than zero and at most 90 days"
REPEAT = "a page is repeated after a minute at the earliest, and after 90 days at the latest"
P1 = "first_action: PT30M, idle: PT6H"
ISO = "a wait is written as an ISO 8601 duration, such as PT30M or P2D"


@pytest.mark.parametrize(
    ("what", "old", "new", "problem"),
    [
        ("no tier", "[duty_officer, hq]", "[]", "2: tiers: List should have at least 1 item after validation, not 0"),
        ("a tier twice", "[duty_officer, hq]", "[hq, hq]", "2: tiers: one stands there twice"),
        ("a tier without a name", "[duty_officer, hq]", "['', hq]", "2: tiers.0: String should have at least 1 character"),
        ("too few waits", "[PT5M, PT15M]", "[PT5M]", "4: priorities.P1.accept: 1 waits for 2 tiers"),
        ("too many waits", "[PT5M, PT15M]", "[PT5M, PT5M, PT5M]", "4: priorities.P1.accept: 3 waits for 2 tiers"),
        ("no wait", "[PT5M, PT15M]", "[]", "4: priorities.P1.accept: List should have at least 1 item after validation, not 0"),
        ("zero", "[PT5M, PT15M]", "[PT5M, PT0S]", f"4: priorities.P1.accept.1: {WAIT}"),
        ("back in time", "first_action: PT30M", "first_action: -PT30M", f"4: priorities.P1.first_action: {WAIT}"),
        ("a year", "idle: PT6H", "idle: P1Y", f"4: priorities.P1.idle: {WAIT}"),
        ("ninety-one days", "idle: PT6H", "idle: P91D", f"4: priorities.P1.idle: {WAIT}"),
        ("a bare number", "idle: PT6H", "idle: 6", f"4: priorities.P1.idle: {ISO}"),
        ("minutes and seconds that YAML takes for a number", "idle: PT6H", "idle: 30:00", f"4: priorities.P1.idle: {ISO}"),
        ("nonsense", "idle: PT6H", "idle: soon", f"4: priorities.P1.idle: {ISO}"),
        ("nothing", "idle: PT6H", "idle: ", f"4: priorities.P1.idle: {ISO}"),
        ("unknown key", "idle: PT6H", "idle: PT6H, idel: PT6H", "4: priorities.P1.idel: unknown key"),
        ("unknown key at the top", "version: 1", "version: 1\nteirs: []", "2: teirs: unknown key"),
        ("missing key", ", idle: PT6H", "", "4: priorities.P1.idle: is missing"),
        ("a key twice", "version: 1", "version: 1\nversion: 2", "2: version: stands here twice"),
        ("a priority missing", "  P2: {accept: [PT30M, PT2H], first_action: PT4H, idle: P2D}\n", "", "3: priorities: P2 missing"),
        ("an unknown priority", "P2:", "P4:", "5: priorities.P4: Input should be 'P1', 'P2' or 'P3'"),
        ("quiet on P1", "idle: PT6H", 'idle: PT6H, quiet: {start: "22:00", end: "07:00"}', "4: priorities.P1.quiet: only P3 may have quiet hours"),
        ("quiet hours that YAML takes for a number", '"22:00"', "22:00", '6: priorities.P3.quiet.start: a time is written in quotes, such as "22:00"'),
        ("version zero", "version: 1", "version: 0", "1: version: Input should be greater than or equal to 1"),
        ("a tier named as a direction", "[duty_officer, hq]", "[climb, hq]", "2: tiers: climb is no name for a tier"),
        ("beside an unknown tier", P1, P1 + ", together: {zone: [hq]}", "4: priorities.P1.together.zone: no tier zone; there are duty_officer, hq"),
        ("an unknown tier beside", P1, P1 + ", together: {hq: [zone]}", "4: priorities.P1.together.hq: no tier zone; there are duty_officer, hq"),
        ("beside itself", P1, P1 + ", together: {hq: [hq]}", "4: priorities.P1.together.hq: stands beside itself"),
        ("silence of an unknown tier", P1, P1 + ", silence: {zone: climb}", "4: priorities.P1.silence.zone: no tier zone; there are duty_officer, hq"),
        ("silence to an unknown tier", P1, P1 + ", silence: {duty_officer: zone}", "4: priorities.P1.silence.duty_officer: no tier zone; there are duty_officer, hq"),
        ("silence that leads down", P1, P1 + ", silence: {hq: duty_officer}", "4: priorities.P1.silence.hq: silence leads upward only, so that the top is reached"),
        ("silence that leads nowhere", P1, P1 + ", silence: {hq: hq}", "4: priorities.P1.silence.hq: silence leads upward only, so that the top is reached"),
        ("a page a second", P1, P1 + ", repeat: PT1S", f"4: priorities.P1.repeat: {REPEAT}"),
        ("a page once a year", P1, P1 + ", repeat: P1Y", f"4: priorities.P1.repeat: {REPEAT}"),
        ("an unknown channel", P1, P1 + ", channels: [{channel: fax}]", "4: priorities.P1.channels.0.channel: Input should be 'sms', 'telegram', 'whatsapp' or 'call'"),
        ("a channel twice", P1, P1 + ", channels: [{channel: sms}, {channel: sms}]", "4: priorities.P1.channels.1.channel: stands there twice"),
        ("a channel in the past", P1, P1 + ", channels: [{channel: sms, after: -PT1M}]", "4: priorities.P1.channels.0.after: a channel rings at once or later, within 90 days"),
        ("a channel that rings too late", P1, P1 + ", channels: [{channel: sms, after: PT5M}]", "4: priorities.P1.channels.0.after: rings when the shortest wait of a tier is over"),
        ("a kind that is none", "version: 1", "version: 1\nkinds: {rumour: {}}", "2: kinds.rumour: Input should be 'tip' or 'help'"),
        ("a kind with too few waits", "version: 1", "version: 1\nkinds: {help: {P1: {accept: [PT1M]}}}", "2: kinds.help.P1.accept: 1 waits for 2 tiers"),
        ("a kind with no wait", "version: 1", "version: 1\nkinds: {help: {P1: {accept: []}}}", "2: kinds.help.P1.accept: List should have at least 1 item after validation, not 0"),
        ("a kind with a wait of zero", "version: 1", "version: 1\nkinds: {help: {P1: {idle: PT0S}}}", f"2: kinds.help.P1.idle: {WAIT}"),
        ("a kind with empty waits", "version: 1", "version: 1\nkinds: {help: {P1: {accept: null}}}", "2: kinds.help.P1.accept: Input should be a valid list"),
        ("quiet hours of an urgent kind", "version: 1", "version: 1\nkinds: {help: {P2: {quiet: {start: '22:00', end: '07:00'}}}}", "2: kinds.help.P2.quiet: only P3 may have quiet hours"),
        ("a kind's channel that rings too late", "version: 1", "version: 1\nkinds: {help: {P1: {channels: [{channel: sms, after: PT6M}]}}}", "2: kinds.help.P1.channels.0.after: rings when the shortest wait of a tier is over"),
        ("officials with a wait for each tier", "version: 1", "version: 1\nintegrity: {P1: {accept: [PT5M, PT5M]}}", "2: integrity.P1.accept: 2 waits for 1 tier"),
        ("officials beside others", "version: 1", "version: 1\nintegrity: {P1: {together: {hq: [duty_officer]}}}", "2: integrity.P1.together: tips about officials are the top tier's only"),
        ("a retired tier that is one still", "version: 1", "version: 1\nretired: {hq: duty_officer}", "2: retired.hq: is a tier still"),
        ("a tier retired for nobody", "version: 1", "version: 1\nretired: {zone: district}", "2: retired.zone: no tier district; there are duty_officer, hq"),
        ("no YAML", "tiers: [", "tiers: [[", "3: did not find expected ',' or ']'"),
    ],
)  # fmt: skip
def test_a_policy_with_an_error_is_refused_with_file_line_and_field(
    tmp_path: Path, what: str, old: str, new: str, problem: str
) -> None:
    assert old in GOOD
    with pytest.raises(DataFileError) as refused:
        policy.load(write(tmp_path, GOOD.replace(old, new, 1)))
    assert refused.value.problems[0] == f"flows/escalation.yaml:{problem}", what


WHOLE = (
    GOOD.replace(P1, P1 + ", repeat: PT2M, silence: {duty_officer: climb}")
    + """\
kinds:
  help: {P1: {accept: [PT2M, PT4M], idle: PT1H}, P3: {quiet: null}}
integrity:
  P1: {accept: [PT20M], first_action: PT2H}
retired: {district: hq, zone: hq}
"""
)


@pytest.mark.parametrize(
    ("priority", "kind", "integrity", "accept", "first_action", "idle"),
    [
        (1, "tip", False, ["5m", "15m"], "30m", "6h"),
        (1, "help", False, ["2m", "4m"], "30m", "1h"),
        (1, "tip", True, ["20m", "20m"], "2h", "6h"),
        (1, "help", True, ["20m", "20m"], "2h", "1h"),
        (2, "help", False, ["30m", "2h"], "4h", "48h"),
        (2, "tip", True, ["2h", "2h"], "4h", "48h"),
    ],
)
def test_a_kind_and_a_tip_about_an_official_have_their_own_waits_and_share_the_rest(
    tmp_path: Path, priority: int, kind: str, integrity: bool, accept: list[str], first_action: str, idle: str
) -> None:
    waits = policy.load(write(tmp_path, WHOLE)).waits(Priority(priority), kind, integrity=integrity)
    assert (waits.accept, waits.first_action, waits.idle) == (list(map(span, accept)), span(first_action), span(idle))


def test_what_a_tip_about_an_official_inherits_is_paged_beside_nobody(tmp_path: Path) -> None:
    text = GOOD.replace(P1, P1 + ", together: {hq: [duty_officer]}, silence: {duty_officer: hq}")
    waits = policy.load(write(tmp_path, text)).waits(Priority.P1, "tip", integrity=True)
    assert (waits.together, waits.silence) == ({}, {})


def test_a_plea_for_help_may_have_no_quiet_hours(tmp_path: Path) -> None:
    rules, night = policy.load(write(tmp_path, WHOLE)), NOW.replace(hour=20)  # one in the morning in Karachi
    assert rules.waits(Priority.P3, "tip").opens(night) == NOW.replace(day=24, hour=2)
    assert rules.waits(Priority.P3, "help").opens(night) == night


@pytest.mark.parametrize(
    ("what", "has", "rings"),
    [
        ("all of them", ["telegram", "sms", "call"], {"telegram": 0, "sms": 60, "call": 120}),
        ("later ones only: the first of them at once", ["sms", "call"], {"sms": 0, "call": 60}),
        ("one only", ["call"], {"call": 0}),
        ("one that the policy does not name: at once, and no other is early", ["whatsapp", "sms"], {"whatsapp": 0, "sms": 60}),
        ("none", [], {}),
    ],
)  # fmt: skip
def test_the_channels_of_an_officer_ring_one_after_the_other(
    tmp_path: Path, what: str, has: list[str], rings: dict[str, int]
) -> None:
    steps = ", channels: [{channel: telegram}, {channel: sms, after: PT1M}, {channel: call, after: PT2M}]"
    waits = policy.load(write(tmp_path, GOOD.replace(P1, P1 + steps))).waits(Priority.P1)
    assert waits.delays(has) == {channel: timedelta(seconds=after) for channel, after in rings.items()}, what


@pytest.mark.parametrize(
    ("tier", "names"),
    [("hq", ["hq", "district", "zone"]), ("zone", ["hq", "district", "zone"]), ("duty_officer", ["duty_officer"]), ("x", ["x"])],
)  # fmt: skip
def test_a_retired_tier_is_found_under_the_one_that_does_its_work(tmp_path: Path, tier: str, names: list[str]) -> None:
    assert policy.load(write(tmp_path, WHOLE)).names_of(tier) == names


def span(text: str) -> timedelta:
    """`5m`, `2h`."""
    return timedelta(minutes=int(text[:-1]) * {"m": 1, "h": 60}[text[-1]])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "1: Input should be a valid dictionary"),
        ("[]", "1: Input should be a valid dictionary"),
        ("a: \x07", "1: "),
    ],
    ids=["empty", "a list", "a control character"],
)
def test_a_file_that_is_no_policy_at_all_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(DataFileError, match=rf"flows/escalation.yaml:{problem}"):
        policy.load(write(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataFileError, match=r"flows/escalation.yaml: No such file"):
        policy.load(tmp_path / "flows" / "escalation.yaml")


def test_any_change_makes_another_policy_and_a_comment_does_not(tmp_path: Path) -> None:
    first = policy.load(write(tmp_path, GOOD))
    assert policy.load(write(tmp_path, "# a comment\n" + GOOD)).id == first.id
    assert first.id == "20dec015f4d19fcd", "a release that knows more keys has made another policy of the same file"
    for old, new in (("PT5M", "PT6M"), ("version: 1", "version: 2"), ("duty_officer", "duty")):
        assert policy.load(write(tmp_path, GOOD.replace(old, new))).id != first.id


@pytest.mark.parametrize("text", [SHIPPED.read_text(encoding="utf-8"), WHOLE], ids=["shipped", "with everything"])
def test_a_registered_policy_comes_back_as_it_was(database: Database, tmp_path: Path, text: str) -> None:
    rules = policy.load(write(tmp_path, text))
    for _ in range(2):
        with database.transaction() as tx:
            policy.register(tx, rules, NOW)
    with database.reading() as tx:
        again = policy.registered(tx, rules.id)
        assert len(tx.scalars(sa.select(PolicyRow)).all()) == 1
    assert (again, again.id) == (rules, rules.id)
    assert again.waits(Priority.P3, "help") == rules.waits(Priority.P3, "help")


def test_an_unknown_policy_is_named(database: Database) -> None:
    with database.reading() as tx, pytest.raises(LookupError, match="policy 0000 is not registered"):
        policy.registered(tx, "0000")


def test_two_releases_may_register_at_the_same_time(database: Database) -> None:
    rules, start, problems = policy.load(SHIPPED), threading.Barrier(4), []

    def register() -> None:
        start.wait()
        try:
            with database.transaction() as tx:
                policy.register(tx, rules, NOW)
        except Exception as error:  # noqa: BLE001  shown by the assertion below
            problems.append(error)

    threads = [threading.Thread(target=register) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
