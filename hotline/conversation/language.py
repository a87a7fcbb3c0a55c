"""The language of a message: by runs of letters, and by letters that one language only has."""

import re

from hotline.conversation.letters import normalise
from hotline.conversation.reading import SecondReader

# `normalise` folds some of these into others, so they are looked for in what was written.
_ONLY = {"sd": re.compile("[ٻڀٺٽٿڃڄڇڌڍڊڏڙڦڪڱڳڻ۽۾]"), "ur": re.compile("[ٹڈڑںے]")}
_LETTER = re.compile(r"[a-z\u0620-\u064a\u066e-\u06d3\u06fa-\u06ff]", re.IGNORECASE)
SURE = 0.5  # of 1: below, the message decides nothing
SURE_OF_A_WORD = 0.75  # a single word is often a name
EXCLUSIVE = 3.0  # how many times as likely each exclusive letter makes its language
MOST = 3  # exclusive letters of a language count; phones lend each other their keyboards
ENGLISH = 0.6  # what English counts for: who mixes it with Urdu or Sindhi reads these at least as well


def guess(text: str, reader: SecondReader) -> str | None:
    """`ur`, `sd` or `en`; None if nothing points anywhere, as in a greeting or a name.

    Roman Urdu is `ur` and Roman Sindhi is `sd`: they are answered in the script of that language.
    """
    if not _LETTER.search(text):
        return None
    likely = reader.languages(text)
    for language, letters in _ONLY.items():
        likely[language] *= EXCLUSIVE ** min(len(letters.findall(text)), MOST)
    best = max(likely, key=lambda language: likely[language] * (ENGLISH if language == "en" else 1))
    needed = SURE if " " in normalise(text) else SURE_OF_A_WORD
    share = likely[best] + (likely["en"] if best in _ONLY else 0)  # what is mixed with English is shown by both
    return best if best != "none" and share >= needed * sum(likely.values()) else None
