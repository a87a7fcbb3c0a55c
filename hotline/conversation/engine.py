"""The engine: `start` and `resume`. Pure: it reads no clock, no store and no catalogue.

A message is understood in this order; the first that fits wins.
1. X, 00, STOP end the conversation without a word.
2. The question's own options: number, label in any language, keyword.
3. "bas" and "bus" end it as well, but only where no own words are asked for: a bus may be the answer.
4. The name of a language changes the language; a greeting asks again. Neither is a slip.
5. 0, BACK lead one question back, MENU and the first question's 0 to the start; a plea for help leads to the help flow,
   unless the person is in it.
6. 9 and words such as "skip" or "don't know" go on without an answer.
7. Own words: at once where own words are asked for or where a sentence is written, else after the second slip.

Own words may answer later questions too: `Notice` says which. Such a question shows what is known, to be confirmed.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from hotline.conversation.flow import Flows, Node, Option, StepAddress
from hotline.conversation.letters import normalise
from hotline.conversation.schema import HELP, SKIP_NUMBER, START
from hotline.conversation.turn import Effect, EffectName, Say, Session, Turn
from hotline.conversation.words import LANGUAGE_OF

MAX_HOPS = 20  # remarks in a row; flows with silent loops are refused, so this only guards against mistakes here
MAX_SLIP_WORDS = 3  # more words than this are no slip of the finger but an answer
MAX_MISSES = 2
MAX_TRAIL = 12  # questions that "0" can go back
CONFIRMED, DENIED = "1", "2"

Notice = Callable[[str, str], Mapping[str, str]]  # (own words, language) -> field -> what they say of it, to be shown

__all__ = ["Effect", "EffectName", "Notice", "Say", "Session", "Turn", "resume", "start"]


def start(
    flows: Flows, flow: str, language: str, *, report: str | None = None, carry: str | None = None,
    known: Mapping[str, str] | None = None,
) -> Turn:  # fmt: skip
    """The first turn of a flow. An unknown flow begins at the start: a person never meets an error."""
    session = Session(flow, "", "", language, 0, report, carry, known=known or {})
    return _enter(flows, flows.first(flow).here, session, ())


def resume(flows: Flows, session: Session, text: str, notice: Notice | None = None) -> Turn:
    """The turn that answers `text`. Never raises, whatever the text and however old the session.

    A session of another revision goes on at the step of its name; if that is gone, at the beginning of its flow, and
    the text is kept as a remark.
    """
    node = flows.node(session.flow, session.step)
    if node.here.step != session.step or node.here.flow != session.flow:
        return _enter(flows, node.here, session, _remark(text))
    return _Reply(flows, session, node, text, notice).turn()


def ask_again(flows: Flows, session: Session, before: str) -> Turn:
    """The question at which a person stands, after a break; `before` is the line that says so."""
    turn = _ask(session, flows.node(session.flow, session.step), ())
    return Turn(turn.session, tuple(replace(say, before=before) for say in turn.says))


class _Reply:
    """One message at one question."""

    __slots__ = ("concepts", "flows", "node", "notice", "said", "session", "text")

    def __init__(self, flows: Flows, session: Session, node: Node, text: str, notice: Notice | None) -> None:
        self.flows, self.session, self.node, self.text, self.notice = flows, session, node, text, notice
        said = normalise(text)
        forgiven = node.kind == "choice" and said not in node.options  # elsewhere it may be a name
        self.said = flows.words.mended(said) if forgiven else said
        self.concepts = flows.words.whole_of(self.said)

    def turn(self) -> Turn:
        if "STOP" in self.concepts:
            return Turn(None, (), (Effect("leave"),))
        if self.session.confirming:
            turn = self._confirmation()
            if turn is not None:
                return turn
        option = self._option()
        if option is not None:
            return self._take(option)
        if self.concepts:
            turn = self._command()
            if turn is not None:
                return turn
        if self.said == SKIP_NUMBER:
            return self._go(self.node.onward, ())
        return self._own_words()

    def _confirmation(self) -> Turn | None:
        """Yes keeps what own words said, no asks for it; anything else is the answer itself."""
        field = self.node.save or ""
        known = self.session.known.get(field, "")
        forgotten = {name: value for name, value in self.session.known.items() if name != field}
        session = replace(self.session, known=forgotten, confirming=False)
        if self.said == CONFIRMED or "YES" in self.concepts:
            data = {"field": field, "value": None, "text": known, "kind": self.node.kind}
            return _enter(self.flows, self.node.onward or self.node.here, session, (Effect("answer", data),))
        if self.said == DENIED or "NO" in self.concepts:
            return _ask(session, self.node, ())
        self.session = session
        return None

    def _option(self) -> Option | None:
        """The option that the message means: the whole of it, its first word, or the one keyword in its sentence."""
        options = self.node.options
        option = options.get(self.said)
        if option is not None or " " not in self.said:
            return option
        number, _, rest = self.said.partition(" ")
        if options.get(number) is not None and options.get(rest) is options[number]:  # "1 yes"
            return options[number]
        return self._opening_word() or self._keyword_inside()

    def _opening_word(self) -> Option | None:
        """ "no, he is in the room", "yes two of them". Two words first: "ji nahi" begins like a yes and is a no."""
        tokens = self.said.split(" ", 2)
        opening = self.node.opening
        return opening.get(" ".join(tokens[:2])) or opening.get(tokens[0])

    def _keyword_inside(self) -> Option | None:
        inside = self.node.inside
        meant = {concept: inside[concept] for concept in self.flows.words.contains_of(self.said) if concept in inside}
        if "HELP" in meant:
            return meant["HELP"]  # of a tip and a plea in one sentence, the plea
        found = list(meant.values())
        if not found or any("NO" in self.flows.words.whole_of(token) for token in self.said.split(" ")):
            return None  # "khatra nahi hai": a denied keyword is own words, for people to judge
        return found[0] if all(one is found[0] for one in found) else None

    def _take(self, option: Option) -> Turn:
        effects: tuple[Effect, ...] = ()
        if self.notice is not None and self.said not in self.node.options:
            self._notice(self.notice)  # a sentence that chooses may say more
        session = self.session
        if option.value is not None and self.node.save is not None:
            session = replace(session, facts={**session.facts, self.node.save: option.value})
        if option.language is not None:
            session = replace(session, language=option.language)
            effects = (Effect("language", {"language": option.language}),)
        elif self.node.save is not None:
            effects = (self._answer(option.value),)
        elif len(self.said) > 1 and self.said not in self.node.options:
            effects = _remark(self.text)  # a whole sentence at the menu
        return _enter(self.flows, option.to, session, effects)

    def _command(self) -> Turn | None:
        concepts = self.concepts
        if "ENOUGH" in concepts and self.node.kind == "choice":
            return Turn(None, (), (Effect("leave"),))
        language = next((LANGUAGE_OF[concept] for concept in concepts if concept in LANGUAGE_OF), None)
        if language is not None:
            effect = Effect("language", {"language": language})
            return _ask(replace(self.session, language=language), self.node, (effect,))
        if "GREETING" in concepts:
            return _ask(self.session, self.node, ())
        return self._elsewhere()

    def _elsewhere(self) -> Turn | None:
        concepts, flows = self.concepts, self.flows
        if concepts & {"MENU", "BACK"}:
            return self._back() if "BACK" in concepts else self._go(flows.first(START).here, ())
        if "HELP" in concepts and self.session.flow != HELP:
            return self._go(flows.first(HELP).here, _remark(self.text))
        if concepts & {"SKIP", "UNKNOWN"} or (self.node.kind != "choice" and concepts & {"NO", "THANKS"}):
            return self._go(self.node.onward, ())
        return None

    def _back(self) -> Turn:
        """The question before this one; from the first one to the start."""
        *trail, last = ("", *self.session.trail)
        flow, _, step = last.partition("/")
        if not last:
            return self._go(self.flows.first(START).here, ())
        session = replace(self.session, trail=tuple(trail[1:]))
        return _ask(session, self.flows.node(flow, step), ())

    def _own_words(self) -> Turn:
        asked_for = self.node.kind != "choice" or self.said.count(" ") >= MAX_SLIP_WORDS
        if self.said and asked_for:
            return self._keep()
        if self.session.misses + 1 < MAX_MISSES:
            return _ask_again(self.session, self.node, _remark(self.text))
        return self._keep()

    def _keep(self) -> Turn:
        kept = _remark(self.text)
        if kept and self.node.save is not None:
            kept = (self._answer(None),)
        if kept and self.notice is not None:
            self._notice(self.notice)
        return self._go(self.node.onward, kept)

    def _notice(self, notice: Notice) -> None:
        """Keep what these words say of other questions; later words win."""
        found = {**notice(self.text, self.session.language)}
        found.pop(self.node.save or "", None)
        if found:
            self.session = replace(self.session, known={**self.session.known, **found})

    def _answer(self, value: str | None) -> Effect:
        data = {"field": self.node.save, "value": value, "text": self.text, "kind": self.node.kind}
        return Effect("answer", data)

    def _go(self, to: StepAddress | None, effects: tuple[Effect, ...]) -> Turn:
        """On without a choice; one made here before, on the way to and fro, holds no more."""
        facts = {field: value for field, value in self.session.facts.items() if field != self.node.save}
        return _enter(self.flows, to or self.node.here, replace(self.session, facts=facts), effects)


def _enter(flows: Flows, to: StepAddress, session: Session, effects: tuple[Effect, ...]) -> Turn:
    """Go to a step, past remarks and what does not apply, up to the next question or the end."""
    says: tuple[Say, ...] = ()
    if to.flow == HELP and (session.flow != HELP or not session.step):
        effects += (Effect("help"),)
    for _ in range(MAX_HOPS):
        node = flows.node(to.flow, to.step)
        if _applies(node, session.facts):
            effects += tuple(Effect(name) for name in node.effects)
            if node.question:
                turn = _ask(_moved(flows, session, node), node, effects)
                return Turn(turn.session, says + turn.says, turn.effects)
            says += (node.say,)
        if node.onward is None:
            break
        to = node.onward
    return Turn(None, says, (*effects, Effect("end")))


def _applies(node: Node, facts: Mapping[str, str]) -> bool:
    return not node.only_if or any(facts.get(field) in values for field, values in node.only_if.items())


def _moved(flows: Flows, session: Session, node: Node) -> Session:
    """The session at another question, with the one before on its trail."""
    trail = session.trail
    if session.step and (session.flow, session.step) != (node.here.flow, node.here.step):
        trail = (*trail, f"{session.flow}/{session.step}")[-MAX_TRAIL:]
    return replace(session, revision=flows.flows[node.here.flow].revision, trail=trail)


def _ask(session: Session, node: Node, effects: tuple[Effect, ...]) -> Turn:
    here = node.here
    known = session.known.get(node.save or "", "") if node.confirm is not None else ""
    say = replace(node.confirm, known=known) if node.confirm is not None and known else node.say
    asked = replace(session, flow=here.flow, step=here.step, misses=0, confirming=bool(known))
    return Turn(asked, (say,), effects)


def _ask_again(session: Session, node: Node, effects: tuple[Effect, ...]) -> Turn:
    return Turn(replace(session, misses=session.misses + 1), (node.again,), effects)


def _remark(text: str) -> tuple[Effect, ...]:
    return (Effect("remark", {"text": text}),) if text and not text.isspace() else ()
