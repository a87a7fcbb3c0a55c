"""What the tests need is found, or named."""

from pathlib import Path

import pytest

from tests import needs


def test_the_newest_of_several_versions_is_taken(tmp_path: Path) -> None:
    for version in ("9", "15", "13"):
        (tmp_path / version / "bin").mkdir(parents=True)
        (tmp_path / version / "bin" / "initdb").touch()
    need = needs.Need("a server", (f"{tmp_path}/*/bin/initdb", "sh"), "server")
    assert need.found() == f"{tmp_path}/15/bin/initdb"


def test_without_installing_what_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(needs, "NEEDS", (needs.Need("a gateway", ("no-such-program",), "kannel"),))
    assert needs.main([]) == 1
    assert capsys.readouterr().err == "missing: a gateway (Debian's package kannel)\n"


def test_nothing_is_installed_where_all_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needs, "NEEDS", (needs.Need("a shell", ("sh",), "dash"),))
    monkeypatch.setattr(needs, "install", lambda _: pytest.fail("installed"))
    assert needs.main(["--install"]) == 0
