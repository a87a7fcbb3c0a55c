"""Alembic's entry: runs the migrations on the database that `hotline.db.migrate` names."""

from typing import Literal

import sqlalchemy as sa
from alembic import context

from hotline.core.db import Database
from hotline.migrations import metadata

LOCK = 0x4D494752  # "MIGR": two releases at the same time wait for each other


def run() -> None:
    """Migrate within one transaction, so that a failure leaves the database as it was."""
    database = Database(context.config.attributes["url"])
    with database.engine.begin() as connection:
        if not database.is_sqlite:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
        context.configure(
            connection=connection, target_metadata=metadata.METADATA, render_as_batch=True, compare_type=True,
            render_item=_render,
        )  # fmt: skip
        context.run_migrations()
    database.engine.dispose()


def _render(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Write our own column type as what it is in the database."""
    return "sa.DateTime(timezone=True)" if kind == "type" and type(item).__name__ == "Moment" else False


run()
