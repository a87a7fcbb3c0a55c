"""Everything that an officer's phone is told, in the officer's wish, always in one SMS part.

The wish is "en", "ur", "sd", or Roman: "ur@latin", "sd@latin". English and Roman have 160 GSM-7 letters, Urdu and
Sindhi 70. A stranger may read every one of these: a priority, a number, a circle, a colleague's name, times and labels,
never what a report says. Urdu and Sindhi begin with a word of their own: phones take the direction from the first letter.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from hotline.channels.contract import Choice
from hotline.channels.sms_encoding import GSM_BASIC, SINGLE, encode_plan
from hotline.conversation.texts import N_
from hotline.i18n import RIGHT_TO_LEFT, translate
from hotline.roster import LOCAL

MAX_NAME = 40  # letters of a name
MOST_ITEMS = 80  # of a list: with the commas alone 160 letters would be full

# Translators: in front of the names of circles; taken away before they are shown
AHTC = N_("AHTC")
# Translators: a page; {name} is a circle
PAGE = N_("P{priority} report {token} {name}. Reply 1 {token} to accept, 2 {token} to pass.")
# Translators: a page to the officer above
OVERDUE = N_("P{priority} report {token} {name}: no action yet. Reply 1 {token} to take it over.")
# Translators: a button, at most 20 letters
ACCEPT = N_("Accept")
# Translators: a button, at most 20 letters
PASS_ON = N_("Pass on")
# Translators: to the officer who has it
URGENT = N_("P{priority} report {token} {name}: more urgent now. Read it at once.")
# Translators: to the officer who has it, without its number
URGENT_YOURS = N_("P{priority} your report {name}: more urgent now. Read it at once.")
# Translators: a page for many reports; {more} is a number
BUNDLE = N_("P{priority} report {token} {name}, and {more} more waiting. Reply 1 {token} to accept, LIST to see all.")
# Translators: the answer to accepting
YOURS = N_("Report {token} is yours. Reply {token} for its facts, NOTE {token} and your words for your first step.")
# Translators: the answer to accepting, with the console's address
YOURS_AT = N_(
    "Report {token} is yours. Read it and write your first step at {url}/ or reply NOTE {token} and your words."
)
# Translators: the answer to accepting; {name} is an officer whom the person would rather talk to
TOGETHER = N_("Report {token} is yours. If you can, take {name} along.")
# Translators: {name} is an officer
TAKEN = N_("Report {token} was taken by {name}.")
# Translators: instead of a name
ANOTHER = N_("another officer")
PASSED = N_("Report {token} passed on.")
# Translators: it is another circle's now
MOVED_ON = N_("Report {token} has moved on.")
CLOSED = N_("Report {token} is closed.")
UNKNOWN = N_("No report {token} for you. Reply HELP for what you can send.")
HELP = N_(
    "Reply 1 and the report's number to accept it, 2 to pass it on, the number alone for its facts."
    " Also LIST, WHO, NOTE, DONE, DUTY OFF. Example: 1 4821"
)
NOBODY_YET = N_("Report {token}: nobody has accepted it yet.")
WITH_YOU = N_("Report {token} is with you.")
# Translators: {name} is a list of names
ON_DUTY = N_("On duty now: {name}.")
NOBODY_ON_DUTY = N_("Nobody is on duty in your circle now.")
NO_REPORTS = N_("No report waits for you.")
# Translators: state of a report in a list
NEW = N_("new")
# Translators: state of a report in a list
HELD = N_("yours")
# Translators: {name} is a place, {left} the time that is left
FACTS = N_("Report {token} P{priority}: {kind}, {name}, {category}, {channel}, {received}. {left}")
MINUTES_LEFT = N_("{count} min left")
HOURS_LEFT = N_("{count} h left")
DAYS_LEFT = N_("{count} days left")
LATE = N_("late")
NOTED = N_("Report {token}: your note is on record.")
ACCEPT_FIRST = N_("Report {token} is not yours yet. Reply 1 {token} first.")
HOW_NOTE = N_("Reply NOTE {token} and your words.")
HOW_ASK = N_("Reply ASK {token}, your PIN and your question.")
# Translators: the officer's question was not sent
ASK_NO_PIN = N_("Report {token}: not asked. You have no PIN yet. Set one in the console.")
# Translators: the officer's question was not sent
ASK_WRONG_PIN = N_("Report {token}: not asked, wrong PIN.")
ASKED = N_("Report {token}: your question leaves when it is safe.")
# Translators: the officer's question was not sent
ASK_SHORTER = N_("Report {token}: not asked, too long.")
# Translators: the officer's question was not sent; it named a service, an authority or a crime
ASK_HARMLESS = N_("Report {token}: not asked. Others may hold the phone: do not say who writes or about what.")
# Translators: the officer's question was not sent
ASK_NOBODY = N_("Report {token}: not asked, there is no way back to whoever reported.")
DONE = N_("Report {token} is closed: {outcome}.")
NOTE_FIRST = N_("Report {token}: first reply NOTE {token} and what was done. Then close it.")
HOW_DONE = N_(
    "Reply DONE {token}, a digit and your PIN. 1 rescued, 2 inquiry, 3 referred, 4 unfounded, 5 duplicate, 6 test."
)
NO_PIN = N_("Report {token} stays open: you have no PIN yet. Set one in the console, or close it there.")
WRONG_PIN = N_("Wrong PIN. Report {token} stays open.")
PIN_WAITS = N_("Too many wrong PINs. Wait {minutes} min, or use the console.")
OFF_DUTY = N_("You are off duty until {until}. {name} has the duty.")
NOT_ON_DUTY = N_("You are not on duty now.")
# Translators: the answer to DUTY OFF
STAYS_ON = N_("Nobody else is on duty: you stay on until somebody is named. Your head was told.")
# Translators: to the head of a circle; {name} is an officer
ASKS_OFF = N_("{name} asks to go off duty and nobody else is on. Reply DUTY and a name.")
YOU_HAVE_DUTY = N_("You have the duty until {until}.")
NO_DUTY = N_("You have no duty now. Ask the head of your circle.")
HAS_DUTY = N_("{name} has the duty until {until}.")
NO_SUCH_OFFICER = N_("Which officer of your circle? Reply DUTY and the full name or the username.")
NOT_HEAD = N_("Only the head of the circle can name who has the duty.")
# Translators: the answer to STOP
STILL_ON = N_("You stay on duty and get texts. To hand over, reply DUTY OFF.")
# Translators: to the head of a circle; {name} is an officer
SENT_STOP = N_("{name} sent STOP from the duty phone and may get no texts now. Please call.")
# Translators: about a paper carried by hand; {serial} is its number, {name} a circle
SLIP_LATE = N_("P{priority} slip {serial} {name}: no receipt yet. Ask who carries it.")
# Translators: somebody typed in that this officer has the paper, and so the report; {name} is a circle
SLIP_YOURS = N_("P{priority} slip {serial} {name}: the report is yours by this paper. If not so, tell the desk.")

LABELS = {  # short, and harmless on a screen that others see
    "tip": N_("tip"),
    "help": N_("help"),
    "forced_labour": N_("work"),
    "begging": N_("begging"),
    "sexual_exploitation": N_("abuse"),
    "child_domestic": N_("child at work"),
    "forced_marriage": N_("marriage"),
    "agent_fraud": N_("agent"),
    "other": N_("other"),
    "sms": "SMS",
    "whatsapp": "WhatsApp",
    "telegram": "Telegram",
    "webchat": "web",
    "ussd": "USSD",
    "rescued": N_("rescued"),
    "inquiry": N_("inquiry"),
    "referred": N_("referred"),
    "unfounded": N_("unfounded"),
    "duplicate": N_("duplicate"),
    "test": N_("test"),
}


def say(text: str, wish: str, name: str = "", **values: object) -> str:
    """One of the texts above in one part; `name` is cut to the room that the rest leaves."""
    template = translate(text, wish)
    plan = encode_plan(template.format(name="", **values))
    room = min(SINGLE[plan.alphabet] - plan.units, MAX_NAME)
    return template.format(name=_short(name, room, gsm=plan.alphabet == "gsm"), **values)


def page(token: str, priority: int, circle_names: Mapping[str, str], wish: str, *, overdue: bool = False) -> str:
    """An offer of a report; `overdue`: to take it over from an officer who does nothing."""
    return _of_circle(OVERDUE if overdue else PAGE, circle_names, wish, token=token, priority=priority)


def choices(token: str, wish: str, *, overdue: bool = False) -> tuple[Choice, ...]:
    """The buttons of a page; what is overdue can be taken over only."""
    accept = Choice(translate(ACCEPT, wish), f"1 {token}")
    return (accept,) if overdue else (accept, Choice(translate(PASS_ON, wish), f"2 {token}"))


def bundle(token: str, priority: int, circle_names: Mapping[str, str], more: int, wish: str) -> str:
    """An offer of the most urgent of several reports, and how many more wait."""
    return _of_circle(BUNDLE, circle_names, wish, token=token, priority=priority, more=more)


def more_urgent(token: str | None, priority: int, circle_names: Mapping[str, str], wish: str) -> str:
    """To the officer who has a report that became more urgent."""
    text = URGENT if token else URGENT_YOURS
    return _of_circle(text, circle_names, wish, token=token, priority=priority)


def slip_late(serial: str, priority: int, circle_names: Mapping[str, str], wish: str) -> str:
    """To who printed a slip, and to the tier above its bearer: nobody has said that it arrived."""
    return _of_circle(SLIP_LATE, circle_names, wish, serial=serial, priority=priority)


def slip_yours(serial: str, priority: int, circle_names: Mapping[str, str], wish: str) -> str:
    """To the officer who has a report by the receipt of a slip that somebody typed in: if it is not so, it shows."""
    return _of_circle(SLIP_YOURS, circle_names, wish, serial=serial, priority=priority)


def yours(token: str, url: str, wish: str) -> str:
    """The answer to accepting; names the console's address where it fits."""
    addressed = say(YOURS_AT, wish, token=token, url=url)
    return addressed if _fits(addressed) else say(YOURS, wish, token=token)


