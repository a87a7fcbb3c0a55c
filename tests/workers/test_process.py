"""What a process loads and which keys it opens: those of its role, and no web for workers."""

import subprocess
import sys
from pathlib import Path

import pytest

from hotline.app import Hotline
from hotline.core import vault
from hotline.core.settings import ROOT, Settings
from hotline.core.vault import ROLE_KEYS, KeyMissing


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        *((f"workers.{name}", "flask") for name in ("clock", "jobs", "pull", "reconcile", "smpp")),
        ("hotline.app", "flask"),
        ("hotline.web.app", "hotline.app"),  # a door is handed its parts
    ],
)
def test_a_process_does_not_load_what_it_does_not_need(module: str, absent: str) -> None:
    found = f"import sys, {module}; sys.exit({absent!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", found], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize("role", ROLE_KEYS)
def test_a_role_works_with_its_own_keys_and_opens_no_others(role: str, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    vault.make_keys(keys)
    for file in keys.glob("*.key"):
        if file.stem not in ROLE_KEYS[role]:
            file.unlink()
    hotline = Hotline(Settings(database_url="sqlite://", keys_dir=keys), role)
    hotline.build("escalation")
    for pair in vault.PAIRS:
        sealed = hotline.vault.seal_for(pair, b"text", "here")
        if pair in ROLE_KEYS[role]:
            assert hotline.vault.open_as(pair, sealed, "here") == b"text"
        else:
            with pytest.raises(KeyMissing):
                hotline.vault.open_as(pair, sealed, "here")


def test_a_key_that_is_missing_shows_when_a_process_starts(tmp_path: Path) -> None:
    with pytest.raises(KeyMissing, match=r"worker\.pub"):
        Hotline(Settings(database_url="sqlite://", keys_dir=tmp_path), "clock").build("escalation")
