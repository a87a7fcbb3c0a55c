"""Pages to officers: what they answer is understood, what they read fits one SMS, and a token means one report."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline.casework.phone import commands
from hotline.channels.sms_encoding import encode_plan
from hotline.core import db
from hotline.core.priority import Priority
from hotline.core.settings import ROOT
from hotline.escalation import texts
from hotline.messaging import pages
from hotline.messaging.pages import TOKEN_REST, Page, PageState
from hotline.staff.tables import Circle, Officer, Zone

NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
DISTRICTS = [
    line.split("\t") for line in (ROOT / "flows" / "districts.tsv").read_text(encoding="utf-8").splitlines()[1:]
]
CIRCLES = sorted({row[6] for row in DISTRICTS} | {"HQ desk"})


@pytest.mark.parametrize("overdue", [False, True])
@pytest.mark.parametrize("circle", CIRCLES)
def test_a_page_of_every_circle_is_one_sms_that_says_how_to_answer(circle: str, overdue: bool) -> None:
    for token in ("1000", "999999"):
        text = texts.page(token, Priority.P1, {"en": f"AHTC {circle}"}, "en", overdue=overdue)
        assert (encode_plan(text).alphabet, encode_plan(text).parts) == ("gsm", 1), text
        assert text.startswith(f"P1 report {token} {circle}")
        assert f"Reply 1 {token}" in text
        assert commands.parse(f"1 {token}") == commands.Command(commands.Verb.ACCEPT, token)


@pytest.mark.parametrize("wish", ["en", "ur", "sd", "ur@latin", "sd@latin"])
def test_every_button_fits_and_answers_what_it_says(wish: str) -> None:
    accept, pass_on = texts.choices("482193", wish)
    assert max(len(accept.label), len(pass_on.label)) <= 20
    assert accept.label != pass_on.label
    assert commands.parse(accept.answer) == commands.Command(commands.Verb.ACCEPT, "482193")
    assert commands.parse(pass_on.answer) == commands.Command(commands.Verb.PASS, "482193")
    assert texts.choices("482193", wish, overdue=True) == (accept,)


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
            drawn = pages.tokens(tx, ["amna", "bilal"], NOW)
        assert (len(drawn["amna"]), len(drawn["bilal"])) == (digits, 4), what
        line.rollback()


def test_what_was_drawn_and_not_given_is_for_the_next_pages_of_a_minute(
    database: db.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[datetime] = []
    taken = pages._taken

    def looked_up(tx: Session, drawn: dict[str, list[str]], since: datetime) -> set[tuple[str, str]]:
        looks.append(since)
        return taken(tx, drawn, since)

    monkeypatch.setattr(pages, "_taken", looked_up)
    for at, looked in ((0, 1), (59, 1), (60, 2)):
        with database.transaction() as tx:
            pages.tokens(tx, ["amna"], NOW + timedelta(seconds=at))
        assert len(looks) == looked, at


def test_no_token_is_given_twice_within_a_transaction(database: db.Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """What this transaction has given is not in the table yet, and only a few are ever drawn here."""
    few = itertools.cycle(["1000", "1001", "1002", "1003", "1000", "1004", "1001", "1002"])
    monkeypatch.setattr(pages, "_draw", lambda digits: next(few) if digits == 4 else "999999")
    with database.transaction() as tx:
        given = [pages.tokens(tx, ["amna"], NOW)["amna"] for _ in range(6)]
    assert sorted(given) == ["1000", "1001", "1002", "1003", "1004", "999999"]
