"""What the tests need besides Python packages: `python -m tests.needs --install` brings it, or names what is missing.

To add a need, add a row. Debian's packages are installed only by root, or where sudo asks nothing.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Need:
    """A program (or a file) that is there if any of `anywhere` is: names on the path, or patterns of files."""

    what: str
    anywhere: tuple[str, ...]
    package: str

    def found(self) -> str:
        """The path of the first that is there, the newest version first; empty if none is."""
        for place in self.anywhere:
            matches = _files(place) if "/" in place else [shutil.which(place) or ""]
            if matches and matches[-1]:
                return matches[-1]
        return ""


def _files(pattern: str) -> list[str]:
    return sorted((str(path) for path in Path("/").glob(pattern.lstrip("/"))), key=_version)


def _version(path: str) -> tuple[int, ...]:
    return tuple(int(part) for part in path.split("/") if part.isdigit())


# The version's own folder first: what stands on the path may be a wrapper of the distribution's.
POSTGRES = Need("PostgreSQL's server", ("/usr/lib/postgresql/*/bin/initdb", "initdb"), "postgresql")
REDIS = Need("a Redis-compatible server", ("valkey-server", "redis-server"), "redis-server")
CHROMIUM = Need("Chromium", ("chromium", "chromium-browser", "google-chrome"), "chromium")
GIT = Need("git", ("git",), "git")
FONT = Need("a Nastaliq font", ("/usr/share/fonts/**/NotoNastaliqUrdu-Regular.ttf",), "fonts-noto-core")
FFMPEG = Need("ffmpeg", ("ffmpeg",), "ffmpeg")
NODE = Need("Node.js", ("node", "nodejs"), "nodejs")
NPM = Need("npm", ("npm",), "npm")
KANNEL = Need("Kannel", ("bearerbox", "/usr/sbin/bearerbox"), "kannel")
UNSHARE = Need("unshare", ("unshare",), "util-linux")
NEEDS = (POSTGRES, REDIS, CHROMIUM, GIT, FONT, FFMPEG, NODE, NPM, KANNEL, UNSHARE)
SMSC = Path(__file__).parent / "smsc"  # a message centre from npm, locked by its own package-lock.json


def postgres_programs() -> Path:
    """The folder of initdb and pg_ctl."""
    return Path(POSTGRES.found()).resolve().parent


def chromium() -> str:
    """The path of the browser, for Playwright's `executable_path`."""
    return CHROMIUM.found()


def missing() -> list[Need]:
    """The needs that are not met on this machine."""
    return [need for need in NEEDS if not need.found()]


def install(needs: list[Need]) -> bool:
    """Install the packages of `needs` with apt-get; False if this user may not, or there is no apt-get."""
    if not shutil.which("apt-get"):
        return False
    sudo = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    if sudo and (not shutil.which("sudo") or subprocess.run([*sudo, "true"], check=False).returncode):
        return False
    apt = [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet=2"]
    packages = sorted({need.package for need in needs})
    print(f"Installing for the tests: {' '.join(packages)}", flush=True)
    # The tests start their own servers: no service is started, and no cluster made that would run from now on.
    alone = ["--option", "Dpkg::Use-Pty=0", "--no-install-recommends", "--yes"]
    for command in ([*apt, "update"], [*apt, "install", *alone, *packages]):
        if subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode:
            return False
    return True


def smsc_ready() -> bool:
    """Whether the message centre's packages are those of its lock."""
    noted, lock = SMSC / "node_modules" / ".package-lock.json", SMSC / "package-lock.json"
    return noted.exists() and noted.stat().st_mtime >= lock.stat().st_mtime


def install_smsc() -> bool:
    """Install the message centre's packages; False if npm can't."""
    print("Installing for the tests: the packages of tests/smsc", flush=True)
    command = [NPM.found(), "ci", "--no-audit", "--no-fund", "--loglevel=error"]
    return subprocess.run(command, cwd=SMSC, check=False, stdout=subprocess.DEVNULL).returncode == 0


def main(arguments: list[str]) -> int:
    needs = missing()
    if needs and "--install" in arguments and install(needs):
        needs = missing()
    for need in needs:
        print(f"missing: {need.what} (Debian's package {need.package})", file=sys.stderr)
    if needs:
        return 1
    if smsc_ready() or ("--install" in arguments and install_smsc()):
        return 0
    print("missing: the packages of tests/smsc (`npm ci` there)", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
