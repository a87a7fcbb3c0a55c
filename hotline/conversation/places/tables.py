"""The four tables behind `Places`, read and checked: districts.tsv, towns.tsv, countries.tsv, placewords.tsv."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Literal

from hotline.conversation import table
from hotline.conversation.letters import normalise
from hotline.conversation.table import Row

DISTRICTS = ("province", "division", "district", "urdu", "sindhi", "alternates", "circle", "circle_basis", "status")
DISTRICT_COLUMNS = (*DISTRICTS, "source")
COUNTRY_COLUMNS = ("code", "country", "urdu", "sindhi", "alternates")
SINGLE = (
    "area",
    "street",
    "sites",
    "people",
    "calls",
    "came",
    "rides",
    "now",
    "held",
    "unheld",
    "am",
    "ends",
    "joins",
    "plans",
)  # one word each
KEYED = ("nowhere", "shy", "beside", "trap")  # kinds of words that are names, and so found with or without their spaces
VARIANTS = ("urdu", "sindhi", "alternates")
TOWN_COLUMNS = ("place", "names", "only")
WORD_COLUMNS = ("kind", "words", "note")
STATUS = re.compile(r"ok|new [0-9-]+|not confirmed; part of (?P<part_of>.+)|city; covers (?P<covers>.+)")


@dataclass(frozen=True, slots=True)
class Place:
    """A district, or a city of several, or a country abroad.

    `code` is for data ("mandi-bahauddin", "ae"), `name` English. `circle` is what the table proposes, for want of a
    directory; "" abroad. `districts` are the codes of the districts it may lie in, its own first.
    """

    kind: Literal["district", "abroad"]
    code: str
    name: str
    circle: str = ""
    districts: tuple[str, ...] = ()
    urdu: str = field(default="", compare=False)
    sindhi: str = field(default="", compare=False)

    def called(self, language: str) -> str:
        """Its name in a language, the English one where the table has no other."""
        return {"ur": self.urdu, "sd": self.sindhi}.get(language) or self.name


@dataclass(frozen=True, slots=True)
class SmallWords:
    """The words around the names, all normalised; see `kind` in placewords.tsv."""

    after: frozenset[str] = frozenset()
    after_from: frozenset[str] = frozenset()
    after_to: frozenset[str] = frozenset()
    going: frozenset[str] = frozenset()
    after_for: frozenset[str] = frozenset()
    after_home: frozenset[str] = frozenset()
    after_away: frozenset[str] = frozenset()
    before: frozenset[str] = frozenset()
    before_from: frozenset[str] = frozenset()
    before_to: frozenset[str] = frozenset()
    before_home: frozenset[str] = frozenset()
    before_away: frozenset[str] = frozenset()
    of: frozenset[str] = frozenset()
    home: frozenset[str] = frozenset()
    area: frozenset[str] = frozenset()
    street: frozenset[str] = frozenset()
    sites: frozenset[str] = frozenset()
    rides: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    calls: frozenset[str] = frozenset()
    came: frozenset[str] = frozenset()
    arrived: frozenset[str] = frozenset()
    now: frozenset[str] = frozenset()
    held: frozenset[str] = frozenset()
    unheld: frozenset[str] = frozenset()
    am: frozenset[str] = frozenset()
    ends: frozenset[str] = frozenset()
    joins: frozenset[str] = frozenset()
    plans: frozenset[str] = frozenset()
    nowhere: frozenset[str] = frozenset()
    shy: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()
    trap: frozenset[str] = frozenset()
    common: frozenset[str] = frozenset()

    @property
    def around(self) -> frozenset[str]:
        """All single words that may surround a name without belonging to it."""
        phrases = self.after | self.after_from | self.before | self.before_from | self.area | self.home
        return frozenset(word for phrase in phrases for word in phrase.split(" "))


WORD_KINDS = tuple(kind.name for kind in fields(SmallWords))


@dataclass(slots=True)
class Tables:
    """The tables' content. `names` has keys without spaces; the places of one name have the likeliest first."""

    places: list[Place] = field(default_factory=list)
    english: dict[str, Place] = field(default_factory=dict)  # the districts by the name in the table
    names: dict[str, list[Place]] = field(default_factory=lambda: defaultdict(list))
    own: set[str] = field(default_factory=set)  # keys of the names that are a district's or a country's, not a town's
    spaced: set[str] = field(default_factory=set)
    words: SmallWords = field(default_factory=SmallWords)

    def add(self, place: Place, variants: list[str]) -> None:
        """Another name or more for a place."""
        for variant in variants:
            name = normalise(variant)
            self.spaced.add(name)
            places = self.names[name.replace(" ", "")]
            if place not in places:
                places.append(place)


def read(districts: Path) -> tuple[Tables, list[str]]:
    """The tables at `districts` and beside it, and the problems, `file:line:column: column: message`."""
    tables, problems = Tables(), list[str]()
    district_rows = _rows(districts, DISTRICT_COLUMNS, problems)
    country_rows = _rows(districts.with_name("countries.tsv"), COUNTRY_COLUMNS, problems)
    town_rows = _rows(districts.with_name("towns.tsv"), TOWN_COLUMNS, problems)
    word_rows = _rows(districts.with_name("placewords.tsv"), WORD_COLUMNS, problems)
    problems += _district_problems(district_rows) + _country_problems(country_rows) + _word_problems(word_rows)
    if not problems:
        problems += _town_problems(town_rows, {row[column] for row, column in _naming(district_rows, country_rows)})
    if not problems:
        words = _words(word_rows)
        words["beside"] |= {_key(name) for row in town_rows if row["only"] for name in row.several("names")}
        tables.words = SmallWords(**{kind: frozenset(known) for kind, known in words.items()})
        _fill(tables, district_rows, country_rows)
        _add_towns(tables, town_rows)
    return tables, problems


