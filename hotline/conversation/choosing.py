"""Choosing: which option of a question a message means. When in doubt it is none: a wrong answer is worse than no answer.

1. The whole message is a number, a label in any language, or a keyword.
2. It opens with yes, no or "don't know", and nothing in the rest speaks against it ("yes, but he is coming").
3. Facts and keywords in it mean one option. One that `prevails` wins over others; else several mean none.
4. It is nothing but a place in the list ("the second one") or a number that an option names ("12": a child).

In a sentence with a denial only such facts count whose frames look for the denial themselves.

Where these find nothing, the second reader of answers is asked (`reading/answers.py`), of the question that stands alone.
"""

from collections.abc import Iterable

from hotline.conversation.flow import Node, Option
from hotline.conversation.reading import Reading
from hotline.conversation.reading.answers import NONE
from hotline.conversation.reading.slots import Span
from hotline.conversation.words import Words

ORDINALS = tuple(f"O{number}" for number in range(1, 9))
LAST, FILLER, MARK = "OLAST", "FILLER", "OPTION_MARK"
AGES = ("NUMBER", "I_AM", "ME", "AGE", "AGED", "YEARS", "WITH_ME", FILLER)  # words around a number that is an age
NO_AGE = frozenset({"DURATION", "SUM", "PLATE"})
NO_CALL = "NO_CALL"  # a keyword: it is an answer to no question, and kept
ASKING_BACK = ("ASKS", "QUESTION_TO_US")  # facts
QUESTION_MARKS = ("?", "؟")
LIKELY = 0.6  # how likely an option must be that only the second reader finds
CERTAIN = 0.9  # the same of a yes that may harm, which the answer opens with and says more ("yes, I am alone")
NEVER = 2.0  # no share is as large
FEWEST, LONGEST = 2, 25  # words of an answer that the second reader is asked about: one word is like too much
MAX_OPENING = 2  # words of a yes or a no: "ji nahi" begins like a yes and is a no


def chosen(words: Words, node: Node, text: str, said: str) -> Option | None:
    """The option that a message means; `said` is its text as `normalise` leaves it, with one slip mended."""
    if node.opening and text.rstrip().endswith(QUESTION_MARKS) and not said.isdecimal():
        return None  # "safe?" asks
    exact = node.options.get(said)
    if exact is not None or not said or not node.options:
        return exact
    number, _, rest = said.partition(" ")
    if rest and node.options.get(number) is not None and node.options.get(rest) is node.options[number]:  # "1 yes"
        return node.options[number]
    return _Sentence(words, node, text, said).option()


def answered(words: Words, node: Node, text: str, said: str) -> Option | None:
    """The option that an answer means at the question that stands: as `chosen`, else by what the answer is like.

    A likeness alone never says that somebody is safe, or agrees to what they might not want: it overlooks a "not".
    """
    option = chosen(words, node, text, said)
    size = said.count(" ") + 1
    if option is not None or not node.choices or not FEWEST <= size <= LONGEST or words.whole_of(said):
        return option  # a keyword is what it is, whatever it is like
    sentence = _Sentence(words, node, text, said)
    if sentence.unclear():
        return None
    likely = {one.name(node.here.flow): one for one in node.choices}
    shares = words.likely(f"{node.here.flow}/{node.here.step}", text)
    if shares.keys() - {NONE} != likely.keys():  # nobody has written answers to this question, or it has changed since
        return None
    best = max(shares, key=lambda name: shares[name])
    found = likely.get(best)
    return found if found is not None and shares[best] >= sentence.needed(found) else None


