"""Long texts on USSD: pages that fit, in order, with every option beside its number."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.channels.contract import SCREEN
from hotline.channels.sms_encoding import encode_plan
from hotline.conversation import talk
from hotline.conversation.flow import Flows
from hotline.conversation.screens import MORE, pages

LINE = st.text(st.characters(exclude_characters="\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"), max_size=120)
OPTIONS = "\n".join(f"{number} An option called {number}" for number in range(1, 9))


def fits(screen: str, room: int = SCREEN) -> bool:
    plan = encode_plan(screen)
    return plan.units <= (room if plan.alphabet == "gsm" else room // 2)


def test_what_fits_is_one_screen() -> None:
    assert pages("x" * 160, "en") == ["x" * 160]
    assert pages("و" * 80, "en") == ["و" * 80]
    assert pages("", "en") == [""]


def test_options_go_on_to_the_next_screen_with_their_numbers() -> None:
    first, second = pages(f"Which is it?\n{OPTIONS}", "en")
    assert first.startswith("Which is it?\n1 An option")
    assert first.endswith(f"\n{MORE} Read on")
    lines = [*first.split("\n")[1:-1], *second.split("\n")]
    assert lines == OPTIONS.split("\n")


def test_a_long_line_is_cut_between_words() -> None:
    words = " ".join(f"word{number}" for number in range(60))
    found = pages(words, "en")
    assert len(found) > 2
    assert " ".join(page.removesuffix(f"\n{MORE} Read on") for page in found) == words


@pytest.mark.parametrize("room", [40, 120, SCREEN])
def test_a_smaller_screen_needs_more_of_them(room: int) -> None:
    found = pages(f"Which is it?\n{OPTIONS}", "en", room)
    assert all(fits(page, room) for page in found)
    assert len(found) >= len(pages(f"Which is it?\n{OPTIONS}", "en"))


@given(st.lists(LINE, max_size=12), st.sampled_from([40, 120, SCREEN]))
def test_whatever_is_said_fits_and_nothing_of_it_is_lost(lines: list[str], room: int) -> None:
    found = pages("\n".join(lines), "en", room)
    assert all(fits(page, room) for page in found)
    assert all(page.endswith(f"{MORE} Read on") for page in found[:-1])
    shown = "".join(page.removesuffix(f"{MORE} Read on") for page in found)
    assert "".join(shown.split()) == "".join("".join(lines).split())


def test_the_way_on_is_no_option_of_any_flow() -> None:
    flows = Flows.load(Path("flows"))
    nodes = [node for flow in flows.flows.values() for node in flow.nodes.values()]
    assert not any(MORE in node.options for node in nodes)


def test_a_terminal_shows_the_pages_too(tmp_path: Path) -> None:
    for table in ("keywords.tsv", "slots.tsv", "frames.tsv", "loanwords.tsv", "answers.model"):
        (tmp_path / table).write_bytes(Path("flows", table).read_bytes())
    options = "".join(f"      - {{say: An option called {n}, value: v{n}}}\n" for n in range(1, 9))
    step = f"steps:\n  one:\n    ask: Which is it?\n    choices:\n{options}    save: one\n    next: two\n"
    for name in ("start", "help"):
        (tmp_path / f"{name}.yaml").write_text(f"{step}  two: {{say: Thanks., end: true}}\n", encoding="utf-8")
    flows = Flows.load(tmp_path, None)
    lines = [*talk.play(flows, "start", "en", "ussd", [])]
    assert [line for line in lines if line.startswith("< ")] == [
        "< Which is it?",
        "< 7 An option called 7",
    ]
    assert f"  {MORE} Read on" in lines