def _rows(path: Path, columns: tuple[str, ...], problems: list[str]) -> list[Row]:
    rows, faults = table.read(path, columns)
    problems += faults
    return rows


def _district_problems(rows: list[Row]) -> list[str]:
    known, problems = {row["district"] for row in rows}, []
    for row in rows:
        status = STATUS.fullmatch(row["status"])
        if status is None:
            problems.append(row.problem("status", "ok, new YEAR, not confirmed; part of NAME, or city; covers NAMES"))
        else:
            named = filter(None, [status["part_of"], *(status["covers"] or "").split(", ")])
            problems += [row.problem("status", f"{name} is no district here") for name in named if name not in known]
    return problems + _naming_problems(rows, "district")


def _country_problems(rows: list[Row]) -> list[str]:
    odd = [row for row in rows if not re.fullmatch("[a-z]{2}", row["code"])]
    return [row.problem("code", "two small letters (ISO 3166)") for row in odd] + _naming_problems(rows, "country")


def _naming_problems(rows: list[Row], column: str) -> list[str]:
    problems, seen = [], set[str]()
    for row in rows:
        if not normalise(row[column]):
            problems.append(row.problem(column, "is missing"))
        elif row[column] in seen:
            problems.append(row.problem(column, "stands here twice"))
        seen.add(row[column])
        empty = (names for names in VARIANTS if not all(normalise(variant) for variant in row.several(names)))
        problems += [row.problem(names, "a name without a letter") for names in empty]
    return problems


def _word_problems(rows: list[Row]) -> list[str]:
    unknown = [row for row in rows if row["kind"] not in WORD_KINDS]
    problems = [row.problem("kind", f"one of {', '.join(WORD_KINDS)}") for row in unknown]
    for row in rows:
        phrases = [word for word in row.several("words") if row["kind"] in SINGLE and " " in normalise(word)]
        problems += [row.problem("words", f"{phrase} is more than a word") for phrase in phrases]
    return problems


def _town_problems(rows: list[Row], known: set[str]) -> list[str]:
    problems = [
        row.problem("place", "no district or country of this name") for row in rows if row["place"] not in known
    ]
    problems += [row.problem("only", "empty, or beside") for row in rows if row["only"] not in ("", "beside")]
    nameless = (row for row in rows if not row["names"] or not all(map(normalise, row.several("names"))))
    return problems + [row.problem("names", "a name without a letter") for row in nameless]


def _naming(districts: list[Row], countries: list[Row]) -> Iterator[tuple[Row, str]]:
    """Each row, with the column that has its place's own name."""
    yield from ((row, "district") for row in districts)
    yield from ((row, "country") for row in countries)


def _words(rows: list[Row]) -> dict[str, set[str]]:
    words: dict[str, set[str]] = {kind: set() for kind in WORD_KINDS}
    for row in rows:
        make = _key if row["kind"] in KEYED else normalise
        words[row["kind"]] |= {make(word) for word in row.several("words")} - {""}
    return words


def _key(name: str) -> str:
    return normalise(name).replace(" ", "")


def _fill(tables: Tables, districts: list[Row], countries: list[Row]) -> None:
    """The names in the tables' own columns go before the alternates: Gujrat is the district before it is Gujarat."""
    found = [(row, place) for row, place in _places(districts)]
    tables.english = {row["district"]: place for row, place in found}
    found += [(row, Place("abroad", row["code"], row["country"], "", (), *_names(row))) for row in countries]
    tables.places = list(dict.fromkeys(place for _, place in found))
    for row, place in found:
        tables.add(place, [*row.several("district" if "district" in row.columns else "country", "urdu", "sindhi")])
    for row, place in found:
        tables.add(place, row.several("alternates"))
    tables.own = set(tables.names)


def _add_towns(tables: Tables, rows: list[Row]) -> None:
    """The towns go after the places' own names. A town in several rows is ambiguous, as a district is."""
    by_name = tables.english | {place.name: place for place in tables.places if place.kind == "abroad"}
    for row in rows:
        tables.add(by_name[row["place"]], row.several("names"))


def _places(rows: list[Row]) -> Iterator[tuple[Row, Place]]:
    by_name = {row["district"]: row for row in rows}
    for row in rows:
        status = STATUS.fullmatch(row["status"])
        own = by_name[status["part_of"]] if status and status["part_of"] else row
        name, covered = own["district"], (status["covers"] or "").split(", ") if status else []
        codes = tuple(_code(each) for each in (name, *filter(None, covered)))
        yield row, Place("district", codes[0], name, own["circle"], codes, *_names(own))


def _names(row: Row) -> tuple[str, str]:
    """Urdu and Sindhi, the first name of each: how the place is called when we speak of it."""
    urdu, sindhi = (next(iter(row.several(column)), "").strip() for column in ("urdu", "sindhi"))
    return urdu, sindhi


def _code(name: str) -> str:
    return "-".join(re.findall("[a-z0-9]+", name.lower()))
