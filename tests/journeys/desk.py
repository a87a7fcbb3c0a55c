"""What the stories about conversations look at: where somebody stands, how they may be reached, what waits for them."""

from collections.abc import Sequence

import sqlalchemy as sa

from hotline import staff
from hotline.conversation import Session
from hotline.core.i18n import translate
from hotline.intake.state import ConversationState
from hotline.messaging import safe_contact
from hotline.messaging.contacts import Contact
from hotline.messaging.outbox import OutboxRow
from hotline.reports.entries import pick_up, read_entries
from hotline.reports.tables import Report
from hotline.staff.tables import Officer, OfficerAddress
from tests.journeys.phones import Phone
from tests.journeys.world import World


def contact(world: World, phone: Phone) -> Contact:
    """The row of a phone."""
    with world.database.reading() as tx:
        index = world.keys.index(phone.channel, phone.address)
        return tx.scalars(sa.select(Contact).where(Contact.index == index)).one()


def session(world: World, phone: Phone) -> Session | None:
    """A phone's conversation, if one is under way."""
    row = contact(world, phone)
    return ConversationState.load(world.keys.open_session(row.session, row.id)).session if row.session else None


def stands(world: World, phone: Phone) -> str:
    """Where a phone's conversation is: "help/where", or "" where none is under way."""
    found = session(world, phone)
    return f"{found.flow}/{found.step}" if found else ""


def facts(world: World, phone: Phone) -> dict[str, str]:
    """What was chosen in a phone's conversation: field -> value."""
    found = session(world, phone)
    return dict(found.facts) if found else {}


def walk(world: World, phone: Phone, to: str, answers: dict[str, str] | None = None) -> None:
    """Answer (`answers`: by step) or skip, until the question `to` is asked; all that arrives meanwhile is read."""
    for _ in range(30):
        here = stands(world, phone)
        if here == to:
            phone.read = len(world.air.heard[phone.number])
            return
        phone.texts((answers or {}).get(here, "9"))
    raise AssertionError(f"{to} is never asked")


def minute_passes(world: World) -> None:
    """The clock's housekeeping, and what follows from it."""
    with world.transaction() as tx:
        safe_contact.release_due(tx, world.now)
    world.settle()


def rows(world: World, phone: Phone) -> Sequence[OutboxRow]:
    """Everything that was to be said to a phone, oldest first."""
    mine = sa.select(OutboxRow).where(OutboxRow.contact_id == contact(world, phone).id)
    with world.database.reading() as tx:
        return tx.scalars(mine.order_by(OutboxRow.created_at, OutboxRow.id)).all()


def reports(world: World) -> Sequence[Report]:
    """All reports, oldest first."""
    with world.database.reading() as tx:
        return tx.scalars(sa.select(Report).order_by(Report.opened_at, Report.id)).all()


def officer_of(world: World, phone: Phone) -> str:
    """The id of the officer whose phone this is."""
    mine = OfficerAddress.index == world.keys.index("sms", phone.number)
    with world.database.reading() as tx:
        return tx.scalars(sa.select(OfficerAddress.officer_id).where(mine)).one()


PIN = "482736"


def has_a_pin(world: World, username: str = "amna") -> None:
    """An officer has set it in the console."""
    with world.transaction() as tx:
        staff.set_password(tx, username, "correct horse battery")
    with world.transaction() as tx:
        officer = tx.scalars(sa.select(Officer).where(Officer.username == username)).one()
        staff.set_pin(tx, officer.id, PIN, world.now)


def kept(world: World, report: Report | None = None) -> list[tuple[str | None, str]]:
    """(field, text) of all that stands on a report (of all reports), opened as the console would."""
    with world.transaction() as tx:
        found = [report] if report is not None else tx.scalars(sa.select(Report).order_by(Report.opened_at)).all()
        pens = [pick_up(tx, world.keys, tx.get_one(Report, one.id)) for one in found]
        return [(entry.field, entry.text) for pen in pens for entry in read_entries(tx, pen)]


def said(phone: Phone, text: str, language: str = "ur") -> str:
    """The phone's next message, which must be or begin with this text (English msgid)."""
    return phone.expects(translate(text, language))


def told(world: World) -> list[str]:
    """What was written in own words, of all reports, sorted."""
    return sorted(text for field, text in kept(world) if field is None)
