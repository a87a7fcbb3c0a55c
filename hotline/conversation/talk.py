"""A flow in the terminal, and transcripts: conversations written down that the tests play again."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from hotline.channels import traits
from hotline.conversation import discretion, engine, texts
from hotline.conversation.engine import Notice
from hotline.conversation.flow import Flows
from hotline.conversation.places.finder import Places
from hotline.conversation.places.tables import Place
from hotline.conversation.rendering import legible, render, tongue_of
from hotline.conversation.screens import pages
from hotline.conversation.turn import Effect, Session, Turn
from hotline.core.i18n import translate

# What a text shows that only a real report, or a list of agents, would know
SHOWN = {"code": "4821736050", "status": texts.STATUS_RECEIVED, "agent": texts.AGENT_NO_LIST}
THEY, WE, DONE = "> ", "< ", "= "  # what the person types, what the hotline says, what it does


def run(
    flows: Flows,
    flow: str,
    language: str,
    channel: str,
    record: bool,
    *,
    notice: Notice | None = None,
    places: Places | None = None,
    input: Callable[[], str],  # noqa: A002  reads as what it is
    output: Callable[[str], None],
    transcripts: Path = Path("tests/flows"),
) -> Path | None:
    """Play a flow until it ends or the input does (EOFError); returns the transcript's file if one was recorded.

    `notice` finds places and numbers in own words, so that confirmations can be seen, and `places` whether what is
    answered to "where?" is abroad. KeyError: no such flow.
    """
    _ = flows.flows[flow]
    typed: list[str] = []

    def messages() -> Iterator[str]:
        while True:
            try:
                text = input()
            except EOFError:
                return
            typed.append(text)
            yield text

    for line in play(flows, flow, language, channel, messages(), notice, places):
        if not line.startswith(THEY):
            output(line)
    if not record:
        return None
    written = transcript(flows, flow, language, channel, typed, notice, places)
    return _record(transcripts, f"{flow}-{language}", written)


def play(
    flows: Flows, flow: str, language: str, channel: str, messages: Iterable[str], notice: Notice | None = None,
    places: Places | None = None,
) -> Iterator[str]:  # fmt: skip
    """The lines of a conversation. The session goes through its JSON at each step, as it does in the database."""
    notice = notice and legible(notice, channel)
    turn = engine.start(flows, flow, language)
    yield from _lines(turn, language, channel)
    arriving, abroad = iter(messages), False
    while turn.session is not None:
        text = next(arriving, None)
        if text is None:
            return
        yield THEY + text
        session = Session.from_json(turn.session.to_json())
        turn = engine.resume(flows, session, text, notice)
        abroad = _abroad(turn, places, before=abroad)
        turn = discretion.at_home(turn) if abroad else turn
        language = turn.session.language if turn.session else session.language
        yield from _lines(turn, language, channel)


def transcript(
    flows: Flows, flow: str, language: str, channel: str, messages: Iterable[str], notice: Notice | None = None,
    places: Places | None = None,
) -> str:  # fmt: skip
    """A whole conversation as the text of a transcript file."""
    lines = [f"# {flow} {language} {channel}", *play(flows, flow, language, channel, messages, notice, places)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def replay(flows: Flows, text: str, notice: Notice | None = None, places: Places | None = None) -> str:
    """Return the transcript as it would be today: the same messages, to the same flow."""
    header, *lines = text.splitlines()
    flow, language, channel = header.removeprefix("# ").split()
    typed = [line[len(THEY) :] for line in lines if line.startswith(THEY.rstrip())]
    return transcript(flows, flow, language, channel, typed, notice, places)


def _abroad(turn: Turn, places: Places | None, *, before: bool) -> bool:
    """Tell whether the last place that was answered is abroad."""
    told = [effect.data["text"] or "" for effect in turn.effects if effect.data.get("kind") == "place"]
    found = places.find(told[-1]) if places is not None and told else None
    return found.kind == "abroad" if isinstance(found, Place) else before


def _lines(turn: Turn, language: str, channel: str) -> Iterator[str]:
    for effect in turn.effects:
        yield DONE + _shown(effect)
    tongue = tongue_of(language, channel)
    shown = {name: translate(text, tongue) for name, text in SHOWN.items()}
    for said in (render(say, language, channel, shown) for say in turn.says):
        for page in pages(said, tongue) if traits.of(channel).screens else [said]:
            first, *rest = page.split("\n")
            yield WE + first
            yield from ("  " + line for line in rest)


def _shown(effect: Effect) -> str:
    data = effect.data
    if effect.name == "answer":
        return f"answer {data['field']}: {data['value'] or '-'} ({data['text']})"
    return " ".join([effect.name, *(value for value in data.values() if value)])


def _record(folder: Path, stem: str, content: str) -> Path:
    taken = {path.stem for path in folder.glob(f"{stem}-*.txt")}
    number = next(number for number in range(1, len(taken) + 2) if f"{stem}-{number}" not in taken)
    path = folder / f"{stem}-{number}.txt"
    path.write_text(content, encoding="utf-8")
    return path
