"""Pages to officers: what they answer is understood, what they read fits one SMS, and a token means one report."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from hotline import db, paging
from hotline.channels.sms_encoding import encode_plan
from hotline.paging import TOKEN_REST, Command, Page, PageState, Verb, parse
from hotline.roster import Circle, Officer, Zone
from hotline.settings import ROOT

NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
DISTRICTS = [
    line.split("\t") for line in (ROOT / "flows" / "districts.tsv").read_text(encoding="utf-8").splitlines()[1:]
]
CIRCLES = sorted({row[6] for row in DISTRICTS} | {"HQ desk"})
YES, NO = Verb.ACCEPT, Verb.PASS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 4821", Command(YES, "4821")),
        ("2 4821", Command(NO, "4821")),
        ("4821 1", Command(YES, "4821")),
        ("4821 2", Command(NO, "4821")),
        ("1 482193", Command(YES, "482193")),
        ('"1 4821"', Command(YES, "4821")),
        ("“1 4821”", Command(YES, "4821")),
        ("'1 4821'", Command(YES, "4821")),
        ("1  4821 .", Command(YES, "4821")),
        ("1, 4821", Command(YES, "4821")),
        ("1-4821", Command(YES, "4821")),
        ("1\n4821", Command(YES, "4821")),
        ("۱ ۴۸۲۱", Command(YES, "4821")),
        ("٢ ٤٨٢١", Command(NO, "4821")),
        ("\u200f1 4821\u200e", Command(YES, "4821")),
        ("\u202b۱ ۴۸۲۱\u202c", Command(YES, "4821")),
        ("１ ４８２１", Command(YES, "4821")),
        ("ok 4821", Command(YES, "4821")),
        ("OK", Command(YES, None)),
        ("Ok.", Command(YES, None)),
        ("okay", Command(YES, None)),
        ("yes", Command(YES, None)),
        ("jee 4821", Command(YES, "4821")),
        ("JEE", Command(YES, None)),
        ("ji", Command(YES, None)),
        ("han", Command(YES, None)),
        ("haan 4821", Command(YES, "4821")),
        ("جی ۴۸۲۱", Command(YES, "4821")),
        ("جی", Command(YES, None)),
        ("ہاں", Command(YES, None)),
        ("ها", Command(YES, None)),
        ("هائو", Command(YES, None)),
        ("no 4821", Command(NO, "4821")),
        ("نہیں 4821", Command(NO, "4821")),
        ("نه 4821", Command(NO, "4821")),
        ("1", Command(YES, None)),
        ("2", Command(NO, None)),
        ("", None),
        ("   ", None),
        ("4821", None),
        ("a", None),
        ("1 2 4821", None),
        ("1 1", None),
        ("yes no", None),
        ("1 4821 4822", None),
        ("1 482", None),
        ("1 4821934", None),
        ("14821", None),
        ("3 4821", None),
        ("1 48 21", None),
        ("1 4821 please", None),
        ("I will take 4821", None),
        ("not ok", None),
        ("STOP", None),
        ("1 ½", None),
    ],
)
def test_an_answer_is_understood_or_it_is_not(text: str, expected: Command | None) -> None:
    assert parse(text) == expected


@given(st.text(max_size=60))
def test_nothing_that_arrives_makes_reading_fail_and_nothing_long_is_a_command(text: str) -> None:
    found = parse(text)
    assert found is None or found.token is None or found.token.isascii()


def page(token: str, *, overdue: bool) -> Page:
    return Page(token=token, overdue=overdue, level=0, tier="duty_officer")


@pytest.mark.parametrize("overdue", [False, True])
@pytest.mark.parametrize("circle", CIRCLES)
def test_a_page_of_every_circle_is_one_sms_that_says_how_to_answer(circle: str, overdue: bool) -> None:
    for token in ("1000", "999999"):
        text = paging.text(page(token, overdue=overdue), 1, circle)
        assert (encode_plan(text).alphabet, encode_plan(text).parts) == ("gsm", 1), text
        assert text.startswith(f"P1 report {token} {circle}")
        assert f"Reply 1 {token}" in text
        assert parse(f"1 {token}") == Command(YES, token)


@given(name=st.text(min_size=1, max_size=80), overdue=st.booleans())
def test_a_page_is_one_sms_whatever_a_circle_is_called(name: str, overdue: bool) -> None:
    text = paging.text(page("999999", overdue=overdue), 3, name)
    assert (encode_plan(text).alphabet, encode_plan(text).parts) == ("gsm", 1), text
    assert text.count("999999") >= 2


@pytest.fixture
def database(database_url: str) -> Iterator[db.Database]:
    """A database of each kind with two officers and nothing else."""
    made = db.Database(database_url)
    with made.transaction() as tx:
        tx.add(Zone(code="z", name={"en": "Z"}))
        tx.add(Circle(code="lahore", zone="z", name={"en": "Lahore"}))
        for name in ("amna", "bilal"):
            tx.add(Officer(id=name, username=name, name=name, rank="inspector", circle="lahore", languages=[]))
    yield made
    made.engine.dispose()


def had(tx: object, officer: str, tokens: list[str], at: datetime, state: PageState = PageState.WITHDRAWN) -> None:
    """Pages that the officer has had; their reports are of no interest here."""
    rows = [
        {"id": f"{officer}{token}", "report_id": token, "officer_id": officer, "generation": 1, "level": 0, "token": token,
         "tier": "duty_officer", "state": state.value, "created_at": at, "overdue": False} for token in tokens
    ]  # fmt: skip
    tx.execute(sa.insert(Page), rows)  # type: ignore[attr-defined]


EVERY = [str(number) for number in range(1000, 10000)]


@pytest.mark.parametrize(
    ("what", "at", "state", "digits"),
    [
        ("used yesterday", NOW - timedelta(days=1), PageState.ACCEPTED, 6),
        ("just within the rest", NOW - TOKEN_REST + timedelta(seconds=1), PageState.WITHDRAWN, 6),
        ("rested", NOW - TOKEN_REST - timedelta(seconds=1), PageState.WITHDRAWN, 4),
        ("old and still open", NOW - TOKEN_REST - timedelta(days=9), PageState.OPEN, 6),
    ],
)
def test_a_token_is_not_used_again_before_it_has_rested(
    database: db.Database, what: str, at: datetime, state: PageState, digits: int
) -> None:
    with database.engine.begin() as line:
        if not database.is_sqlite:
            line.execute(sa.text("SET session_replication_role = replica"))  # pages without reports
        else:
            line.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        had(line, "amna", EVERY, at, state)
        with Session(line) as tx:
            drawn = paging.tokens(tx, ["amna", "bilal"], NOW)
        assert (len(drawn["amna"]), len(drawn["bilal"])) == (digits, 4), what
        line.rollback()
