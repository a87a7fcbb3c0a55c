"""`hotline run`: all processes of the Procfile on one machine, under supervisord, until Ctrl-C.

It starts programs and knows nothing of what they do: it imports nothing of the application.

1. `run` checks that nothing else uses this folder or the ports, and prepares a Redis-compatible server.
2. It runs the Procfile's `release` line, and stops there if that fails.
3. It writes `var/supervisord.conf` from the Procfile: one source of truth.
4. It becomes `watch`, a process that has imported next to nothing: that starts supervisord, passes its output on,
   says what is being waited for until `/readyz` answers 200, and then prints the addresses and `var/welcome.txt`.
5. Ctrl-C, SIGTERM or SIGHUP is passed to supervisord, which ends every process group; `watch` ends after it.
"""

import ctypes
import fcntl
import getpass
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import NoReturn

from hotline.local import redis_server
from hotline.local.announcer import Announcer

RELEASE, REDIS = "release", "redis"
PROGRAM_LINE = re.compile(r"([a-z][a-z0-9_-]*):\s+(\S.*)")
LOG = "supervisord.log"
STOP_SECONDS = 20  # from the polite signal to SIGKILL; the worker finishes the sends under way
PR_SET_PDEATHSIG = 1  # linux/prctl.h
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class SuperviseError(Exception):
    """The reason why nothing was started, for the person at the terminal."""


def run(
    root: Path, port: int, environment: dict[str, str], phones: str = "", optional: Mapping[str, str] | None = None
) -> int:
    """Run the Procfile of `root` on `port` and, if `phones` is a command, the demo phones' gateway on `port` + 1.

    `environment` is the whole environment of every process; what is missing of PORT, HOTLINE_PUBLIC_URL and
    HOTLINE_REDIS_URL is added. `optional`: name -> command of programs that the settings ask for and the Procfile only
    mentions. Returns an exit code if something kept it from starting (and says what, on
    standard error); otherwise this process becomes the supervisor and never returns.
    """
    try:
        _start(root.resolve(), port, environment, phones, optional or {})
    except SuperviseError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _start(root: Path, port: int, environment: dict[str, str], phones: str, optional: Mapping[str, str]) -> NoReturn:
    var = root / "var"
    var.mkdir(exist_ok=True, mode=0o700)
    _lock(var)
    for wanted in (port, port + 1) if phones else (port,):
        _check_free(wanted)
    programs = {**optional, **read_procfile(root / "Procfile")}
    release = programs.pop(RELEASE, "")
    if phones:
        programs["phones"] = phones
    environment = _complete(environment, port)
    if not environment.get("HOTLINE_REDIS_URL"):
        server = _redis(var)
        environment["HOTLINE_REDIS_URL"] = server.url
        programs = {REDIS: shlex.join(server.command), **programs}
    _release(release, root, environment)
    (var / "supervisord.conf").write_text(configuration(programs, root), encoding="utf-8")
    sys.stdout.flush()
    watcher = [sys.executable, "-m", "hotline.local.supervise", str(root), str(port), str(int(bool(phones)))]
    os.execve(sys.executable, watcher, environment)  # noqa: S606


