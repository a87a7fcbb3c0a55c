"""`hotline load`: all of a file or nothing, errors with file, line and field, and repeating it changes nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from hotline import staff
from hotline.cli import loading
from hotline.conversation.places.finder import Places
from hotline.core import audit, db, vault
from hotline.core.datafile import DataFileError
from hotline.core.settings import ROOT
from hotline.core.vault import Vault
from hotline.escalation import policy
from hotline.local.demo.setup import DIRECTORY
from hotline.staff.tables import Officer

NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
PLACES = Places.load(ROOT / "flows" / "districts.tsv")
TIERS = policy.load(ROOT / "flows" / "escalation.yaml").tiers
GOOD = """\
zones:
  - {code: punjab-1, name: {en: Punjab Zone I, ur: پنجاب زون ون, sd: پنجاب زون ون}}
  - {code: hq, name: {en: Headquarters}}
circles:
  - {code: lahore, zone: punjab-1, name: {en: AHTC Lahore}, districts: [Lahore, Kasur]}
  - {code: hq, zone: hq, name: {en: HQ desk}, desk: true}
officers:
  - {username: amna, name: Amna, rank: inspector, circle: lahore, addresses: [{channel: sms, address: "+923000000001"}]}
  - {username: bilal, name: Bilal, rank: assistant_director, circle: lahore, addresses: [{channel: sms, address: "+923000000002"}, {channel: telegram, address: "700000002"}]}
  - {username: fatima, name: Fatima, rank: hq, circle: hq, integrity: true, addresses: [{channel: sms, address: "+923000000005"}]}
shifts:
  - {circle: lahore, tier: duty_officer, officer: amna, weekly: {days: [mon, tue], start: "20:00", end: "08:00"}}
  - {circle: lahore, tier: assistant_director, officer: bilal, from: 2026-01-01T00:00:00+05:00, until: 2030-01-01T00:00:00+05:00}
  - {circle: hq, tier: hq, officer: fatima, weekly: {days: [mon, tue, wed, thu, fri, sat, sun], start: "00:00", end: "24:00"}}
