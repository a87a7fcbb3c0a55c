"""What a test process makes once, and not once a test: compiled templates, compiled SQL; and passwords that hash cheaply.

Only time is saved: templates, statements and verdicts are the same ones. Processes that a test starts know nothing of it.
"""

from typing import Any

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from hotline.core import db
from hotline.staff import login, pins

MANY = 4_000  # statements that the whole run knows
_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # the real one takes 50 ms, as it should


class _Templates(BytecodeCache):
    """Compiled templates in memory; jinja2 sees by a checksum whether one is still right."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


class _Engines:
    """Engines of one kind with one dialect and one cache of compiled SQL, which SQLAlchemy keeps by dialect."""

    def __init__(self) -> None:
        self.first: dict[str, sa.Engine] = {}
        self.make = db._engine

    def __call__(self, url: str, **options: Any) -> sa.Engine:
        engine = self.make(url, query_cache_size=MANY, **options)
        first = self.first.get(engine.name)
        if first is None:  # a dialect knows its server from its first connection on
            sa.event.listen(engine, "engine_connect", lambda _: self.first.setdefault(engine.name, engine))
        else:
            engine.dialect = engine.pool._dialect = first.dialect
            engine._compiled_cache = first._compiled_cache
        return engine


def make_once(patch: pytest.MonkeyPatch) -> None:
    """Set all of it up, until `patch` is undone."""
    patch.setattr(Flask, "jinja_options", Flask.jinja_options | {"bytecode_cache": _Templates()})
    patch.setattr(db, "_engine", _Engines())
    for module in (login, pins):
        patch.setattr(module, "HASHER", _CHEAP)
