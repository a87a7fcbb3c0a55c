"""`hotline run` with small programs in place of the hotline's own: real processes, real signals, a real Redis."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from configparser import RawConfigParser
from pathlib import Path

import pytest
import redis

from hotline.local import redis_server
from hotline.local.announcer import addresses, not_ready
from hotline.local.redis_server import free_port
from hotline.local.supervise import SuperviseError, configuration, read_procfile
from tests.servers import START_SECONDS, alive, wait_until

# Each program leaves its process id and then waits. `web` is ready once the file `ready` is there.
PROGRAM = """
    import os, pathlib, signal, subprocess, sys
    name = sys.argv[1]
    if name == "parent":
        child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
        pathlib.Path("child.pid").write_text(str(child.pid))
    pathlib.Path("environment").write_text(os.environ["HOTLINE_REDIS_URL"])
    print(name, "speaks", flush=True)
    pathlib.Path(name + ".new").write_text(str(os.getpid()))
    os.replace(name + ".new", name + ".pid")
    signal.pause()
"""
WEB = """
    import http.server, os, pathlib

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            ready = pathlib.Path("ready").exists()
            self.send_response(200 if ready else 503)
            self.end_headers()
            self.wfile.write(b"" if ready else b"clock: no sweep yet")

        def log_message(self, *arguments):
            pass

    http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""
START = "import os, sys; from pathlib import Path; from hotline.local.supervise import run; "
CHECKOUT = Path(__file__).parents[2]


class Checkout:
    """A folder with a Procfile, and `hotline run` on it."""

    def __init__(self, root: Path) -> None:
        self.root, self.port = root, free_port()
        self.process: subprocess.Popen[bytes] | None = None
        (root / "program.py").write_text(textwrap.dedent(PROGRAM), encoding="utf-8")
        (root / "web.py").write_text(textwrap.dedent(WEB), encoding="utf-8")
        self.procfile("release: touch released", "web: python web.py", "parent: python program.py parent")

    def procfile(self, *lines: str) -> None:
        (self.root / "Procfile").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def run(self) -> None:
        code = f"{START}sys.exit(run(Path({str(self.root)!r}), {self.port}, dict(os.environ)))"
        environment = {k: v for k, v in os.environ.items() if not k.startswith("HOTLINE_")}
        environment["PYTHONPATH"] = str(CHECKOUT)
        with (self.root / "output").open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", code], cwd=self.root, env=environment, stdout=output, stderr=output
            )

    @property
    def output(self) -> str:
        return (self.root / "output").read_text(encoding="utf-8")

    def pid(self, name: str, other_than: int = 0) -> int:
        """The process id that a program left, once it has."""
        path = self.root / f"{name}.pid"
        wait_until(lambda: path.exists() and int(path.read_text(encoding="ascii") or 0) != other_than, f"{name} to run")
        return int(path.read_text(encoding="ascii"))

    def finish(self, number: int = signal.SIGTERM) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(timeout=START_SECONDS)


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    made = Checkout(tmp_path)
    yield made
    if made.process is not None and made.process.poll() is None:
        made.finish()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_every_process_and_children_of_processes(checkout: Checkout, number: int) -> None:
    checkout.run()
    pids = [checkout.pid("parent"), checkout.pid("child")]
    assert (checkout.root / "released").exists()
    assert checkout.finish(number) == 0
    assert not any(alive(pid) for pid in pids)
    assert not_ready(checkout.port) == "the web process"
    assert "parent speaks" in checkout.output


def test_a_program_that_is_killed_comes_back(checkout: Checkout) -> None:
    checkout.procfile("single: python program.py single")
    checkout.run()
    first = checkout.pid("single")
    os.kill(first, signal.SIGKILL)
    second = checkout.pid("single", other_than=first)
    os.kill(second, signal.SIGKILL)
    assert alive(checkout.pid("single", other_than=second))


def test_killing_the_watching_process_leaves_no_orphan(checkout: Checkout) -> None:
    checkout.run()
    pids = [checkout.pid("parent"), checkout.pid("child")]
    checkout.finish(signal.SIGKILL)
    wait_until(lambda: not any(alive(pid) for pid in pids), "the orphans to end")


def test_it_says_what_it_waits_for_and_then_where_everything_is(checkout: Checkout) -> None:
    (checkout.root / "var").mkdir()
    (checkout.root / "var" / "welcome.txt").write_text("login: gujrat-lead", encoding="utf-8")
    checkout.run()
    wait_until(lambda: "waiting for: clock: no sweep yet" in checkout.output, "the word of what is missing")
    assert "/chat" not in checkout.output
    (checkout.root / "ready").touch()
    wait_until(lambda: "Ctrl-C ends everything." in checkout.output, "the addresses")
    assert f"http://127.0.0.1:{checkout.port}/chat" in checkout.output
    assert "login: gujrat-lead" in checkout.output