"""


class Office:
    """A database, its keys, and a folder of files to load."""

    def __init__(self, url: str, folder: Path) -> None:
        self.database, self.folder = db.Database(url), folder
        vault.make_keys(folder / "keys")
        self.keys = Vault(folder / "keys", "operator")

    def loads(self, text: str | Path) -> dict[str, int]:
        """Load a file, or a text as one."""
        path = text if isinstance(text, Path) else self.folder / "staff" / "directory.yaml"
        if isinstance(text, str):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        with self.database.transaction() as tx:
            return loading.load(tx, self.keys, PLACES, TIERS, path, NOW)

    def refuses(self, text: str) -> list[str]:
        """The problems of a text."""
        with pytest.raises(DataFileError) as refused:
            self.loads(text)
        return refused.value.problems

    def rows(self, *without: str) -> dict[str, list[tuple[object, ...]]]:
        """All rows of all tables but `without`."""
        with self.database.reading() as tx:
            return {
                table.name: sorted((tuple(row) for row in tx.execute(sa.select(table))), key=repr)
                for table in db.Base.metadata.sorted_tables
                if table.name not in without
            }

    def phones(self) -> dict[str, list[str]]:
        """Whose number is whose, as an incoming message would be recognised."""
        found: dict[str, list[str]] = {}
        for number in [f"+9230000000{last:02}" for last in range(1, 20)]:
            with self.database.reading() as tx:
                sender = staff.recognise(tx, "sms", self.keys.index("sms", number))
            if sender is not None:
                found.setdefault(sender[0].name, []).append(number[-2:])
        return found


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """An empty hotline on each kind of database."""
    made = Office(database_url, tmp_path)
    yield made
    made.database.engine.dispose()


def replaced(*changes: tuple[str, str]) -> str:
    text = GOOD
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


F = "staff/directory.yaml"
ROWS = [
    ("no such zone", [("zone: punjab-1", "zone: punjab-2")], "5: circles.0.zone: no zone punjab-2"),
    ("no such district", [("Kasur", "Atlantis")], "5: circles.0.districts.1: no district Atlantis"),
    ("no such circle of an officer", [("rank: inspector, circle: lahore", "rank: inspector, circle: multan")], "8: officers.0.circle: no circle multan"),
    ("no such circle of a shift", [("{circle: lahore, tier", "{circle: multan, tier")], "12: shifts.0.circle: no circle multan"),
    ("no such tier", [("tier: duty_officer", "tier: duty")], "12: shifts.0.tier: no tier duty; there are duty_officer, assistant_director, deputy_director, zonal_director, hq"),
    ("no such officer", [("officer: amna", "officer: anna")], "12: shifts.0.officer: no officer anna"),
    ("no time at all", [(", from: 2026-01-01T00:00:00+05:00, until: 2030-01-01T00:00:00+05:00", "")], "13: shifts.1: needs `weekly`, or `from` and `until`"),
    ("an end before the beginning", [("until: 2030", "until: 2025")], "13: shifts.1.until: ends before it begins"),
    ("a moment without a time zone", [("2026-01-01T00:00:00+05:00", "2026-01-01T00:00:00")], "13: shifts.1.from: Input should have timezone info"),
    ("a day that does not exist", [("2026-01-01T", "2026-02-30T")], "13: day is out of range for month"),
    ("an hour that does not exist", [('start: "20:00"', 'start: "25:00"')], r"12: shifts.0.weekly.start: String should match pattern '^([01]\d|2[0-3]):[0-5]\d$'"),
    ("no day", [("days: [mon, tue]", "days: []")], "12: shifts.0.weekly.days: List should have at least 1 item after validation, not 0"),
    ("a day in full", [("[mon, tue]", "[monday]")], "12: shifts.0.weekly.days.0: Input should be 'mon', 'tue', 'wed', 'thu', 'fri', 'sat' or 'sun'"),
    ("a number that is none", [('"+923000000001"', '"12"')], "8: officers.0.addresses.0.address: not a phone number"),
    ("a number as a number", [('"+923000000001"', "923000000001")], "8: officers.0.addresses.0.address: Input should be a valid string"),
    ("an unknown channel", [("channel: telegram", "channel: fax")], "9: officers.1.addresses.1.channel: Input should be 'sms', 'telegram', 'whatsapp' or 'call'"),
    ("one number for two", [("+923000000002", "+923000000001")], "9: officers.1.addresses.0.address: is another officer's address already"),
    ("the same number, written otherwise", [("+923000000002", "0300 0000001")], "9: officers.1.addresses.0.address: is another officer's address already"),
    ("two desks", [("districts: [Lahore, Kasur]", "desk: true")], "4: circles: two desks: hq, lahore; exactly one circle may have `desk: true`"),
    ("no desk", [(", desk: true", "")], "4: circles: no desk: exactly one circle must have `desk: true`"),
    ("a district of two circles", [("desk: true", "desk: true, districts: [Kasur]")], "6: circles.1.districts.0: Kasur is a district of lahore already"),
    ("an unknown key", [("name: Amna", "nmae: Amna")], "8: officers.0.name: is missing"),
    ("a key twice", [("code: lahore,", "code: lahore, code: x,")], "5: code: stands here twice"),
    ("a code in capitals", [("code: lahore", "code: Lahore")], "5: circles.0.code: String should match pattern '^[a-z][a-z0-9-]{0,31}$'"),
    ("a name that is too long", [("name: Amna", "name: " + "A" * 81)], "8: officers.0.name: String should have at most 80 characters"),
    ("no name in English", [("{en: HQ desk}", "{ur: ڈیسک}")], "6: circles.1.name.en: is missing"),
    ("an unknown part", [("zones:", "persons: []\nzones:")], "1: persons: unknown key"),
    ("no YAML", [("zones:", "zones: {")], "2: did not find expected node content"),
    ("a control character", [("Amna", "Am\x07na")], "8: a character that may not stand in a text file"),
]  # fmt: skip


@pytest.mark.one_database
@pytest.mark.parametrize(("what", "changes", "problem"), ROWS, ids=[row[0] for row in ROWS])
def test_a_file_with_an_error_is_refused_whole_with_file_line_and_field(
    office: Office, what: str, changes: list[tuple[str, str]], problem: str
) -> None:
    before = office.rows()
    assert f"{F}:{problem}" in office.refuses(replaced(*changes))
    assert office.rows() == before, "nothing is half-loaded"


def test_all_problems_are_told_at_once(office: Office) -> None:
    problems = office.refuses(
        replaced(("Kasur", "Atlantis"), ("officer: amna", "officer: anna"), ("+923000000002", "2"))
    )
    assert [line.split(": ")[1] for line in problems] == [
        "circles.0.districts.1", "officers.1.addresses.0.address", "shifts.0.officer",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "[]", "staff"], ids=["empty", "a list", "a word"])
def test_a_file_of_another_shape_is_refused(office: Office, text: str) -> None:
    assert office.refuses(text) == [f"{F}:1: Input should be a valid dictionary or instance of DirectoryFile"]


@pytest.mark.parametrize("file", [GOOD, DIRECTORY], ids=["small", "the demo's"])
def test_loading_a_file_twice_changes_nothing(office: Office, file: str | Path) -> None:
    counts = office.loads(file)
    before = office.rows("audit", "directory_state")
    assert office.loads(file) == counts
    assert office.rows("audit", "directory_state") == before
    with office.database.reading() as tx:
        assert [row.event for row in tx.scalars(sa.select(audit.AuditRow))] == ["directory_loaded"] * 2
        assert audit.verify(tx) == (2, None)


def test_the_counts_tell_what_was_in_the_file(office: Office) -> None:
    assert office.loads(GOOD) == {"zones": 2, "circles": 2, "officers": 3, "shifts": 3}


def test_a_file_of_officers_alone_changes_them_and_nothing_else(office: Office) -> None:
    office.loads(GOOD)
    office.loads("officers:\n  - {username: amna, name: Amna K., rank: inspector, circle: lahore, active: false}\n")
    with office.database.reading() as tx:
        amna = tx.scalars(sa.select(Officer).where(Officer.username == "amna")).one()
        assert (amna.name, amna.active) == ("Amna K.", False)
        assert len(tx.scalars(sa.select(Officer)).all()) == 3
    assert office.phones() == {"Bilal": ["02"], "Fatima": ["05"]}


@pytest.mark.parametrize(
    ("what", "changes", "expected"),
    [
        ("a new number", [("+923000000001", "+923000000007")], {"Amna": ["07"], "Bilal": ["02"], "Fatima": ["05"]}),
        ("a second number", [('"+923000000001"}', '"+923000000001"}, {channel: sms, address: "+923000000007"}')],
         {"Amna": ["01", "07"], "Bilal": ["02"], "Fatima": ["05"]}),
        ("a number taken away", [('{channel: sms, address: "+923000000001"}', "")], {"Bilal": ["02"], "Fatima": ["05"]}),
        ("a phone handed on to one further down", [("000001", "000007"), ("000002", "000001")],
         {"Amna": ["07"], "Bilal": ["01"], "Fatima": ["05"]}),
        ("a phone handed on to one further up", [("000001", "000002"), ('"+923000000002"}, {channel: t', '"+923000000007"}, {channel: t')],
         {"Amna": ["02"], "Bilal": ["07"], "Fatima": ["05"]}),
        ("two phones exchanged", [("000001", "00000X"), ("000002", "000001"), ("00000X", "000002")],
         {"Amna": ["02"], "Bilal": ["01"], "Fatima": ["05"]}),
    ],
)  # fmt: skip
def test_a_duty_phone_belongs_to_whom_the_last_file_says(
    office: Office, what: str, changes: list[tuple[str, str]], expected: dict[str, list[str]]
) -> None:
    office.loads(GOOD)
    office.phones()  # the directory is in memory from now on
    office.loads(replaced(*changes))
    assert office.phones() == expected, what
    with office.database.reading() as tx:
        known = staff.current_directory(tx).members.values()
        paged = {member.name: sum(channel == "sms" for _, channel in member.addresses) for member in known}
    assert paged == {name: len(expected.get(name, [])) for name in ("Amna", "Bilal", "Fatima")}


def test_a_phone_of_an_officer_who_is_not_in_the_file_stays_his(office: Office) -> None:
    office.loads(GOOD)
    taken = 'officers:\n  - {username: amna, name: A, rank: r, circle: lahore, addresses: [{channel: sms, address: "+923000000002"}]}\n'
    assert office.refuses(taken) == [f"{F}:2: officers.0.addresses.0.address: is another officer's address already"]
    assert office.phones() == {"Amna": ["01"], "Bilal": ["02"], "Fatima": ["05"]}


def test_the_desk_can_move_to_another_circle(office: Office) -> None:
    office.loads(GOOD)
    office.loads(replaced(("desk: true", "desk: false"), ("districts: [Lahore, Kasur]", "desk: true")))
    with office.database.reading() as tx:
        assert staff.current_directory(tx).desk == "lahore"


def test_a_circle_without_officers_is_loaded_and_shown_as_a_gap(office: Office) -> None:
    office.loads(
        replaced(
            (
                "  - {code: hq, zone: hq",
                "  - {code: gujrat, zone: punjab-1, name: {en: AHTC Gujrat}, districts: [Gujrat]}\n  - {code: hq, zone: hq",
            )
        )
    )
    with office.database.reading() as tx:
        assert staff.current_directory(tx).districts["gujrat"] == "gujrat"
        gaps = staff.gaps(tx, TIERS, NOW)
    assert {gap.tier for gap in gaps if gap.circle == "gujrat"} == set(TIERS[:-1])


def test_no_number_stands_in_the_database_or_in_an_error(office: Office) -> None:
    office.loads(GOOD)
    dump = repr(office.rows())
    assert "amna" in dump
    assert "000000001" not in dump
    assert b"000000001".hex() not in dump
    problems = office.refuses(replaced(("+923000000002", "+923000000001")))
    assert "000000001" not in repr(problems)
