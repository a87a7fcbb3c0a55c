"""Employment agents: what is said about one who is on the operator's lists, and about one who is not."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from hotline.core.db import Database
from hotline.intake import recruiters
from hotline.intake.recruiters import Recruiter, RecruiterIn
from tests.journeys.phones import Phone
from tests.journeys.world import World

NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
LISTS = [
    RecruiterIn(name="Al Madina Overseas Employment Promoters (Pvt) Ltd", licence="OEP/1234/LHR", city="Lahore", status="licensed",
            also=["المدینہ"]),
    RecruiterIn(name="Gulf Star Travels", licence="OEP/77001/KHI", city="Karachi", status="licensed"),
    RecruiterIn(name="Gulf Star", status="fake"),
    RecruiterIn(name="Sunehri Manzil", city="Gujrat", status="fake", also=["سنہری منزل", "Sunehry Manzil"]),
]  # fmt: skip


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url)
    with made.transaction() as tx:
        recruiters.load(tx, LISTS, NOW)
    yield made
    made.engine.dispose()


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Al Madina", "licensed"),
        ("al-madina agency", "licensed"),
        ("almadina", "licensed"),
        ("al madinah", "licensed"),
        ("المدینہ", "licensed"),
        ("OEP/1234/LHR", "licensed"),
        ("licence no 1234", "licensed"),
        ("لائسنس نمبر ۱۲۳۴", "licensed"),
        ("77001", "licensed"),
        ("Sunehri Manzil travel", "fake"),
        ("sunheri manzil", "fake"),
        ("سنہری منزل", "fake"),
        ("Gulf Star", "fake"),
        ("gulf star travels", "fake"),
        ("Madina", "Not in our list"),
        ("gulf", "Not in our list"),
        ("12", "Not in our list"),
        ("travel agency", "Not in our list"),
        ("", "Not in our list"),
        ("😀", "Not in our list"),
        ("{name} {licence}", "Not in our list"),
    ],
)
def test_what_is_said_about_an_agent(database: Database, typed: str, said: str) -> None:
    with database.reading() as tx:
        answer = recruiters.answer(tx, typed, "en")
    assert said in answer
    assert "23.11.2026" in answer
    assert "{" not in answer


def test_a_licence_is_shown_with_the_name_that_it_belongs_to(database: Database) -> None:
    with database.reading() as tx:
        answer = recruiters.answer(tx, "Fraud Brothers, licence 1234", "en")
    assert "Al Madina Overseas Employment Promoters (Pvt) Ltd, Lahore" in answer
    assert "OEP/1234/LHR" in answer


def test_without_a_list_nothing_is_claimed(database: Database) -> None:
    with database.transaction() as tx:
        tx.execute(sa.delete(Recruiter))
        assert "no list" in recruiters.answer(tx, "Al Madina", "en")


def test_a_new_list_takes_the_place_of_the_old_one_and_none_changes_nothing(database: Database) -> None:
    with database.transaction() as tx:
        recruiters.load(tx, [], NOW + timedelta(days=1))
        assert "Al Madina" in recruiters.answer(tx, "al madina", "en")
        recruiters.load(tx, LISTS[1:], NOW + timedelta(days=2))
        assert "25.11.2026" in recruiters.answer(tx, "al madina", "en")
        assert len(tx.scalars(sa.select(Recruiter)).all()) == 3


def test_an_agent_is_looked_up_by_phone_and_opens_no_report(database_url: str, tmp_path: Path) -> None:
    world = World(database_url, tmp_path)
    reporter: Phone = world.phone("reporter", "+923000000099")
    path = tmp_path / "agents.yaml"
    path.write_text("agents: [{name: Sunehri Manzil, city: Gujrat, status: fake}]", encoding="utf-8")
    world.load(path)
    for text in ("english", "5", "1", "5"):
        reporter.texts(text)
    reporter.read = len(world.air.heard[reporter.number])
    reporter.texts("sunehri manzil")
    reporter.expects("Sunehri Manzil", "23.11.2026")
    with world.database.reading() as tx:
        assert tx.execute(sa.text("SELECT count(*) FROM reports")).scalar_one() == 0
    world.database.engine.dispose()
