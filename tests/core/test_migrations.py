"""The migrations make what the models say, can be undone, and bear being run twice at the same time."""

import os
import subprocess
import sys

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine.interfaces import ReflectedIndex

from hotline.core import db
from hotline.core.db import Database
from hotline.core.settings import ROOT
from hotline.migrations import metadata
from hotline.monitoring import heartbeats
from tests.servers import PostgresServer

ALEMBIC = "alembic_version"


def table_names(url: str) -> set[str]:
    database = Database(url)
    names = set(sa.inspect(database.engine).get_table_names())
    database.engine.dispose()
    return names - {ALEMBIC}


def is_migrated(url: str) -> bool:
    database = Database(url)
    with database.reading() as tx:
        found = heartbeats.migrated(tx)
    database.engine.dispose()
    return found


def test_up_down_to_nothing_and_up_again(empty_database_url: str) -> None:
    assert not is_migrated(empty_database_url)
    db.migrate(empty_database_url)
    assert table_names(empty_database_url) == set(metadata.METADATA.tables)
    assert is_migrated(empty_database_url)
    command.downgrade(db.alembic_config(empty_database_url), "base")
    assert table_names(empty_database_url) == set()
    assert not is_migrated(empty_database_url)
    db.migrate(empty_database_url)
    assert table_names(empty_database_url) == set(metadata.METADATA.tables)


def test_a_migration_can_be_run_again(empty_database_url: str) -> None:
    for _ in range(2):
        db.migrate(empty_database_url)
    assert is_migrated(empty_database_url)


def test_the_migrated_database_is_the_one_that_the_models_describe(database_url: str) -> None:
    database = Database(database_url)
    with database.engine.connect() as line:
        context = MigrationContext.configure(line, opts={"compare_type": True, "compare_server_default": True})
        differences = compare_metadata(context, metadata.METADATA)
    database.engine.dispose()
    assert differences == []


def condition(index: ReflectedIndex) -> list[str]:
    return [str(value) for name, value in index.get("dialect_options", {}).items() if name.endswith("_where")]


def constraints(engine: sa.Engine) -> dict[str, object]:
    """What `compare_metadata` does not look at."""
    found = sa.inspect(engine)
    return {
        name: (
            sorted(found.get_pk_constraint(name)["constrained_columns"]),
            sorted((str(c["name"]), tuple(c["column_names"])) for c in found.get_unique_constraints(name)),
            sorted((str(f["name"]), sorted(f["options"].items())) for f in found.get_foreign_keys(name)),
            sorted((str(i["name"]), condition(i)) for i in found.get_indexes(name)),
        )
        for name in found.get_table_names()
        if name != ALEMBIC
    }


def test_keys_and_conditions_are_those_of_the_models_too(database_url: str, empty_database_url: str) -> None:
    migrated, made = Database(database_url), Database(empty_database_url)
    if migrated.is_sqlite == made.is_sqlite:
        metadata.METADATA.create_all(made.engine)
        assert constraints(migrated.engine) == constraints(made.engine)
    migrated.engine.dispose()
    made.engine.dispose()


def test_there_is_one_newest_migration() -> None:
    assert len(ScriptDirectory.from_config(db.alembic_config("")).get_heads()) == 1


def test_two_releases_at_the_same_time_wait_for_each_other(postgres: PostgresServer) -> None:
    name = postgres.fresh(migrated=False)
    environment = {**os.environ, "HOTLINE_DATABASE_URL": postgres.url(name), "HOTLINE_DEMO": "0"}
    command_line = [sys.executable, "-c", "from hotline.cli import main; main(['release'])"]
    releases = [subprocess.Popen(command_line, env=environment, cwd=ROOT, stderr=subprocess.PIPE) for _ in range(2)]
    assert [process.communicate()[1].decode() for process in releases] == ["", ""]
    assert [process.returncode for process in releases] == [0, 0]
    assert is_migrated(postgres.url(name))
    postgres.drop(name)
