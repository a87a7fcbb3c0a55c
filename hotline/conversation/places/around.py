"""What the words around a name say of it: somebody is there, comes from there, is only to go."""

from collections.abc import Iterable
from itertools import pairwise, takewhile

from hotline.conversation.places.index import Index
from hotline.conversation.places.names import BREAK, Name, Role
from hotline.conversation.places.tables import SmallWords

PHRASE = 3  # words in the longest small phrase
NOW = 3  # "now" stands at most so many words before the place
ARRIVED = 6  # "brought" so many before or behind it
CLOSE = 5  # "came" and "called" so many behind it
PLAN = 4  # "visa" so many around it
INSIDE = 4  # "in" so many behind "of"
SIGNED = 4  # "labour officer Lahore," begins a message with so many words before the place
HELD = (3, 7)  # "held" so many before it and behind
HELD_HOME = (0, 4)  # the same where parents are


class Around:
    """The small words, ready to be looked for around a name."""

    def __init__(self, index: Index, words: SmallWords) -> None:
        self._index, self._words = index, words
        self._stops = words.ends | {BREAK}
        self._area = words.area | words.home
        self._arrivals = {phrase.partition(" ")[0] for phrase in words.arrived}
        self._after = _roles(
            of=words.of, going=words.going | words.after_for, to=words.after_to, home=words.after_home, none=words.after_away,
            **{"in": words.after, "from": words.after_from},
        )  # fmt: skip
        moving = words.arrived | {phrase for phrase in words.going if " " in phrase}
        self._before = _roles(
            going=moving, to=words.before_to, home=words.before_home, none=words.before_away,
            **{"in": words.before, "from": words.before_from},
        )  # fmt: skip

    def arrivals(self, tokens: list[str]) -> list[int]:
        """Where it says that somebody has been moved: "brought", "le gaye"."""
        starts = (at for at, word in enumerate(tokens) if word in self._arrivals)
        return [at for at in starts if not self._words.arrived.isdisjoint(_phrases(tokens, at))]

    def look(self, tokens: list[str], name: Name, arrivals: list[int]) -> None:
        """Write into `name` what stands around it."""
        after, before = self._past_area(tokens, name.end, 1), self._past_area(tokens, name.start - 1, -1)
        words, small = self._words, {*tokens[before + 1 : name.start], *tokens[name.end : after]}
        following = _role(self._after, _phrases(tokens, after))
        preceding = _role(self._before, _phrases_before(tokens, before))
        name.district = not words.home.isdisjoint(small)
        name.alone = _ends(tokens, before) and _ends(tokens, after)
        name.last = after == len(tokens) and not tokens[name.start - 1].isdigit()
        name.now = not words.now.isdisjoint(tokens[max(name.start - NOW, 0) : name.start])
        name.held = self._held(tokens, name)
        name.arrived = any(name.start - ARRIVED <= at < name.end + ARRIVED for at in arrivals)
        name.role = following if following not in (None, "of") else preceding or following or "bare"
        if name.role in ("bare", "of") and (name.district or name.alone or self._ends_it(name)):
            name.role = "in"
        if (following, preceding) == ("in", "home") and not self._held(tokens, name, HELD_HOME):
            name.role = "home"
        name.firm = name.role == "in" or bool(small)
        if name.role == "bare" and not name.abroad:
            self._sign(tokens, name, before, after)
        close = list(takewhile(lambda word: word not in self._stops, tokens[after : after + CLOSE]))
        name.role = self._turned(tokens, name, following, close)

    def _sign(self, tokens: list[str], name: Name, before: int, after: int) -> None:
        """A place that follows "I am" or ends a clause may be the writer's: "teacher hun Lahore", "officer Gilgit,"."""
        words = self._words
        if tokens[before] in words.am and words.before_away.isdisjoint(tokens[max(before - SIGNED, 0) : before]):
            name.role, name.firm = "in", True
        elif _ends(tokens, after) and before < SIGNED and BREAK not in tokens[: before + 1]:
            name.role = "in"

    def _held(self, tokens: list[str], name: Name, reach: tuple[int, int] = HELD) -> bool:
        """Tell whether somebody is held where it stands; "phone band" is nobody."""
        span = range(max(name.start - reach[0], 0), min(name.end + reach[1], len(tokens)))
        return any(tokens[at] in self._words.held and not self._off(tokens, at) for at in span)

    def _off(self, tokens: list[str], at: int) -> bool:
        return at > 0 and tokens[at - 1] in self._words.unheld

    def _turned(self, tokens: list[str], name: Name, following: Role | None, close: list[str]) -> Role:
        """The role, once what stands a few words further is heard too."""
        words = self._words
        if self._planned(tokens, name) or (name.end < len(tokens) and tokens[name.end] in words.street):
            return "none"
        if name.role == "from":
            return self._from(close)
        if name.role == "of":
            return self._of(close)
        return "of" if following == "none" and not words.sites.isdisjoint(close[:2]) else name.role

    def _from(self, close: list[str]) -> Role:
        """Somebody calls from there, and is there; or came from there, and is not."""
        calls = self._words.calls
        called = any(word in calls and then not in self._words.held for word, then in pairwise([*close, ""]))
        return "in" if called else "none" if not self._words.came.isdisjoint(close) else "from"

    def _of(self, close: list[str]) -> Role:
        """In what stands there; on what goes there; or who is from there, and may be anywhere."""
        words = self._words
        owned = close[1:2]  # behind "of"
        if words.people.isdisjoint(owned) and self._inside(close[:INSIDE]):
            return "in" if words.rides.isdisjoint(owned) else "to"
        return "of" if words.people.isdisjoint(close[:3]) or not words.sites.isdisjoint(owned) else "none"

    def _ends_it(self, name: Name) -> bool:
        """Tell whether it ends the message, as an address does. A country there is what is talked of."""
        return name.role == "bare" and name.last and not name.abroad

    def _inside(self, close: list[str]) -> bool:
        """Tell whether "in" follows what is of the place: "Lahore's factory in"."""
        named = (at for at, word in enumerate(close) if self._index.exact(word))
        return not self._words.after.isdisjoint(close[: next(named, len(close))])

    def _planned(self, tokens: list[str], name: Name) -> bool:
        """Tell whether a visa for it, a job there is talked of: nobody is there yet."""
        if not name.abroad or name.held or (name.arrived and name.role != "in"):
            return False
        if name.role == "in":
            around = [*tokens[max(name.start - 2, 0) : name.start], *tokens[name.end + 1 : name.end + 2]]
        else:
            around = tokens[max(name.start - PLAN, 0) : name.end + PLAN]
        return not self._words.plans.isdisjoint(around)

    def _past_area(self, tokens: list[str], position: int, step: int) -> int:
        """Over "district", "city" and the like."""
        while 0 <= position < len(tokens) and tokens[position] in self._area:
            position += step
        return position


def _roles(**kinds: frozenset[str]) -> dict[str, Role]:
    roles: dict[str, Role] = {}
    order: tuple[Role, ...] = ("of", "in", "from", "going", "to", "home", "none")  # a phrase of two kinds is the later
    for role in order:
        roles |= dict.fromkeys(kinds.get(role, frozenset()), role)
    return roles


def _role(known: dict[str, Role], phrases: Iterable[str]) -> Role | None:
    """What the first phrase that is known says."""
    return next((known[phrase] for phrase in phrases if phrase in known), None)


def _phrases(tokens: list[str], start: int) -> list[str]:
    """The phrases that begin here, the longest first."""
    return [" ".join(tokens[start : start + size]) for size in range(PHRASE, 0, -1)]


def _phrases_before(tokens: list[str], end: int) -> list[str]:
    """The phrases that end here, the longest first."""
    return [" ".join(tokens[max(end + 1 - size, 0) : end + 1]) for size in range(PHRASE, 0, -1)]


def _ends(tokens: list[str], at: int) -> bool:
    return not 0 <= at < len(tokens) or tokens[at] == BREAK
