"""A flow in the terminal."""

from pathlib import Path

import pytest

from hotline.conversation import talk
from hotline.conversation.flow import Flows


def run(folder: Path, messages: list[str], *, record: bool) -> tuple[Path | None, list[str]]:
    shown: list[str] = []
    waiting = iter(messages)

    def typed() -> str:
        try:
            return next(waiting)
        except StopIteration as end:
            raise EOFError from end

    path = talk.run(Path("flows"), "tip", "en", "sms", record, input=typed, output=shown.append, transcripts=folder)
    return path, shown


def test_a_flow_is_played_until_the_keyboard_is_closed(tmp_path: Path) -> None:
    path, shown = run(tmp_path, ["2", "Lahore"], record=False)
    assert path is None
    assert shown[0] == "< Which is closest?"
    assert "= answer place: - (Lahore)" in shown
    assert list(tmp_path.iterdir()) == []


def test_a_recording_plays_again_to_the_same_text(tmp_path: Path) -> None:
    first, _ = run(tmp_path, ["2", "Lahore", "x"], record=True)
    second, _ = run(tmp_path, ["", "2"], record=True)
    assert first == tmp_path / "tip-en-1.txt"
    assert second == tmp_path / "tip-en-2.txt"
    flows = Flows.load(Path("flows"))
    for path in (first, second):
        text = path.read_text(encoding="utf-8")
        assert talk.replay(flows, text) == text


def test_an_unknown_flow_is_an_error_of_the_developer(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        talk.run(Path("flows"), "tpi", "en", "sms", False, input=str, output=print, transcripts=tmp_path)
