"""The rule that nothing is skipped, tried on tests that break it."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BREAKERS = {
    "skip": "def test_it():\n    pytest.skip('no server')\n",
    "skip mark": "@pytest.mark.skip\ndef test_it():\n    pass\n",
    "xfail": "@pytest.mark.xfail\ndef test_it():\n    raise ValueError\n",
    "xpass": "@pytest.mark.xfail\ndef test_it():\n    pass\n",
    "module": "pytest.importorskip('no_such_module')\n\ndef test_it():\n    pass\n",
}


def outcome(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_breaker.py").write_text(f"import pytest\n\n{code}", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "tests.strict", "-p", "no:cacheprovider", "--rootdir", str(folder)]
    config = ["-c", "/dev/null", str(folder)]
    return subprocess.run([*command, *config], cwd=ROOT, capture_output=True, check=False, text=True)


@pytest.mark.parametrize("code", BREAKERS.values(), ids=BREAKERS)
def test_what_is_skipped_or_expected_to_fail_has_failed(tmp_path: Path, code: str) -> None:
    finished = outcome(tmp_path, code)
    assert finished.returncode != 0
    assert "Nothing is skipped here" in finished.stdout


def test_what_passes_still_passes(tmp_path: Path) -> None:
    assert outcome(tmp_path, "def test_it():\n    pass\n").returncode == 0