def taken(token: str, name: str, wish: str) -> str:
    """Who has a report; a name that the phone's alphabet cannot show is "another officer"."""
    return of_officer(TAKEN, name, wish, token=token)


def of_officer(text: str, name: str, wish: str, **values: object) -> str:
    """A text that names an officer."""
    gsm = encode_plan(translate(text, wish)).alphabet == "gsm"
    return say(text, wish, _short(name, MAX_NAME, gsm=gsm) or translate(ANOTHER, wish), **values)


def on_duty(names: Sequence[str], wish: str) -> str:
    """Who is on duty, as many names as fit, and how many more."""
    if not names:
        return say(NOBODY_ON_DUTY, wish)
    gsm = encode_plan(translate(ON_DUTY, wish)).alphabet == "gsm"
    shown = [_short(name, MAX_NAME, gsm=gsm) or translate(ANOTHER, wish) for name in names]
    return _packed(shown, wish, lambda listed: translate(ON_DUTY, wish).format(name=listed))


def reports(lines: Sequence[tuple[str, int, str]], wish: str) -> str:
    """A list of reports, given as (token, priority, NEW or HELD): as many as fit, and how many more."""
    if not lines:
        return say(NO_REPORTS, wish)
    shown = [f"{translate(state, wish)} {token} P{priority}" for token, priority, state in lines]
    return _packed(shown, wish, lambda listed: listed)


