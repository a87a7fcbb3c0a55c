"""Texts to officers fitted into one SMS part: names cut to the room that is left, lists that say how many more."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from hotline.channels.sms_encoding import GSM_BASIC, SINGLE, encode_plan
from hotline.channels.traits import TRAITS
from hotline.core.i18n import N_, RIGHT_TO_LEFT, translate
from hotline.core.localtime import LOCAL

MAX_NAME = 40  # letters of a name
MOST_ITEMS = 80  # of a list: with the commas alone 160 letters would be full
# Translators: in front of the names of circles; taken away before they are shown
AHTC = N_("AHTC")
# Translators: instead of a name
ANOTHER = N_("another officer")

LABELS = {  # short, and harmless on a screen that others see
    "tip": N_("tip"),
    "help": N_("help"),
    "forced_labour": N_("work"),
    "begging": N_("begging"),
    "sexual_exploitation": N_("abuse"),
    "child_domestic": N_("child at work"),
    "forced_marriage": N_("marriage"),
    "agent_fraud": N_("agent"),
    "held": N_("held"),
    "other": N_("other"),
    **{channel: one.short for channel, one in TRAITS.items()},
    "rescued": N_("rescued"),
    "inquiry": N_("inquiry"),
    "referred": N_("referred"),
    "unfounded": N_("unfounded"),
    "duplicate": N_("duplicate"),
    "test": N_("test"),
}


def say(text: str, wish: str, name: str = "", **values: object) -> str:
    """Return a text in one part; `name` is cut to the room that the rest leaves."""
    template = translate(text, wish)
    plan = encode_plan(template.format(name="", **values))
    room = min(SINGLE[plan.alphabet] - plan.units, MAX_NAME)
    return template.format(name=shorten(name, room, gsm=plan.alphabet == "gsm"), **values)


def of_officer(text: str, name: str, wish: str, **values: object) -> str:
    """Return a text in one part that names an officer."""
    gsm = encode_plan(translate(text, wish)).alphabet == "gsm"
    return say(text, wish, shorten(name, MAX_NAME, gsm=gsm) or translate(ANOTHER, wish), **values)


def label(value: str, wish: str) -> str:
    """Return the word for a value of an enum; one that has none is itself, without what no phone shows."""
    return translate(LABELS[value], wish) if value in LABELS else value or "-"


def clock(moment: datetime, *, day: bool = False) -> str:
    """Write a local time, `23/11 14:05` or `14:05`."""
    return f"{moment.astimezone(LOCAL):{'%d/%m %H:%M' if day else '%H:%M'}}"


def circle_name(names: Mapping[str, str], wish: str) -> str:
    """Return a circle's name in the wish, without the word that all of them begin with."""
    name = names.get(wish) or names.get("en", "")
    return name.removeprefix(translate(AHTC, wish)).removeprefix(AHTC).strip()


def about_circle(text: str, names: Mapping[str, str], wish: str, **values: object) -> str:
    said = say(text, wish, circle_name(names, wish), **values)
    for mark in ".:,۔،":  # a name that cannot be shown leaves its space behind
        said = said.replace(f" {mark}", mark)
    return said


def pack(items: Sequence[str], wish: str, wrap: Callable[[str], str]) -> str:
    """Join as many items as one part holds, and say how many more there are."""
    comma = "، " if wish in RIGHT_TO_LEFT else ", "
    for shown in range(min(len(items), MOST_ITEMS), 0, -1):
        rest = f" +{len(items) - shown}" if shown < len(items) else ""
        said = wrap(comma.join(items[:shown]) + rest)
        if fits(said):
            return said
    return wrap(f"+{len(items)}")


def fits(text: str) -> bool:
    return encode_plan(text).parts == 1


def shorten(name: str, room: int, *, gsm: bool) -> str:
    """Cut a name to at most `room` units, in letters that the text's alphabet has."""
    shown = "".join(letter if (letter in GSM_BASIC if gsm else letter.isprintable()) else " " for letter in name)
    shown = " ".join(shown.split())
    while shown and len(shown) + sum(letter > "\uffff" for letter in shown) > room:
        shown = shown[:-1].rstrip()
    return shown
