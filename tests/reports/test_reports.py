"""Reports are written by a process that can never read them again, and open for their circle's officers only."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from hotline import reports
from hotline.core import audit, db, vault
from hotline.core.vault import KeyMissing, Unopenable, Vault
from hotline.reports.tables import CircleKey, Entry, Report
from tests.journeys.world import World


def report_of(world: World) -> Report:
    world.send("+923000000099", "لاہور میں اینٹوں کے بھٹے پر زبردستی کام")
    return world.report()


def test_the_intake_writes_reports_that_it_can_never_read_again(world: World, tmp_path: Path) -> None:
    report = report_of(world)
    for role in ("intake", "worker", "clock"):
        keys = Vault(tmp_path / "keys", role)
        with world.database.reading() as tx, pytest.raises(KeyMissing, match="console"):
            reports.pick_up(tx, keys, report)
    with world.database.reading() as tx:
        read = reports.read_entries(tx, reports.pick_up(tx, Vault(tmp_path / "keys", "console"), report))
    assert [entry.text for entry in read] == ["لاہور میں اینٹوں کے بھٹے پر زبردستی کام"]


def test_a_circle_key_that_the_intake_did_not_make_is_refused(world: World) -> None:
    with world.transaction() as tx:
        planted = CircleKey(id="planted", circle="lahore", month="2026-11", lane="console", mac=b"x" * 16)
        planted.public, planted.sealed_private = vault.new_circle_key(world.keys, "console", planted.context)
        tx.add(planted)
    with pytest.raises(Unopenable, match="lahore"):
        report_of(world)
    with world.database.reading() as tx:
        assert tx.scalars(sa.select(Report)).all() == []


@pytest.mark.parametrize("column", ["public", "mac", "id", "month", "circle", "lane"])
def test_a_circle_key_row_that_was_changed_is_refused(world: World, tmp_path: Path, column: str) -> None:
    with world.transaction() as tx:
        reports.circle_key(tx, world.keys, "lahore", "2026-11", "console")
    values = {
        "public": b"p" * 32,
        "mac": b"m" * 16,
        "id": "other",
        "month": "2026-12",
        "circle": "karachi",
        "lane": "integrity",
    }
    with world.transaction() as tx:
        tx.execute(sa.update(CircleKey).values({column: values[column]}))
    fresh = Vault(tmp_path / "keys", "intake")
    where = {"circle": "lahore", "month": "2026-11", "lane": "console"} | {
        name: value for name, value in values.items() if name == column and name in ("circle", "month", "lane")
    }
    with world.transaction() as tx, pytest.raises(Unopenable):
        reports.circle_key(tx, fresh, str(where["circle"]), str(where["month"]), str(where["lane"]))


def test_a_transfer_locks_the_report_to_the_key_of_its_new_circle(world: World, tmp_path: Path) -> None:
    before = report_of(world)
    with world.transaction() as tx:
        report = tx.get_one(Report, before.id)
        report.integrity = True
        pen = reports.pick_up(tx, world.keys, tx.get_one(Report, before.id))
        reports.lock_to_circle(tx, world.keys, report, pen.data_key, world.now)
    after = world.report()
    assert (after.key_id == before.key_id, after.wrapped_key == before.wrapped_key) == (False, False)
    with world.database.reading() as tx:
        assert tx.get_one(CircleKey, after.key_id).lane == "integrity"
    after.wrapped_key = before.wrapped_key  # what the old circle could still open does not open with the new key
    with world.database.reading() as tx, pytest.raises(Unopenable):
        reports.pick_up(tx, world.keys, after)


def test_a_report_without_its_key_is_gone_for_everybody(world: World) -> None:
    report_of(world)
    with world.transaction() as tx:
        tx.execute(sa.update(Report).values(wrapped_key=None))
        assert len(tx.scalars(sa.select(Entry)).all()) == 1
    with world.database.reading() as tx, pytest.raises(Unopenable, match="shredded"):
        reports.pick_up(tx, world.keys, world.report())


@pytest.mark.parametrize("number", ["+923000000098", "+923000000099"], ids=["two reports", "one report"])
def test_entries_that_changed_places_do_not_open(world: World, number: str) -> None:
    world.send("+923000000099", "لاہور میں اینٹوں کے بھٹے پر زبردستی کام")
    world.send(number, "لاہور میں ایک اور جگہ زبردستی کام")
    with world.transaction() as tx:
        one, other = tx.scalars(sa.select(Entry)).all()
        one.body, other.body = other.body, one.body
    with world.database.reading() as tx:
        for report in tx.scalars(sa.select(Report)).all():
            pen = reports.pick_up(tx, world.keys, report)
            with pytest.raises(Unopenable):
                reports.read_entries(tx, pen)


def noted(world: World, tmp_path: Path, text: str = "gone there") -> Report:
    """A report with an officer's note by SMS, left by the intake alone."""
    report = report_of(world)
    with world.transaction() as tx:
        keys = Vault(tmp_path / "keys", "intake")
        reports.leave_note(tx, keys, tx.get_one(Report, report.id), "amna", text, world.now)
    return report


