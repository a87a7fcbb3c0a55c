"""A flow in the terminal."""

from pathlib import Path

import pytest

from hotline.conversation import talk
from hotline.conversation.flow import Flows
from hotline.core.i18n import LANGUAGES

FLOWS = Flows.load(Path("flows"))


def noticed(text: str, language: str) -> dict[str, str]:
    return {"place": {"ur": "قصور"}.get(language, "Kasur")} if "kasur" in text else {}


def run(folder: Path, messages: list[str], *, record: bool) -> tuple[Path | None, list[str]]:
    shown: list[str] = []
    waiting = iter(messages)

    def typed() -> str:
        try:
            return next(waiting)
        except StopIteration as end:
            raise EOFError from end

    path = talk.run(
        FLOWS, "tip", "en", "sms", record, notice=noticed, input=typed, output=shown.append, transcripts=folder
    )
    return path, shown


def test_a_flow_is_played_until_the_keyboard_is_closed(tmp_path: Path) -> None:
    path, shown = run(tmp_path, ["2", "Lahore"], record=False)
    assert path is None
    assert shown[0] == "< What is it about?"
    assert "= answer place: - (Lahore)" in shown
    assert list(tmp_path.iterdir()) == []


def test_a_recording_plays_again_to_the_same_text(tmp_path: Path) -> None:
    first, _ = run(tmp_path, ["2", "Lahore", "x"], record=True)
    second, _ = run(tmp_path, ["", "five men are locked in near kasur", "1"], record=True)
    assert first == tmp_path / "tip-en-1.txt"
    assert second == tmp_path / "tip-en-2.txt"
    for path in (first, second):
        text = path.read_text(encoding="utf-8")
        assert talk.replay(FLOWS, text, noticed) == text


def test_an_unknown_flow_is_an_error_of_the_developer(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        talk.run(FLOWS, "tpi", "en", "sms", False, input=str, output=print, transcripts=tmp_path)


def test_what_own_words_said_already_is_shown_to_be_confirmed(tmp_path: Path) -> None:
    _, shown = run(tmp_path, ["five men are locked in near kasur", "3", "1"], record=False)
    assert "< Kasur. Is it there?" in shown
    assert "= answer place: - (Kasur)" in shown


def test_what_is_known_is_shown_in_the_letters_of_the_channel() -> None:
    told = ["five men are locked in near kasur", "3"]
    screens = {channel: [*talk.play(FLOWS, "tip", "ur", channel, told, noticed)] for channel in ("sms", "ussd")}
    assert any(line.startswith("< قصور") for line in screens["sms"])
    assert any(line.startswith("< Kasur") for line in screens["ussd"])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("flow", sorted(FLOWS.flows))
def test_every_flow_is_said_on_every_screen(flow: str, language: str) -> None:
    """Each question of a flow that is skipped through; on USSD in Latin letters, whatever the language."""
    for channel in ("sms", "ussd", "webchat"):
        lines = [line for line in talk.play(FLOWS, flow, language, channel, ["9"] * 40) if line[:2] in ("< ", "  ")]
        assert lines
        assert not any("{" in line for line in lines)
        assert channel != "ussd" or all(line.isascii() for line in lines)