def test_redis_is_started_keeps_its_data_and_evicts_nothing(checkout: Checkout) -> None:
    for expected in (None, b"kept"):
        checkout.run()
        checkout.pid("parent")
        url = (checkout.root / "environment").read_text(encoding="utf-8")
        with redis.Redis.from_url(url) as client:
            wait_until(lambda client=client: _answers(client), "Redis")  # type: ignore[misc]
            assert client.get("note") == expected
            client.set("note", b"kept")
            assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        checkout.finish()
        (checkout.root / "parent.pid").unlink()


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except (redis.ConnectionError, redis.exceptions.BusyLoadingError):
        return False


def test_a_failed_release_stops_the_start(checkout: Checkout) -> None:
    checkout.procfile("release: false", "parent: python program.py parent")
    checkout.run()
    assert checkout.process is not None
    assert checkout.process.wait(timeout=START_SECONDS) == 1
    assert checkout.output == "`false` failed (1); nothing was started\n"
    assert not (checkout.root / "var" / "supervisord.conf").exists()


def test_a_port_in_use_is_named(checkout: Checkout) -> None:
    with socket.create_server(("127.0.0.1", checkout.port)):
        checkout.run()
        assert checkout.process is not None
        assert checkout.process.wait(timeout=START_SECONDS) == 1
    assert f"port {checkout.port} is not free" in checkout.output


def test_a_second_start_in_the_same_folder_is_refused(checkout: Checkout) -> None:
    checkout.run()
    checkout.pid("parent")
    second = Checkout(checkout.root)
    second.run()
    assert second.process is not None
    assert second.process.wait(timeout=START_SECONDS) == 1
    assert "already running from this folder" in second.output


def test_the_procfile_of_the_hotline_has_the_agreed_lines() -> None:
    programs = read_procfile(CHECKOUT / "Procfile")
    assert list(programs) == ["release", "web", "worker", "clock"]
    assert programs["release"] == "hotline release"
    assert programs["web"].endswith("'hotline.app:create_app()'")
    assert programs["worker"] == "python -m workers.jobs"
    assert programs["clock"] == "python -m workers.clock"


def test_supervisord_reads_back_the_command_as_written(tmp_path: Path) -> None:
    command = "tool --percent 5% 'a b' \"c\" ${PORT:-8000}"
    parser = RawConfigParser(inline_comment_prefixes=(";", "#"), strict=False)
    parser.read_string(configuration({"odd": command}, tmp_path))
    program = parser["program:odd"]
    read = program["command"].replace("%%", "%")
    assert subprocess.run(
        ["sh", "-c", f"printf '%s\\n' {read}"], capture_output=True, check=True, text=True
    ).stdout == (f"/bin/sh\n-c\nexec {command}\n")
    assert program["startsecs"] == "0"


@pytest.mark.parametrize(
    ("text", "line"),
    [("web python", 1), ("# a comment\n\nweb: a\nweb: b", 4), ("web:", 1), ("Web: a", 1)],
    ids=["no colon", "twice", "no command", "capital letter"],
)
def test_an_odd_procfile_is_refused_by_line(tmp_path: Path, text: str, line: int) -> None:
    (tmp_path / "Procfile").write_text(text, encoding="utf-8")
    with pytest.raises(SuperviseError, match=f"Procfile:{line}:"):
        read_procfile(tmp_path / "Procfile")


def test_a_command_that_supervisord_would_cut_off_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SuperviseError, match="cannot take"):
        configuration({"web": "python web.py ; rest"}, tmp_path)


def test_a_path_too_long_for_a_socket_gets_a_loopback_port_with_a_password(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 30)
    server = redis_server.prepare(folder)
    process = subprocess.Popen(server.command, stdout=subprocess.DEVNULL)
    try:
        with redis.Redis.from_url(server.url) as client:
            wait_until(lambda: _answers(client), "Redis on a port")
        with redis.Redis.from_url(_bare(server.url)) as stranger, pytest.raises(redis.AuthenticationError):
            stranger.ping()
    finally:
        process.terminate()
        process.wait()
    assert (folder / "redis.conf").stat().st_mode & 0o077 == 0


def _bare(url: str) -> str:
    """The same address without its password."""
    return f"redis://{url.partition('@')[2]}"


def test_no_phones_are_named_where_there_are_none(tmp_path: Path) -> None:
    assert "Demo phones" not in addresses(tmp_path / "welcome.txt", 8000, phones=False)
    assert "http://127.0.0.1:8001/" in addresses(tmp_path / "welcome.txt", 8000, phones=True)