def facts(
    token: str, priority: int, labels: tuple[str, str, str], place: str, times: tuple[datetime, timedelta | None], wish: str
) -> str:  # fmt: skip
    """What kind of report it is: `labels` are kind, category and channel, `times` when it came and what is left."""
    kind, category, channel = (label(value, wish) for value in labels)
    return say(
        FACTS, wish, place, token=token, priority=priority, kind=kind, category=category, channel=channel,
        received=clock(times[0], day=True), left=_left(times[1], wish),
    ).rstrip(" ،")  # fmt: skip


def label(value: str, wish: str) -> str:
    """The word for a value of an enum; one that has none is itself, without what no phone shows."""
    return translate(LABELS[value], wish) if value in LABELS else value or "-"


def clock(moment: datetime, *, day: bool = False) -> str:
    """A local time, `23/11 14:05` or `14:05`."""
    return f"{moment.astimezone(LOCAL):{'%d/%m %H:%M' if day else '%H:%M'}}"


def _left(left: timedelta | None, wish: str) -> str:
    if left is None:
        return ""
    minutes = int(left.total_seconds() // 60)
    if minutes < 0:
        return translate(LATE, wish)
    text, size = next((text, size) for text, size, least in _UNITS if minutes >= least)
    return translate(text, wish).format(count=minutes // size)


_UNITS = ((DAYS_LEFT, 24 * 60, 48 * 60), (HOURS_LEFT, 60, 120), (MINUTES_LEFT, 1, 0))  # text, minutes, from how many on


def circle_name(names: Mapping[str, str], wish: str) -> str:
    """A circle as it is called in the wish, without what all of them are called."""
    name = names.get(wish) or names.get("en", "")
    return name.removeprefix(translate(AHTC, wish)).removeprefix(AHTC).strip()


def _of_circle(text: str, names: Mapping[str, str], wish: str, **values: object) -> str:
    said = say(text, wish, circle_name(names, wish), **values)
    for mark in ".:,۔،":  # a name that cannot be shown leaves its space behind
        said = said.replace(f" {mark}", mark)
    return said


def _packed(items: Sequence[str], wish: str, wrap: Callable[[str], str]) -> str:
    """As many items as one part holds, then how many more."""
    comma = "، " if wish in RIGHT_TO_LEFT else ", "
    for shown in range(min(len(items), MOST_ITEMS), 0, -1):
        rest = f" +{len(items) - shown}" if shown < len(items) else ""
        said = wrap(comma.join(items[:shown]) + rest)
        if _fits(said):
            return said
    return wrap(f"+{len(items)}")


def _fits(text: str) -> bool:
    return encode_plan(text).parts == 1


def _short(name: str, room: int, *, gsm: bool) -> str:
    """A name of at most `room` units, in letters that the text's alphabet has."""
    shown = "".join(letter if (letter in GSM_BASIC if gsm else letter.isprintable()) else " " for letter in name)
    shown = " ".join(shown.split())
    while shown and len(shown) + sum(letter > "\uffff" for letter in shown) > room:
        shown = shown[:-1].rstrip()
    return shown
