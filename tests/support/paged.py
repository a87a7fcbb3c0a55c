"""What tests of pages and their answers share: a tip that comes in, officers and their phones."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline.casework.actions import Actor
from hotline.staff.tables import Officer
from tests.journeys.phones import Phone
from tests.journeys.world import World

TIP = "لاہور میں اینٹوں کے بھٹے پر کام"
DANGER = "لاہور میں وہ اسے آج رات مار دیں گے خطرہ ہے"


def tip(world: World, text: str = TIP, number: str = "+923000000099") -> None:
    """Somebody writes."""
    world.send(number, text)


def phones(world: World, *names: str) -> list[Phone]:
    """The phones of these officers."""
    return [world.phone(name) for name in names]


def officer(world: World, name: str) -> str:
    """An officer's id."""
    with world.database.reading() as tx:
        return tx.scalars(sa.select(Officer.id).where(Officer.username == name)).one()


def acting(world: World, tx: Session, name: str) -> Actor:
    """An officer at the console."""
    row = tx.scalars(sa.select(Officer).where(Officer.username == name)).one()
    return Actor(tx, world.engine, world.keys, row, world.now)
