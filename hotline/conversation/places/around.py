"""What the words around a name say of it: somebody is there, comes from there, is only to go."""

from collections.abc import Iterable
from itertools import takewhile

from hotline.conversation.places.index import Index
from hotline.conversation.places.names import BREAK, Name, Role
from hotline.conversation.places.tables import SmallWords

PHRASE = 3  # words in the longest small phrase
NOW = 3  # "now" stands at most so many words before the place
ARRIVED = 6  # "brought" so many before or behind it
CLOSE = 5  # "came" and "called" so many behind it
PLAN = 4  # "visa" so many around it
INSIDE = 4  # "in" so many behind "of"
HELD = (3, 7)  # "held" so many before it and behind


class Around:
    """The small words, ready to be looked for around a name."""

    def __init__(self, index: Index, words: SmallWords) -> None:
        self._index, self._words = index, words
        self._stops = words.ends | {BREAK}
        self._area = words.area | words.home
        self._arrivals = {phrase.partition(" ")[0] for phrase in words.arrived}
        self._after = _roles(
            of=words.of, going=words.going, to=words.after_to, home=words.after_home, none=words.after_away,
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
        name.held = not words.held.isdisjoint(tokens[max(name.start - HELD[0], 0) : name.end + HELD[1]])
        name.arrived = any(name.start - ARRIVED <= at < name.end + ARRIVED for at in arrivals)
        name.role = following if following not in (None, "of") else preceding or following or "bare"
        if name.role in ("bare", "of") and (name.district or name.alone or self._ends_it(name)):
            name.role = "in"
        name.firm = name.role == "in" or bool(small)
        close = list(takewhile(lambda word: word not in self._stops, tokens[after : after + CLOSE]))
        name.role = self._turned(tokens, name, following, close)

    def _turned(self, tokens: list[str], name: Name, following: Role | None, close: list[str]) -> Role:
        """The role, once what stands a few words further is heard too."""
        words = self._words
        if self._planned(tokens, name) or (name.end < len(tokens) and tokens[name.end] in words.street):
            return "none"
        if name.role == "from":
            return "in" if not words.calls.isdisjoint(close) else "none" if not words.came.isdisjoint(close) else "from"
        if name.role == "of":
            return "in" if self._inside(close[:INSIDE]) else "of" if words.people.isdisjoint(close[:3]) else "none"
        return "of" if following == "none" and not words.sites.isdisjoint(close[:2]) else name.role

    def _ends_it(self, name: Name) -> bool:
        """Tell whether it ends the message, as an address does. A country there is what is talked of."""
        return name.role == "bare" and name.last and not name.abroad

    def _inside(self, close: list[str]) -> bool:
        """Tell whether "in" follows what is of the place: "Lahore's factory in"."""
        return not self._words.after.isdisjoint(close) and not any(self._index.exact(word) for word in close)

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
