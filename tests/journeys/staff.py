"""Who is on duty, in a few lines of the story itself.

    world.staff('''
        amna    lahore duty_officer  08:00-20:00
        nadia   lahore duty_officer  20:00-08:00 female mon,tue,wed
        bilal   lahore assistant_director  telegram:7002 call
        fatima  hq hq integrity
    ''')

A line: name, circle, tier, then in any order: hours of the local day (else round the clock), days (else all of them),
`female` or `male`, `integrity`, further addresses (`telegram:7002`; `call` and `whatsapp` take the officer's own
number), `nosms` (only those), `wish=ur`, `off` (known, but without a shift). A name on two lines has two shifts.
"""

import re
from typing import Any

NUMBERS = {
    "amna": "01", "bilal": "02", "dania": "03", "ehsan": "04", "fatima": "05",
    "gulnaz": "11", "hamid": "12", "irfan": "13", "jamila": "14", "kamran": "15",
}  # fmt: skip
FIRST_FREE = 21  # +923000000021 and on: people of one story
ZONES = {"punjab-1": "Punjab Zone I", "sindh": "Sindh Zone", "balochistan": "Balochistan Zone", "hq": "Headquarters"}
CIRCLES: dict[str, dict[str, Any]] = {
    "lahore": {"zone": "punjab-1", "districts": ["Lahore", "Kasur", "Sheikhupura"]},
    "gujrat": {"zone": "punjab-1", "districts": ["Gujrat", "Mandi Bahauddin"]},
    "karachi": {"zone": "sindh", "districts": ["Karachi", "Karachi Central", "Malir"]},
    "quetta": {"zone": "balochistan", "districts": ["Quetta"]},
    "hq": {"zone": "hq", "desk": True},
}
RANKS = {"duty_officer": "inspector"}  # of other tiers the rank is the tier
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
ALWAYS = "00:00-24:00"


def number_of(name: str) -> str:
    """The phone number of a name: the cast's, or the next free one. The same for the same name, always."""
    last = NUMBERS.setdefault(name, f"{FIRST_FREE + sum(int(used) >= FIRST_FREE for used in NUMBERS.values())}")
    return f"+9230000000{last}"


def directory_of(lines: str) -> dict[str, Any]:
    """The directory file that says the same. Raises ValueError for a word that means nothing."""
    officers: dict[str, dict[str, Any]] = {}
    shifts = []
    for line in filter(None, map(str.strip, lines.splitlines())):
        name, circle, tier, *words = line.split()
        new = {"username": name, "name": name.capitalize(), "rank": RANKS.get(tier, tier), "circle": circle}
        officer = officers.setdefault(name, new | {"addresses": [{"channel": "sms", "address": number_of(name)}]})
        shift = {"circle": circle, "tier": tier, "officer": name}
        hours = {"days": DAYS, "start": ALWAYS[:5], "end": ALWAYS[6:]}
        for word in words:
            _read(word, officer, hours)
        if "off" not in words:
            shifts.append(shift | {"weekly": hours})
    used = {officer["circle"] for officer in officers.values()} | {"lahore", "hq"}
    circles = [
        {"code": code, "name": {"en": "HQ desk" if code == "hq" else f"AHTC {code.capitalize()}"}} | CIRCLES[code]
        for code in sorted(used)
    ]
    zones = [{"code": code, "name": {"en": name}} for code, name in ZONES.items()]
    return {"zones": zones, "circles": circles, "officers": list(officers.values()), "shifts": shifts}


def _read(word: str, officer: dict[str, Any], hours: dict[str, Any]) -> None:
    channel, _, address = word.partition(":")
    if re.fullmatch(r"\d\d:\d\d-\d\d:\d\d", word):
        hours["start"], hours["end"] = word.split("-")
    elif set(word.split(",")) <= set(DAYS):
        hours["days"] = word.split(",")
    elif word in ("female", "male"):
        officer["gender"] = word
    elif word == "integrity":
        officer["integrity"] = True
    elif word.startswith("wish="):
        officer["wish"] = word.removeprefix("wish=")
    elif channel in ("telegram", "whatsapp", "call"):
        officer["addresses"].append({"channel": channel, "address": address or number_of(officer["username"])})
    elif word == "nosms":
        officer["addresses"] = [known for known in officer["addresses"] if known["channel"] != "sms"]
    elif word != "off":
        raise ValueError(f"{word!r} in the line of {officer['name']} means nothing")