def opened(world: World, report: Report) -> list[str]:
    with world.database.reading() as tx:
        found = reports.read_entries(tx, reports.pick_up(tx, world.keys, tx.get_one(Report, report.id)))
        return [f"{entry.author}: {entry.text}" for entry in found]


def test_a_note_by_sms_is_written_without_and_opened_with_the_consoles_key(world: World, tmp_path: Path) -> None:
    report = noted(world, tmp_path, "وہاں گئے، gone there")
    assert opened(world, report)[1:] == ["amna: وہاں گئے، gone there"]
    world.send("+923000000099", "وہ ابھی بھی وہاں ہیں")
    assert len(opened(world, report)) == 3
    intake = Vault(tmp_path / "keys", "intake")
    with world.database.reading() as tx:
        entry = tx.scalars(sa.select(Entry).where(Entry.kind == "note")).one()
        key = tx.get_one(CircleKey, entry.key_id)
        with pytest.raises(KeyMissing, match="console"):
            vault.open_circle_key(intake, key.lane, key.sealed_private, key.context)
        pen = reports.pick_up(tx, world.keys, tx.get_one(Report, report.id))
        with pytest.raises(KeyMissing, match="writes only"):
            reports.read_entries(tx, reports.Pen(report.id, pen.data_key, 2))


def test_a_note_by_sms_opens_after_its_report_went_to_another_circle_and_lane(world: World, tmp_path: Path) -> None:
    report = noted(world, tmp_path)
    with world.transaction() as tx:
        moved = tx.get_one(Report, report.id)
        pen = reports.pick_up(tx, world.keys, moved)
        moved.circle, moved.integrity = "hq", True
        reports.lock_to_circle(tx, world.keys, moved, pen.data_key, world.now)
        reports.leave_note(tx, world.keys, moved, "fatima", "now with us", world.now)
    assert opened(world, report)[1:] == ["amna: gone there", "fatima: now with us"]
    with world.database.reading() as tx:
        notes = tx.scalars(sa.select(Entry).where(Entry.kind == "note").order_by(Entry.number)).all()
        assert [tx.get_one(CircleKey, entry.key_id).lane for entry in notes] == ["console", "integrity"]


@pytest.mark.parametrize("column", ["author", "body", "wrapped_key"])
def test_a_note_by_sms_that_was_changed_does_not_open(world: World, tmp_path: Path, column: str) -> None:
    report = noted(world, tmp_path)
    values = {"author": "bilal", "body": b"x" * 200, "wrapped_key": b"x" * 80}
    with world.transaction() as tx:
        tx.execute(sa.update(Entry).where(Entry.kind == "note").values({column: values[column]}))
    with pytest.raises(Unopenable):
        opened(world, report)


def test_a_note_that_somebody_planted_with_the_public_key_is_refused(world: World, tmp_path: Path) -> None:
    report = noted(world, tmp_path)
    with world.transaction() as tx:
        key = tx.scalars(sa.select(CircleKey)).one()
        planted = Entry(id="planted", report_id=report.id, number=9, at=world.now, kind="note", author="bilal")
        planted.key_id, planted.wrapped_key = key.id, vault.wrap(b"k" * 32, key.public, planted.key_context)
        planted.body = vault.seal(b"k" * 32, '{"text": "he did it", "value": null}', planted.context)
        db.add(tx, planted)
    with pytest.raises(Unopenable, match="not on record"):
        opened(world, report)


def test_a_shredded_report_takes_no_note_and_a_forged_circle_key_no_word(world: World, tmp_path: Path) -> None:
    report = noted(world, tmp_path)
    with world.transaction() as tx:
        tx.execute(sa.update(CircleKey).values(public=b"p" * 32))
    with world.transaction() as tx, pytest.raises(Unopenable, match="not made here"):
        reports.leave_note(tx, world.keys, tx.get_one(Report, report.id), "amna", "more", world.now)
    with world.transaction() as tx:
        tx.execute(sa.update(Report).values(wrapped_key=None))
    with world.transaction() as tx, pytest.raises(Unopenable, match="shredded"):
        reports.leave_note(tx, world.keys, tx.get_one(Report, report.id), "amna", "more", world.now)


def test_a_note_by_sms_is_on_record_without_its_words(world: World, tmp_path: Path) -> None:
    report = noted(world, tmp_path, "gone there")
    with world.database.reading() as tx:
        row = next(row for row in audit.history(tx, report.id) if row.event == "noted")
    assert (row.actor, row.data["via"], len(row.data["seal"])) == ("amna", "sms", 32)
