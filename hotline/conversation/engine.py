"""The engine: `start` and `resume`. Pure: it reads no clock, no store and no catalogue.

A message is understood in this order; the first that fits wins.
1. X, 00, STOP end the conversation without a word.
2. The question's own options: number, label in any language, keyword.
3. "bas" and "bus" end it as well, but only where no own words are asked for: a bus may be the answer.
4. The name of a language changes the language; a greeting asks again. Neither is a slip.
5. 0, MENU, BACK lead to the start; a plea for help leads to the help flow, unless the person is in it.
6. 9 and words such as "skip" or "don't know" go on without an answer.
7. Own words: at once where own words are asked for or where a sentence is written, else after the second slip.
"""

from hotline.conversation.flow import Address, Flows, Node, Option
from hotline.conversation.schema import HELP, SKIP_NUMBER, START
from hotline.conversation.turn import Effect, EffectName, Say, Session, Turn
from hotline.conversation.words import LANGUAGE_OF, normalise

MAX_HOPS = 20  # remarks in a row; flows with silent loops are refused, so this only guards against mistakes here
MAX_SLIP_WORDS = 3  # more words than this are no slip of the finger but an answer
MAX_MISSES = 2

__all__ = ["Effect", "EffectName", "Say", "Session", "Turn", "resume", "start"]


def start(flows: Flows, flow: str, language: str, *, report: str | None = None, carry: str | None = None) -> Turn:
    """The first turn of a flow. An unknown flow begins at the start: a person never meets an error."""
    return _enter(flows, flows.first(flow).here, Session(flow, "", "", language, 0, report, carry), ())


def resume(flows: Flows, session: Session, text: str) -> Turn:
    """The turn that answers `text`. Never raises, whatever the text and however old the session.

    A session of another revision goes on at the step of its name; if that is gone, at the beginning of its flow, and
    the text is kept as a remark.
    """
    node = flows.node(session.flow, session.step)
    if node.here.step != session.step or node.here.flow != session.flow:
        return _enter(flows, node.here, session, _remark(text))
    return _Reply(flows, session, node, text).turn()


class _Reply:
    """One message at one question."""

    __slots__ = ("concepts", "flows", "node", "said", "session", "text")

    def __init__(self, flows: Flows, session: Session, node: Node, text: str) -> None:
        self.flows, self.session, self.node, self.text = flows, session, node, text
        self.said = normalise(text)
        self.concepts = flows.words.whole_of(self.said)

    def turn(self) -> Turn:
        if "STOP" in self.concepts:
            return Turn(None, (), (Effect("leave"),))
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
        session = self.session
        if option.language is not None:
            session = _with(session, language=option.language)
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
            return _ask(_with(self.session, language=language), self.node, (effect,))
        if "GREETING" in concepts:
            return _ask(self.session, self.node, ())
        return self._elsewhere()

    def _elsewhere(self) -> Turn | None:
        concepts, flows = self.concepts, self.flows
        if concepts & {"MENU", "BACK"}:
            return self._go(flows.first(START).here, ())
        if "HELP" in concepts and self.session.flow != HELP:
            return self._go(flows.first(HELP).here, _remark(self.text))
        if concepts & {"SKIP", "UNKNOWN"} or (self.node.kind != "choice" and concepts & {"NO", "THANKS"}):
            return self._go(self.node.onward, ())
        return None

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
        return self._go(self.node.onward, kept)

    def _answer(self, value: str | None) -> Effect:
        data = {"field": self.node.save, "value": value, "text": self.text, "kind": self.node.kind}
        return Effect("answer", data)

    def _go(self, to: Address | None, effects: tuple[Effect, ...]) -> Turn:
        return _enter(self.flows, to or self.node.here, self.session, effects)


def _enter(flows: Flows, to: Address, session: Session, effects: tuple[Effect, ...]) -> Turn:
    """Go to a step, past remarks, up to the next question or the end."""
    says: tuple[Say, ...] = ()
    if to.flow == HELP and (session.flow != HELP or not session.step):
        effects += (Effect("help"),)
    for _ in range(MAX_HOPS):
        node = flows.node(to.flow, to.step)
        effects += tuple(Effect(name) for name in node.effects)
        if node.question:
            turn = _ask(session, node, effects, flows.flows[node.here.flow].revision)
            return Turn(turn.session, says + turn.says, turn.effects)
        says += (node.say,)
        if node.onward is None:
            return Turn(None, says, (*effects, Effect("end")))
        to = node.onward
    return Turn(None, says, (*effects, Effect("end")))


def _ask(session: Session, node: Node, effects: tuple[Effect, ...], revision: str | None = None) -> Turn:
    here = node.here
    return Turn(
        Session(
            here.flow,
            session.revision if revision is None else revision,
            here.step,
            session.language,
            0,
            session.report,
            session.carry,
        ),
        (node.say,),
        effects,
    )


def _ask_again(session: Session, node: Node, effects: tuple[Effect, ...]) -> Turn:
    return Turn(_with(session, misses=session.misses + 1), (node.again,), effects)


def _with(session: Session, language: str | None = None, misses: int = 0) -> Session:
    """The session with another language or count. (dataclasses.replace takes ten times as long.)"""
    return Session(
        session.flow,
        session.revision,
        session.step,
        language or session.language,
        misses,
        session.report,
        session.carry,
    )


def _remark(text: str) -> tuple[Effect, ...]:
    return (Effect("remark", {"text": text}),) if text and not text.isspace() else ()
