"""The engine: `start` and `resume`. Pure: it reads no clock, no store and no catalogue.

A message is understood in this order; the first that fits wins.
1. X, 00, STOP end the conversation without a word.
2. The question's own options: number, label in any language, keyword, own words that mean one (`choosing`).
3. "bas" and "bus" end it as well, but only where no own words are asked for: a bus may be the answer.
4. The name of a language changes the language; a greeting asks again. Neither is a slip.
5. 0, BACK lead one question back, MENU and the first question's 0 to the start; a plea for help leads to the help flow,
   unless the person is in it.
6. 9 and words such as "skip" or "don't know" go on without an answer.
7. "No, Kasur", after a place was asked for, is another place.
8. Own words: at once where own words are asked for or where a sentence is written, else after the second slip.

Own words may answer later questions too: `Notice` says which places and numbers, the options' words which choices. Such
a question shows what is known, to be confirmed.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from hotline.conversation.choosing import answered, chosen
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
AGREEING = frozenset({"YES", "AGREED"})
MAX_CORRECTION = 3  # words of a place that follows a "no"
MAX_AGREEMENT = 5  # words that may follow a yes and still say no more than it

Notice = Callable[[str, str], Mapping[str, str]]  # (own words, language) -> field -> what they say of it, to be shown

__all__ = ["Effect", "EffectName", "Notice", "Say", "Session", "Turn", "resume", "start"]


def start(
    flows: Flows, flow: str, language: str, *, report: str | None = None, carry: str | None = None,
    known: Mapping[str, str] | None = None, facts: Mapping[str, str] | None = None,
) -> Turn:  # fmt: skip
    """The first turn of a flow. An unknown flow begins at the start: a person never meets an error.

    `known`: what was said of its questions already; `facts`: what the caller knows (`schema.GIVEN`).
    """
    session = Session(flow, "", "", language, 0, report, carry, known=known or {}, facts=facts or {})
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
        return self._correction() or self._choice() or self._otherwise()

    def _choice(self) -> Turn | None:
        option = answered(self.flows.words, self.node, self.text, self.said) if self.node.options else None
        return self._take(option) if option is not None else None

    def _otherwise(self) -> Turn:
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
        plain = self.said == CONFIRMED or bool(AGREEING & self.concepts)
        if plain or self._agrees(known):
            return self._confirmed(session, known, plain=plain)
        if self.said == DENIED or "NO" in self.concepts:
            return _ask(session, self.node, ())
        self.session = session
        first, _, rest = self.said.partition(" ")
        instead = "NO" in self.flows.words.whole_of(first) and bool(rest) and bool(self.node.options)
        option = chosen(self.flows.words, self.node, rest, rest) if instead else None  # "no, it is a marriage"
        return self._take(option) if option is not None else None

    def _agrees(self, known: str) -> bool:
        """Tell whether it is a yes with a few words more ("haan wahin"), which neither deny it nor name anything else."""
        tokens, whole_of = self.said.split(" "), self.flows.words.whole_of
        opening = next((size for size in (2, 1) if AGREEING & whole_of(" ".join(tokens[:size]))), 0)
        slots = self.flows.words.reader.read(self.text).slots
        if (
            not opening
            or len(tokens) - opening > MAX_AGREEMENT
            or any(slots.get(name) for name in ("NOT", "BUT", "HE_ASKS"))
        ):
            return False
        named = (self.notice or _nothing)(self.text, self.session.language).get(self.node.save or "", known)
        return named == known

    def _confirmed(self, session: Session, known: str, *, plain: bool) -> Turn:
        """Take what is known as the answer. `plain`: nothing but yes was said; else the words are kept as well."""
        node = self.node
        option = next((one for one in node.choices if one.value == known), None)
        data = {"field": node.save, "value": None, "text": known, "kind": node.kind}
        if option is None:
            remark = () if plain else _remark(self.text)
            return _enter(self.flows, node.onward or node.here, session, (Effect("answer", data), *remark))
        if node.save is not None:
            session = replace(session, facts={**session.facts, node.save: known})
        data |= {"value": known, "text": self.text}
        return _enter(self.flows, option.to, session, (Effect("answer", data),))

    def _correction(self) -> Turn | None:
        """Take "no, Kasur" for another place, where one was asked for a moment ago; the question is asked again."""
        first, _, rest = self.said.partition(" ")
        if self.notice is None or self.node.kind == "place" or not rest or rest.count(" ") >= MAX_CORRECTION:
            return None
        asked = [self.flows.node(*address.split("/")) for address in self.session.trail[-MAX_HOPS:]]
        place = next(
            (node for node in reversed(asked) if node.kind == "place" and node.here.flow == self.session.flow), None
        )
        if place is None or "NO" not in self.flows.words.whole_of(first):
            return None
        if chosen(self.flows.words, self.node, rest, rest) is not None:
            return None
        if not self.notice(rest, self.session.language).get(place.save or ""):
            return None
        data = {"field": place.save, "value": None, "text": self.text, "kind": place.kind}
        return _ask(self.session, self.node, (Effect("answer", data),))

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
        if "UNKNOWN" in concepts and self.session.flow == START:
            return _ask(self.session, self.node, ())
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
        found = {**known_choices(self.flows, self.session.flow, self.text), **notice(self.text, self.session.language)}
        found = {field: value for field, value in found.items() if field not in self.session.facts}
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


def meant(flows: Flows, flow: str, step: str, text: str) -> str | None:
    """The value of the choice that a message would mean at a question; None for none."""
    said = normalise(text)
    option = chosen(flows.words, flows.node(flow, step), text, said)
    return option.value if option is not None else None


def known_choices(flows: Flows, flow: str, text: str) -> dict[str, str]:
    """What own words say of a flow's choices that can be confirmed: field -> value."""
    said, steps = normalise(text), flows.flows[flow].nodes.values() if flow in flows.flows else ()
    if said.count(" ") < MAX_SLIP_WORDS - 1:
        return {}  # a word or two answer the question that was asked
    found = {
        step.save: chosen(flows.words, step, text, said)
        for step in steps
        if step.confirm and step.choices and step.save
    }
    return {
        field: option.value
        for field, option in found.items()
        if option is not None and option.value not in (None, "other")
    }


def _nothing(text: str, language: str) -> Mapping[str, str]:
    """Notice nothing in own words."""
    del text, language
    return {}


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
    if node.unless and any(facts.get(field) in values for field, values in node.unless.items()):
        return False
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
    label = _label(node, known) if known else ""
    say = replace(node.confirm, known=label) if node.confirm is not None and label else node.say
    asked = replace(session, flow=here.flow, step=here.step, misses=0, confirming=bool(label))
    return Turn(asked, (say,), effects)


def _label(node: Node, known: str) -> str:
    """How a confirmation names what is known: a choice by its own words, all else as it is."""
    return next((option.label for option in node.choices if option.value == known), "" if node.choices else known)


def _ask_again(session: Session, node: Node, effects: tuple[Effect, ...]) -> Turn:
    return Turn(replace(session, misses=session.misses + 1), (node.again,), effects)


def _remark(text: str) -> tuple[Effect, ...]:
    return (Effect("remark", {"text": text}),) if text and not text.isspace() else ()
