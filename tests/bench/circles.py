"""Many circles, each with two officers who are always on duty; and reports that wait for them, by the hundred thousand."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice, product
from typing import Any

import sqlalchemy as sa
import yaml

from hotline import reports
from hotline.cli import loading
from hotline.conversation import places
from hotline.core import db
from hotline.core.settings import ROOT
from hotline.reports.tables import Report
from tests.support.site import Site

CIRCLES = 100  # so that 300 pages of P2 in a minute are three a phone, which is not a flood yet
ALWAYS = {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "start": "00:00", "end": "24:00"}
BATCH = 5000  # rows in one statement


def staff(site: Site) -> list[str]:
    """Load the circles beside the demo's; returns their codes. One officer has the duty, the other every tier above."""
    codes = [f"bench-{number}" for number in range(CIRCLES)]
    content = {
        "circles": [{"code": code, "zone": "sindh", "name": {"en": f"Circle {code}"}} for code in codes],
        "officers": [_officer(code, rank, number) for number, (code, rank) in enumerate(product(codes, (0, 1)))],
        "shifts": [
            {"circle": code, "tier": tier, "officer": _name(code, min(level, 1)), "weekly": ALWAYS}
            for code in codes
            for level, tier in enumerate(site.rules.tiers[:-1])
        ],
    }
    file = site.folder / "circles.yaml"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    with site.database.transaction() as tx:
        found = places.Places.load(ROOT / "flows" / "districts.tsv")
        loading.load(tx, site.keys, found, site.rules.tiers, file, site.database.now())
    return codes


def _name(code: str, rank: int) -> str:
    return f"{code}-{'ab'[rank]}"


def _officer(code: str, rank: int, number: int) -> dict[str, Any]:
    """An officer with a number of the block that is not assigned to anybody."""
    address = {"channel": "sms", "address": f"+92300000{1000 + number}"}
    return {
        "username": _name(code, rank), "name": f"Officer {number}", "rank": "inspector", "circle": code,
        "addresses": [address],
    }  # fmt: skip


def wait_for(site: Site, timers: Iterable[tuple[str, int, datetime]]) -> dict[str, datetime]:
    """Make open reports, given as (circle, priority, when the tier's time is over); returns that moment by report."""
    now = site.database.now()
    with site.database.transaction() as tx:
        key = Report(id="x", circle="karachi", integrity=False)
        reports.lock_to_circle(tx, site.keys, key, reports.new_data_key(), now)
        same: dict[str, Any] = {
            "kind": "tip", "status": "open", "reasons": [], "integrity": False, "channel": "sms", "opened_at": now,
            "updated_at": now, "policy": site.rules.id, "level": 0, "generation": 1, "round": 0, "timer": "accept",
            "key_id": key.key_id,
        }  # fmt: skip
        rows = [
            {"id": db.new_id(), "circle": circle, "priority": priority, "due_at": due, "climbs_at": due, **same}
            for circle, priority, due in timers
        ]
        left = iter(rows)
        while batch := list(islice(left, BATCH)):
            tx.execute(sa.insert(db.table(Report)), batch)
    return {row["id"]: row["due_at"] for row in rows}


def count_rows(site: Site) -> None:
    """Have the database count its rows, as it does by itself within its first minute."""
    with site.database.engine.begin() as line:
        line.execute(sa.text("ANALYZE"))
