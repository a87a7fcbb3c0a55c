"""Conversations written down: each is played again, and must come out word for word.

After a change of texts on purpose: `hotline talk --record`, or read the difference and correct the file.
"""

from pathlib import Path

import pytest

from hotline.conversation.flow import Flows
from hotline.conversation.talk import replay

FLOWS = Flows.load(Path("flows"))
TRANSCRIPTS = sorted(Path(__file__).parent.glob("*.txt"))


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_a_conversation_goes_as_written(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert replay(FLOWS, text) == text


def test_every_flow_is_played_in_every_language() -> None:
    played = {tuple(path.read_text(encoding="utf-8").split()[1:3]) for path in TRANSCRIPTS}
    assert played >= {(flow, language) for flow in FLOWS.flows for language in ("ur", "sd", "en")}