class _Sentence:
    """A message of more than a number, at a question with options."""

    __slots__ = ("node", "reading", "said", "slots", "text", "words")

    def __init__(self, words: Words, node: Node, text: str, said: str) -> None:
        self.words, self.node, self.text, self.said = words, node, text, said
        self.reading: Reading = words.reader.read(text)
        self.slots = self.reading.slots

    def option(self) -> Option | None:
        if self._doubts() or (self.slots.get("BOTH") and not self.node.opening):
            return None
        known, option, rest = self._opening()
        if known:
            return self._opened(known, option, rest) if option is not None else self._one(self._meant(rest))
        found = self._one(self._meant(0)) or self._listed()
        return None if found is not None and not found.prevails and (self._hedged() or self._asks()) else found

    def unclear(self) -> bool:
        """Tell whether it says something of the options and no one of them."""
        asks = self._doubts() or self._asks() or (self.node.opening and self.text.rstrip().endswith(QUESTION_MARKS))
        counts = self.slots.get("NUMBER") and any(option.number for option in self.node.choices)
        calls = NO_CALL in self.words.contains_of(self.said)
        return bool(asks or counts or calls or self._meant(0) or self.slots.get("BOTH") or self._hedged())

    def needed(self, option: Option) -> float:
        """How likely an option must be to be chosen for a likeness; NEVER for what may harm.

        That is one beside a safer one, of a question for yes or no or for an age, unless the answer opens with it; and
        one that leads to another flow, if something is denied ("I am not one of them").
        """
        known, opens, _ = self._opening()
        if known and opens is not option:
            return NEVER
        if self._less_safe(option):
            return CERTAIN if known else NEVER
        return NEVER if option.to.flow != self.node.here.flow and self._denied(0) else LIKELY

    def _less_safe(self, option: Option) -> bool:
        weighs = bool(self.node.opening) or any(one.number for one in self.node.choices)
        return weighs and not option.prevails and any(one.prevails for one in self.node.choices)

    def _says_more(self, rest: int) -> bool:
        """Tell whether a word from one on is more than filling."""
        filled = {at for start, end in self.slots.get(FILLER, ()) for at in range(start, end)}
        return any(at not in filled for at in range(rest, len(self.reading.words)))

    def _doubts(self) -> bool:
        """Tell whether it supposes or doubts: that is no yes and no no."""
        hedges = self.slots.get("HEDGE") and "MAYBE" not in self.node.inside
        return bool(self.node.opening and (hedges or self.slots.get("SUPPOSE")))

    def _asks(self) -> bool:
        """Tell whether it asks back, where a yes or a no was asked for."""
        asks = not self.reading.facts.keys().isdisjoint(ASKING_BACK) or self.slots.get("HE_ASKS")
        return bool(self.node.opening and asks)

    def _opening(self) -> tuple[str, Option | None, int]:
        """What it opens with (YES, NO, UNKNOWN or nothing), the option that this means here, and how many words it takes."""
        tokens = self.said.split(" ")
        for size in range(MAX_OPENING, 0, -1):
            said = " ".join(tokens[:size])
            found = self.node.opening.get(said)
            if found is not None:
                return (*found, size)
            if size <= len(tokens) and "NO" in self.words.whole_of(said):
                return "NO", None, size
        return "", None, 0

    def _opened(self, known: str, option: Option, rest: int) -> Option | None:
        meant, left = self._meant(rest), self.said.split(" ")[rest:]
        if known == "NO" and option in meant and len(left) <= MAX_OPENING:  # "no danger": the denial is said of it
            return option
        if any(other is not option for other in meant):
            return self._one([option, *meant])
        if known == "YES" and (self._hedged() or (not meant and self._denied(rest))):
            return None
        if self._less_safe(option) and not meant and self._says_more(rest):
            return None  # "yes guard outside"
        numbered = self.node.options.get(left[0]) if len(left) == 1 and left[0].isdecimal() else option
        return option if numbered is option else None  # "no 1" may be "number 1"

    def _hedged(self) -> bool:
        """Tell whether a yes is limited: by a "but" that no hurry explains, or by somebody who looks at the phone."""
        limited = (self.slots.get("BUT") and not self.slots.get("HASTE")) or self.slots.get("CHECKS")
        return bool(self.node.opening and limited)

    def _denied(self, rest: int) -> bool:
        return any(start >= rest for start, _ in self.slots.get("NOT", ()))

    def _meant(self, rest: int) -> list[Option]:
        """The options that facts and keywords mean, from a word of the message on."""
        inside, denied = self.node.inside, self._denied(rest)
        open_list = not self.node.opening  # in a list a denied fact still says that more than one is meant
        facts = {fact for fact, why in self.reading.facts.items() if fact in inside and (why.heeds or not denied)}
        if denied and facts and open_list:
            facts |= self.reading.facts.keys() & inside.keys()
        keywords = set() if denied else self.words.contains_of(self.said) & inside.keys()
        found = {id(inside[concept]): inside[concept] for concept in facts | keywords}
        return [*found.values()]

    def _one(self, meant: Iterable[Option]) -> Option | None:
        several = [*{id(option): option for option in meant}.values()]
        strong = [option for option in several if option.prevails]
        found = strong or several
        return found[0] if len(found) == 1 else None

    def _listed(self) -> Option | None:
        """The option at a place of the list, or in whose range all numbers are."""
        choices = self.node.choices
        for position, name in enumerate(ORDINALS[: len(choices)]):
            if self.slots.get(name) and self._only((name, FILLER, MARK)):
                return choices[position]
        if self.slots.get(LAST) and self._only((LAST, FILLER, MARK)):
            return choices[-1]
        numbers = [self.reading.words[start] for start, _ in self.slots.get("NUMBER", ())]
        if len(numbers) == 1 and self.slots.get(MARK) and self._only(("NUMBER", FILLER, MARK)):
            return self.node.options.get(numbers[0])
        if numbers and NO_AGE.isdisjoint(self.slots) and self._only(AGES):
            return self._one(self._ranged(self.words.reader.values(self.reading)))
        return None

    def _ranged(self, numbers: Iterable[int]) -> list[Option]:
        ranges = [(option, option.number) for option in self.node.choices if option.number is not None]
        return [option for value in numbers for option, (low, high) in ranges if low <= value <= high]

    def _only(self, names: Iterable[str]) -> bool:
        """Tell whether every word belongs to one of these slots."""
        spans: list[Span] = [span for name in names for span in self.slots.get(name, ())]
        return all(any(start <= at < end for start, end in spans) for at in range(len(self.reading.words)))
