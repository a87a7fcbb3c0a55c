"""The servers that other tests rely on."""

from collections.abc import Iterator

import pytest
import redis
import sqlalchemy as sa

from hotline.core.db import Database
from tests.servers import PostgresServer, RedisServer


def tables(url: str) -> set[str]:
    database = Database(url)
    try:
        return set(sa.inspect(database.engine).get_table_names())
    finally:
        database.engine.dispose()


def test_a_fresh_database_is_migrated(database_url: str) -> None:
    assert "alembic_version" in tables(database_url)


def test_an_empty_database_has_no_tables(empty_database_url: str) -> None:
    assert tables(empty_database_url) == set()


@pytest.mark.parametrize("turn", [1, 2])
def test_what_one_test_writes_no_other_sees(database_url: str, redis_url: str, turn: int) -> None:
    assert "note" not in tables(database_url)
    database = Database(database_url)
    with database.transaction() as tx:
        tx.execute(sa.text("CREATE TABLE note (turn INTEGER)"))
    database.engine.dispose()
    with redis.Redis.from_url(redis_url) as client:
        assert client.get("turn") is None
        client.set("turn", turn)


@pytest.mark.parametrize(
    ("statement", "used_again"),
    [
        ("INSERT INTO heartbeats (name, at) VALUES ('clock', now())", True),
        ("ALTER TABLE heartbeats RENAME TO away", False),
        ("ALTER TABLE heartbeats ADD COLUMN note text", False),
        ("ANALYZE heartbeats", False),
        ("UPDATE alembic_version SET version_num = 'old'", False),
        (
            "INSERT INTO heartbeats (name, at) SELECT repeat('x', 900) || n, now() FROM generate_series(1, 3000) n",
            False,
        ),
    ],
)
def test_a_database_that_is_given_back_is_as_new_or_nobody_gets_it(
    postgres: PostgresServer, statement: str, used_again: bool
) -> None:
    name = postgres.fresh()
    database = Database(postgres.url(name))  # its line stays open
    with database.engine.begin() as line:
        line.execute(sa.text(statement))
    postgres.drop(name)
    again = postgres.fresh()
    assert (again == name) is used_again
    other = Database(postgres.url(again))
    with other.reading() as tx:
        assert tx.execute(sa.text("SELECT count(*) FROM heartbeats")).scalar_one() == 0
    other.engine.dispose()
    database.engine.dispose()
    postgres.drop(again)


def test_a_killed_redis_comes_back_with_what_it_had(own_redis: RedisServer) -> None:
    with redis.Redis.from_url(own_redis.url) as client:
        client.config_set("appendfsync", "always")
        client.set("note", b"kept")
        own_redis.kill()
        own_redis.start()
        assert client.get("note") == b"kept"


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    server = PostgresServer(PostgresServer.new_folder(), durable=True)
    server.start()
    yield server
    server.remove()


def test_a_crashed_postgresql_comes_back_with_what_it_had(own_postgres: PostgresServer) -> None:
    own_postgres.execute("CREATE TABLE note (word text)")
    own_postgres.stop("immediate")
    own_postgres.start()
    own_postgres.execute("INSERT INTO note VALUES ('kept')")
