"""Letters that do not belong into an Urdu or Sindhi text.

Base: CLDR 48 exemplar characters, with additions measured on corpora. A keyboard of the other language leaves them
behind, and the eye does not see them: ي for ی, ك for ک, ہ for ه.
"""

import re
import unicodedata

LETTERS = {
    "sd": set("ءآابٻپڀتثٺٽٿجڃڄچڇحخدذڊڌڍڏرزڙسشصضطظعغفڦقکڪگڱڳلمنڻهھوي") | set("ئ۽۾") | set("َُِ"),
    "ur": set("ابپتٹثجچحخدڈذرڑزژسشصضطظعغفقکگلمنوہھءیے") | set("آںؤئۂ") | set("ِّٰ"),
}
PUNCTUATION = {"sd": set("،؛؟.:!()[]-/%+“”‘’"), "ur": set("،؛؟۔.:!()[]-/%+“”‘’")}
LATIN_OR_PLACEHOLDER = re.compile(r"%\([a-z_0-9]+\)[sd]|\{[a-z_0-9]*\}|<[^>]+>|https?://\S+|[A-Za-z][A-Za-z0-9@._-]*")


def lint(language: str, text: str) -> list[str]:
    """The faults of a text: `U+064A ي`, or `not NFC`."""
    faults = [] if unicodedata.normalize("NFC", text) == text else ["not NFC"]
    allowed = LETTERS[language] | PUNCTUATION[language] | set("0123456789#*@&=,")
    others = [letter for letter in LATIN_OR_PLACEHOLDER.sub("", text) if letter not in allowed and not letter.isspace()]
    return faults + [f"U+{ord(letter):04X} {letter}" for letter in others]
