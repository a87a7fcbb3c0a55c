"""Safe hours as a contact tells them: the first ones stand, later ones may only narrow them."""

from datetime import UTC, datetime, timedelta

import pytest

from hotline.conversation.hours import Hours
from hotline.messaging.contacts import SAFE_WINDOW, Contact, Safety
from hotline.messaging.safe_contact import Verdict, may_send, tighten, tighten_hours

NINE = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # in the morning, in Karachi
MORNING, WITHIN, OTHER = Hours(600, 720), Hours(630, 690), Hours(1200, 1320)


def contact(safety: Safety = Safety.UNKNOWN) -> Contact:
    return Contact(id="c", safety=safety, last_inbound_at=NINE)


@pytest.mark.parametrize(
    ("told_so", "safety", "kept"),
    [
        ([MORNING], Safety.SAFE_HOURS, MORNING),
        ([MORNING, WITHIN], Safety.SAFE_HOURS, WITHIN),
        ([MORNING, MORNING], Safety.SAFE_HOURS, MORNING),
        ([WITHIN, MORNING], Safety.PULL_ONLY, WITHIN),
        ([MORNING, OTHER], Safety.PULL_ONLY, MORNING),
        ([None], Safety.PULL_ONLY, None),
        ([None, MORNING], Safety.PULL_ONLY, MORNING),
    ],
)
def test_later_hours_only_narrow(told_so: list[Hours | None], safety: Safety, kept: Hours | None) -> None:
    row = contact()
    for hours in told_so:
        tighten_hours(row, hours)
    assert (row.safety, row.hours) == (safety, kept)


@pytest.mark.parametrize(
    ("safety", "minutes", "expected"),
    [
        *((safety, 0, Verdict.SEND) for safety in (Safety.UNKNOWN, Safety.OK_NOW, Safety.SAFE_HOURS, Safety.PULL_ONLY)),
        *((safety, 90, Verdict.HOLD) for safety in (Safety.UNKNOWN, Safety.OK_NOW, Safety.PULL_ONLY)),
        (Safety.SAFE_HOURS, 16, Verdict.HOLD),
        (Safety.SAFE_HOURS, 60, Verdict.SEND),
        (Safety.SAFE_HOURS, 179, Verdict.SEND),
        (Safety.SAFE_HOURS, 180, Verdict.HOLD),
        (Safety.SAFE_HOURS, 24 * 60 + 60, Verdict.SEND),
        *((safety, minutes, Verdict.DROP) for safety in (Safety.NEVER, Safety.DURESS) for minutes in (0, 60, 90)),
    ],
)
def test_what_may_leave_and_when(safety: Safety, minutes: int, expected: Verdict) -> None:
    row = contact()
    tighten_hours(row, MORNING)
    row.safety = safety
    assert may_send(row, NINE + timedelta(minutes=minutes)) is expected


def test_the_window_closes_after_its_last_second() -> None:
    assert may_send(contact(), NINE + SAFE_WINDOW) is Verdict.SEND
    assert may_send(contact(), NINE + SAFE_WINDOW + timedelta(microseconds=1)) is Verdict.HOLD


def test_each_state_is_stricter_than_those_before() -> None:
    row = contact()
    for safety in Safety:
        tighten(row, safety)
        assert row.safety == safety
    for safety in Safety:
        tighten(row, safety)
    assert row.safety == Safety.DURESS
