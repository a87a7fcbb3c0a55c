"""Words that were written without spaces ("asankhewaderebandkeyoahe"), taken apart by the words that the tables know."""

from collections.abc import Set as AbstractSet

from hotline.conversation.reading import values

SHORTEST = 12  # letters: shorter words are looked at as they are
LONGEST = 80  # letters: longer ones are no words, and no end of work
LONGEST_WORD = 14
UNKNOWN = 4.0  # the cost of a letter that belongs to no known word
WORD = 1.0  # the cost of a known word, whatever its length


class Spacing:
    """The words that may stand in a run of letters."""

    def __init__(self, known: AbstractSet[str]) -> None:
        self._known = known

    def apart(self, word: str) -> list[str]:
        """The word, or the known words that it consists of; letters of none of them stay together."""
        if word in self._known or not SHORTEST <= len(word) <= LONGEST or word.isdigit():
            return values.apart(word)
        parts = self._cheapest(word)
        known = sum(len(part) for part in parts if part in self._known)
        return parts if len(parts) > 2 and known >= 0.8 * len(word) else [word]

    def _cheapest(self, word: str) -> list[str]:
        """The split of least cost: few words, and few letters that belong to none."""
        best: list[tuple[float, int]] = [(0.0, 0)]
        for end in range(1, len(word) + 1):
            starts = range(max(0, end - LONGEST_WORD), end - 1)
            ways = [(best[start][0] + WORD, start) for start in starts if word[start:end] in self._known]
            best.append(min([*ways, (best[end - 1][0] + UNKNOWN, end - 1)]))
        return _joined(word, best, self._known)


def _joined(word: str, best: list[tuple[float, int]], known: AbstractSet[str]) -> list[str]:
    parts, end = list[str](), len(word)
    while end:
        start = best[end][1]
        part = word[start:end]
        if parts and part not in known and parts[-1] not in known:
            parts[-1] = part + parts[-1]
        else:
            parts.append(part)
        end = start
    return parts[::-1]
