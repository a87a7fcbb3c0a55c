"""The commands that officers type on their phones, in English, Urdu, Sindhi and Roman. Pure: text in, command out.

    1 4821            accept; also ok, yes, jee …        list              my reports
    2 4821            pass it on; also no, nahi …        who, who 4821     who is on duty, who has it
    4821, read 4821   its facts                          duty off, on      my own duty
    note 4821 …       a note                             duty NAME         the head names who has the duty
    ask 4821 PIN …    a question to whoever reported
    done 4821 3 PIN   close it                           help              what can be sent

Number and word in any order, any digits, quotes and marks anywhere. A text that is none of these is no command:
guessing what an officer may have meant would accept reports that nobody meant to take.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum

from hotline.conversation import normalise


class Verb(StrEnum):
    """A kind of command."""

    ACCEPT = "accept"
    PASS = "pass"  # noqa: S105  # not a password
    READ = "read"
    WHO = "who"
    LIST = "list"
    NOTE = "note"
    ASK = "ask"
    DONE = "done"
    OFF = "duty off"
    ON = "duty on"
    DUTY = "duty"
    HELP = "help"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Command:
    """A command; without a token it counts only where one report can be meant. Its `repr` hides what people wrote."""

    verb: Verb
    token: str | None = None
    text: str = field(default="", repr=False)  # of a note or a question; the name of DUTY
    outcome: str | None = None  # a value of reports.Outcome
    pin: str = field(default="", repr=False)


# Variants by commas; each is compared after `normalise`, so one spelling stands for all its letters and marks.
WORDS = {
    Verb.ACCEPT: "1, ok, okay, yes, y, han, haan, ha, ji, jee, ji han, jee haan, theek hai, accept, qabool, qabul, kabool,"
    " جی, ہاں, جی ہاں, ٹھیک ہے, قبول, قبول کریں, قبول ڪريو, ها, هائو, جي ها, ٺيڪ آهي, theek aahe",
    Verb.PASS: "2, no, nahi, nahin, nai, na, nako, kona, pass, pass on, aage, aage bhejen, agte, agte mokalyo,"
    " نہیں, نہ, جی نہیں, آگے, آگے بھیجیں, نه, نڪو, ڪونه, اڳتي, اڳتي موڪليو",
    Verb.READ: "read, show, facts, parho, parhein, parhen, dekho, tafseel, tafsil, پڑھیں, پڑھو, دکھائیں, تفصیل, پڙهو, ڏيکاريو,"
    " تفصيل",
    Verb.WHO: "who, kaun, kon, kaun hai, kon hai, ker, ker aahe, کون, کون ہے, ڪير, ڪير آهي",
    Verb.LIST: "list, lists, fehrist, fahrist, لسٹ, فہرست, لسٽ, فهرست",
    Verb.NOTE: "note, likho, likhein, likhen, نوٹ, لکھیں, لکھو, نوٽ, لکو",
    Verb.ASK: "ask, poocho, puchho, poochein, puchhein, pucho, puchhyo, پوچھیں, پوچھو, پڇو",
    Verb.DONE: "done, close, closed, mukammal, mukamal, مکمل, مڪمل",
    Verb.OFF: "duty off, off duty, duty khatam, duty khatm, ڈیوٹی آف, ڈیوٹی ختم, ڊيوٽي آف, ڊيوٽي ختم",
    Verb.ON: "duty on, on duty, duty shuru, ڈیوٹی آن, ڈیوٹی شروع, ڊيوٽي آن, ڊيوٽي شروع",
    Verb.DUTY: "duty, ڈیوٹی, ڊيوٽي",
    Verb.HELP: "help, madad, info, how, مدد, طریقہ, طريقو",
    # Gateways and phone companies take these for "never text this number again".
    Verb.STOP: "stop, stopall, end, quit, cancel, unsubscribe, unsub, exit, x, 00, 0 0, 000, band, band karo, band kro, bnd, ruko,"
    " khatam, khatm, بند, بند کرو, بند کریں, رکو, ختم, بند ڪريو, روڪيو",
}
OUTCOMES = {  # in the order of their digits
    "rescued": "1, rescued, rescue, bazyab, bazyabi, azad, azad karaya, بازیاب, آزاد",
    "inquiry": "2, inquiry, enquiry, jaanch, janch, tafteesh, inkwairi, انکوائری, جانچ, تفتیش, جاچ",
    "referred": "3, referred, refer, aage bheji, agte mokli, hawale, آگے بھیجی, حوالے, آگے, اڳتي, اڳتي موڪلي",
    "unfounded": "4, unfounded, false, ghalat, galat, jhoot, be bunyad, bebunyad, غلط, جھوٹ, بے بنیاد, بي بنياد",
    "duplicate": "5, duplicate, double, dohri, dobara, byehar, biti, دہری, دوبارہ, ٻيهر, ٻٽي",
    "test": "6, test, ٹیسٹ, ٽيسٽ",
}
TOKEN = re.compile(r"\d{4,6}")
PIN = re.compile(r"\d{4,8}")
LONGEST = 3  # words of the longest variant
_ALONE = frozenset({Verb.LIST, Verb.OFF, Verb.ON, Verb.HELP, Verb.STOP})  # the whole message, without a number
_EDGES = " \t\n\r\"'“”‘’«».,:;،؛۔-–—"
_JOINED = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")


def _table(words: dict[Verb, str] | dict[str, str]) -> dict[str, str]:
    return {normalise(variant): key for key, variants in words.items() for variant in variants.split(",")}


_VERBS, _OUTCOMES = _table(WORDS), _table(OUTCOMES)


def parse(text: str) -> Command | None:
    """Read a message; None for anything that is no command, such as two commands in one."""
    words = _words(text)
    for count in range(min(LONGEST, len(words)), 0, -1):
        for start in (0, 1):  # the word first, or the number
            verb = _VERBS.get(" ".join(words[start : start + count]))
            if verb is not None and (start == 0 or TOKEN.fullmatch(words[0])):
                return _command(Verb(verb), words[:start] + words[start + count :], text, count)
    return Command(Verb.READ, words[0]) if len(words) == 1 and TOKEN.fullmatch(words[0]) else None


def _words(text: str) -> list[str]:
    return normalise(_JOINED.sub(" ", normalise(text))).split()


def _command(verb: Verb, rest: list[str], text: str, used: int) -> Command | None:
    """Make a command of a verb and the other words; `used`: how many words of the text are no part of a note or a name."""
    token, after = (rest[0], rest[1:]) if rest and TOKEN.fullmatch(rest[0]) else (None, rest)
    if verb is Verb.NOTE:
        return Command(verb, token, _after(text, used + (token is not None)))
    if verb is Verb.ASK:
        pin = after[0] if after and PIN.fullmatch(after[0]) else ""
        return Command(verb, token, _after(text, used + (token is not None) + bool(pin)), pin=pin)
    if verb is Verb.DONE:
        pins = [word for word in after if PIN.fullmatch(word)]
        outcome = _OUTCOMES.get(" ".join(word for word in after if word not in pins))
        return Command(verb, token, outcome=outcome, pin=pins[0] if len(pins) == 1 else "")
    if verb is Verb.DUTY:
        return Command(verb, text=_after(text, used))
    return None if after or (token and verb in _ALONE) else Command(verb, token)


def _after(text: str, words: int) -> str:
    """Return the text as it was typed, without its first words and the marks around what is left."""
    for end in range(1, len(text) + 1):  # not by spaces: `note-4821:gone` has three words, too
        if len(_words(text[:end])) > words:
            return text[end - 1 :].strip(_EDGES)
    return ""