def read_procfile(path: Path) -> dict[str, str]:
    """Name -> command line of each program. Raises SuperviseError naming the line that is not `name: command`."""
    programs: dict[str, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        found = PROGRAM_LINE.fullmatch(line.strip())
        if not found or found[1] in programs:
            raise SuperviseError(f"Procfile:{number}: not a `name: command` line, or a name that stands twice")
        programs[found[1]] = found[2]
    return programs


def configuration(programs: dict[str, str], root: Path) -> str:
    """The supervisord configuration that runs `programs` (name -> shell command line), `redis` first."""
    var = root / "var"
    sections = [
        "[supervisord]",
        "nodaemon=true",
        # its own words go to a file: it could not end its programs if it stumbled over a terminal that is gone
        "silent=true",
        f"logfile={_escaped(str(var / LOG))}",
        "logfile_backups=1",
        "loglevel=warn",
        f"pidfile={_escaped(str(var / 'supervisord.pid'))}",
        f"directory={_escaped(str(root))}",
        "umask=077",
        f"user={getpass.getuser()}" if os.geteuid() == 0 else "; runs as whoever started it",
    ]
    for name, command in programs.items():
        sections += ["", *_program(name, command)]
    # In one group programs end together; each on its own would take a second more. Redis starts before and ends after.
    together = [name for name in programs if name != REDIS]
    sections += ["", "[group:hotline]", f"programs={','.join(together)}", "priority=2"]
    return "\n".join(sections) + "\n"


def _program(name: str, command: str) -> list[str]:
    """One section. `exec` makes the program itself supervisord's child, so that a signal reaches it and not a shell."""
    return [
        f"[program:{name}]",
        f"command={_escaped(shlex.join(['/bin/sh', '-c', f'exec {command}']))}",
        "priority=1",
        "autorestart=true",
        # 0: a program that falls at once is started again every second for ever, as long as its database is away
        "startsecs=0",
        "stopasgroup=true",
        "killasgroup=true",
        f"stopwaitsecs={STOP_SECONDS}",
        "redirect_stderr=true",
        "stdout_logfile=/dev/fd/1",
        "stdout_logfile_maxbytes=0",
    ]


def _escaped(value: str) -> str:
    """`value` as supervisord reads it back: % expands there, and a blank before ; or # begins a comment."""
    if re.search(r"\s[;#]|\n", value):
        raise SuperviseError(f"supervisord cannot take ' ;' or ' #' in: {value}")
    return value.replace("%", "%%")


def _lock(var: Path) -> None:
    """Hold `var/run.lock` for as long as this process lives, the supervisor it becomes included."""
    lock = os.open(var / "run.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise SuperviseError(f"already running from this folder ({var})") from error
    os.set_inheritable(lock, True)


def _check_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            raise SuperviseError(f"port {port} is not free; `make run PORT=9000` uses another") from error


def _complete(environment: dict[str, str], port: int) -> dict[str, str]:
    programs = str(Path(sys.executable).parent)
    return {
        "HOTLINE_PUBLIC_URL": f"http://127.0.0.1:{port}",
        **environment,
        "PORT": str(port),
        "PATH": f"{programs}{os.pathsep}{environment.get('PATH', os.defpath)}",
        "PYTHONUNBUFFERED": "1",
    }


def _redis(var: Path) -> redis_server.RedisServer:
    try:
        return redis_server.prepare(var / "redis")
    except redis_server.RedisMissingError as error:
        raise SuperviseError(str(error)) from error


def _release(command: str, root: Path, environment: dict[str, str]) -> None:
    if not command:
        return
    finished = subprocess.run(["/bin/sh", "-c", f"exec {command}"], cwd=root, env=environment, check=False)
    if finished.returncode:
        raise SuperviseError(f"`{command}` failed ({finished.returncode}); nothing was started")


def watch(root: Path, port: int, phones: bool) -> int:
    """Run supervisord on the configuration in `root`/var until a signal; returns 0 if that is why it ended."""
    asked: list[int] = []
    started: list[subprocess.Popen[bytes]] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        asked.append(number)
        for process in started:
            process.terminate()

    for number in SIGNALS:
        signal.signal(number, stop)
    supervisord = _supervisord(root)
    started.append(supervisord)
    if asked:  # between the two lines above
        supervisord.terminate()
    announcer = Announcer(root / "var" / "welcome.txt", port, phones)
    announcer.start()
    _pass_on(supervisord)
    code = supervisord.wait()
    announcer.stop()
    if asked:
        return 0
    sys.stderr.write(f"the supervisor ended by itself ({code}); see {root / 'var' / LOG}\n")
    return 1


def _supervisord(root: Path) -> subprocess.Popen[bytes]:
    var = root / "var"
    with (var / LOG).open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "supervisor.supervisord", "-c", str(var / "supervisord.conf")],
            stdout=subprocess.PIPE,  # of our own: /dev/fd/1 can't be opened again if it is a socket or another's tty
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C reaches the watching process only, which passes it on once
            preexec_fn=_end_with_parent,  # noqa: PLW1509  # no thread runs yet
        )


def _end_with_parent() -> None:
    """Linux: SIGTERM to this process when the watching one is killed with -9, so that no orphan is left."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _pass_on(supervisord: subprocess.Popen[bytes]) -> None:
    """Copy its output until it closes; when nobody reads ours any more, end it."""
    for line in supervisord.stdout or ():
        try:
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            supervisord.terminate()
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(watch(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "1"))
