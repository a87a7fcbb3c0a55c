"""The language of a message: by its letters first, then function words. For the first reply only, never over a choice."""

import re

from hotline.conversation.letters import normalise

_SINDHI_ONLY = frozenset("ٻڀٺٽٿڃڄڇڌڍڊڏڙڦڪڱڳڻ۽۾")
_URDU_ONLY = frozenset("ٹڈڑںے")
_URDU_YEH, _SINDHI_YEH = "ی", "ي"
_ARABIC_LETTER = re.compile(r"[\u0620-\u064a\u066e-\u06d3\u06fa-\u06ff]")
_LATIN_LETTER = re.compile(r"[a-z]")


def _words(text: str) -> frozenset[str]:
    return frozenset(normalise(word) for word in text.split())


_URDU = _words(
    "ہے ہیں میں کے کی کا کو سے پر اور یہ وہ ہم مجھے میرے میری ہمیں کیا نہیں ایک کر رہا رہے رہی تھا گیا ہوں ہو آپ بھی اس"
    " ان نہ تو نے ہمارے ہماری جو"
)
_SINDHI = _words(
    "آهي آهن جو جي جا کي کان تي ۾ ۽ هي هو هن مان مون اسان اسين منهنجي منهنجو ڇا نه هڪ ڪري پيو رهيو هئو ويو آهيان آهيون"
    " توهان به"
)
_ROMAN_URDU = _words(
    "hai hain he hy mein main mai me ke ki ka ko se par pe aur or ye yeh wo woh hum ham mujhe mujhy mera meri mere hamein"
    " kya nahi nahin nhi nai ek aik kar raha rahe rahi rha tha thi gaya hun hoon ho ap aap bhi is us jo log bacha"
    " bache bachay bachon kaam kam madad wahan yahan yaha idhar udhar band bhatta salam sy ne na"
    " unho unhon unhone usne maine hamare hamari humein humare abhi kal kuch koi sab bohat bahut wala wali wale"
    " karo karna karte karta jata jate deta dete diya dia kaise kahan jab tak phir agar lekin bhai behan beta larka larki"
    " pata haan theek chahiye raat admi aurat paise"
)
_ROMAN_SINDHI = _words(
    "aahe ahe aahn aahyan ahyan aahyun khe kha khan mathe asan asaan mun moon muhnjo muhnji munhnjo chha cha kayo piyo"
    " rahyo wayo hik hikro mein hite hute tawhan tavhan khape gharje kare ba asanjo"
    " mon maan asan muhnje asanji asanje tawhanjo hu uhe ihe unhan inhan hinan hunan je ja ta tho tha thi natha nathi"
    " natho aahin ahin aahinn nahe naahe nahyan waro wari wara biyo biya biye piya pai payi rahya rahi wanje wanjan kajo"
    " kayun karyo chayo chawe ditho dittho agu poe hane kalh subhane manhu chokri chokro chhokri bhau bhen zaal murs"
    " kehn kenhn kedo ketra jekadhan jadhan chho hun"
)
_ENGLISH = _words(
    "the a an is are was were i we you he she they it my our his her their in on at to of and or not no with from for"
    " there here have has do does can me us help people please children who what where this that by need"
)


def guess(text: str) -> str | None:
    """`ur`, `sd` or `en`; None if nothing points anywhere.

    Roman Urdu is `ur` and Roman Sindhi is `sd`: they are answered in the script of that language.
    """
    arabic, latin = len(_ARABIC_LETTER.findall(text)), len(_LATIN_LETTER.findall(text.lower()))
    if not arabic and not latin:
        return None
    return _by_arabic(text) if arabic >= latin else _by_latin(text)


def _by_arabic(text: str) -> str | None:
    """Exclusive letters weigh most; the yeh is a hint only, since phones lend each other their keyboards."""
    tokens = normalise(text).split(" ")
    sindhi = 3 * sum(letter in _SINDHI_ONLY for letter in text) + 2 * sum(token in _SINDHI for token in tokens)
    urdu = 3 * sum(letter in _URDU_ONLY for letter in text) + 2 * sum(token in _URDU for token in tokens)
    sindhi += _SINDHI_YEH in text
    urdu += _URDU_YEH in text
    if sindhi == urdu:
        return None
    return "sd" if sindhi > urdu else "ur"


def _by_latin(text: str) -> str | None:
    """A word that two languages share counts for both; of Roman Urdu and Roman Sindhi, Urdu is the more common."""
    tokens = normalise(text).split(" ")
    scores = {
        "en": sum(token in _ENGLISH for token in tokens),
        "sd": sum(token in _ROMAN_SINDHI for token in tokens),
        "ur": sum(token in _ROMAN_URDU for token in tokens),
    }
    best = max(scores.values())
    if not best:
        return None
    return next(language for language in ("ur", "sd", "en") if scores[language] == best)
