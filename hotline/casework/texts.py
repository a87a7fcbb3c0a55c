"""Texts to officers' phones about their reports and duties, in the officer's wish, always in one SMS part.

The wish is "en", "ur", "sd", or Roman: "ur@latin", "sd@latin". English and Roman have 160 GSM-7 letters, Urdu and
Sindhi 70. A stranger may read every one of these: a priority, a number, a circle, a colleague's name, times and labels,
never what a report says. Urdu and Sindhi begin with a word of their own: phones take the direction from the first letter.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from hotline.channels.sms_encoding import encode_plan
from hotline.core.i18n import N_, translate
from hotline.core.priority import Priority
from hotline.messaging import officer_text

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
PASSED = N_("Report {token} passed on.")
# Translators: it is another circle's now
MOVED_ON = N_("Report {token} is with another officer or circle now.")
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
STILL_ON = N_("You are still on duty: STOP does not end it. To hand over, reply DUTY OFF.")
# Translators: to the head of a circle; {name} is an officer
SENT_STOP = N_("{name} sent STOP from the duty phone and may get no texts now. Please call.")
# Translators: about a paper carried by hand; {serial} is its number, {name} a circle
SLIP_LATE = N_("P{priority} slip {serial} {name}: no receipt yet. Ask who carries it.")
# Translators: somebody typed in that this officer has the paper, and so the report; {name} is a circle
SLIP_YOURS = N_("P{priority} slip {serial} {name}: the report is yours by this paper. If not so, tell the desk.")


def slip_late(serial: str, priority: Priority, circle_names: Mapping[str, str], wish: str) -> str:
    """Tell whoever printed a slip, and the tier above its bearer, that nobody has said that it arrived."""
    return officer_text.about_circle(SLIP_LATE, circle_names, wish, serial=serial, priority=priority)


def slip_yours(serial: str, priority: Priority, circle_names: Mapping[str, str], wish: str) -> str:
    """Tell an officer that a report is theirs by the receipt of a slip that somebody typed in: if it is not so, it shows."""
    return officer_text.about_circle(SLIP_YOURS, circle_names, wish, serial=serial, priority=priority)


def yours(token: str, url: str, wish: str) -> str:
    """Answer an acceptance; with the console's address where it fits."""
    addressed = officer_text.say(YOURS_AT, wish, token=token, url=url)
    return addressed if officer_text.fits(addressed) else officer_text.say(YOURS, wish, token=token)


def taken(token: str, name: str, wish: str) -> str:
    """Say who has a report; a name that the phone's alphabet cannot show is "another officer"."""
    return officer_text.of_officer(TAKEN, name, wish, token=token)


def on_duty(names: Sequence[str], wish: str) -> str:
    """Say who is on duty: as many names as fit, and how many more."""
    if not names:
        return officer_text.say(NOBODY_ON_DUTY, wish)
    gsm = encode_plan(translate(ON_DUTY, wish)).alphabet == "gsm"
    shown = [
        officer_text.shorten(name, officer_text.MAX_NAME, gsm=gsm) or translate(officer_text.ANOTHER, wish)
        for name in names
    ]
    return officer_text.pack(shown, wish, lambda listed: translate(ON_DUTY, wish).format(name=listed))


def reports(lines: Sequence[tuple[str, int, str]], wish: str) -> str:
    """List reports, given as (token, priority, NEW or HELD): as many as fit, and how many more."""
    if not lines:
        return officer_text.say(NO_REPORTS, wish)
    shown = [f"{translate(state, wish)} {token} P{priority}" for token, priority, state in lines]
    return officer_text.pack(shown, wish, lambda listed: listed)


def facts(
    token: str, priority: Priority, labels: tuple[str, str, str], place: str, times: tuple[datetime, timedelta | None], wish: str
) -> str:  # fmt: skip
    """Say what kind of report it is: `labels` are kind, category and channel, `times` when it came and what is left."""
    kind, category, channel = (officer_text.label(value, wish) for value in labels)
    return officer_text.say(
        FACTS, wish, place, token=token, priority=priority, kind=kind, category=category, channel=channel,
        received=officer_text.clock(times[0], day=True), left=_left(times[1], wish),
    ).rstrip(" ،")  # fmt: skip


def _left(left: timedelta | None, wish: str) -> str:
    if left is None:
        return ""
    minutes = int(left.total_seconds() // 60)
    if minutes < 0:
        return translate(LATE, wish)
    text, size = next((text, size) for text, size, least in _UNITS if minutes >= least)
    return translate(text, wish).format(count=minutes // size)


_UNITS = ((DAYS_LEFT, 24 * 60, 48 * 60), (HOURS_LEFT, 60, 120), (MINUTES_LEFT, 1, 0))  # text, minutes, from how many on
