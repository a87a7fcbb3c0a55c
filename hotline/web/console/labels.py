"""Words for the enums of the record. What is not in a table is shown as it is called, so nothing is ever hidden.

Values of answers use the texts of the flows, so that they are translated once.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from hotline import staff
from hotline.casework import Happening, Trip
from hotline.core import localtime
from hotline.reports import Report
from hotline.web.language import current, moment, say, span


def _(text: str) -> str:
    return text  # marks a text for the catalogues


FIELDS = {
    "category": _("Kind"),
    "what": _("What is happening"),
    "place": _("Where"),
    "when": _("Is it happening now?"),
    "who": _("Who does it"),
    "children": _("Children"),
    "official": _("A government official"),
    "more": _("More"),
    "need": _("What the person needs"),
    "danger": _("In danger now"),
    "safe": _("Safe to text"),
    "category_detail": _("Which of these?"),
    "people": _("How many people are in it?"),
    "recruitment": _("How were the people found or brought?"),
    "route": _("By which vehicle and which way?"),
    "documents": _("Are passports or cards taken or false?"),
    "housing": _("Where are the people kept at night?"),
    "phone": _("Which phone or app do they use?"),
    "money": _("Who was paid, how, how much?"),
    "source": _("How do you know of it?"),
    "person": _("Who needs help?"),
    "age": _("Adult or child (under 18)?"),
    "gender": _("You may skip this. Woman or man?"),
    "situation": _("What is happening?"),
    "contact": _("May we text this phone later?"),
    "safe_hours": _("At which hours? For example: 10 to 12"),
    "safe_contact": _("Whom or which number may we contact?"),
    "check_word": _("Choose a word. Only who knows it gets an answer."),
    "consent_police": _("May we tell the police?"),
    "consent_ngo": _("May we tell a shelter or aid group?"),
    "demand": _("What is demanded, by whom, from which number?"),
    "role": _("You work in:"),
    "condition": _("Where are they now? Are they safe?"),
    "consent": _("Do they agree that you refer them?"),
    "callback": _("How may an officer reach your office?"),
    "added": _("Write it."),
    "complaint": _("What was not done? It goes to a senior office."),
}
VALUES = {
    "forced_labour": _("Forced work"),
    "begging": _("Begging"),
    "sexual_exploitation": _("Forced into sex"),
    "child_domestic": _("Child servant"),
    "forced_marriage": _("Forced marriage"),
    "agent_fraud": _("Agent, travel"),
    "held": _("Held/ransom/organ"),
    "other": _("Other"),
    "ransom": _("Held for ransom"),
    "organ": _("A kidney or organ"),
    "now": _("Yes, now"),
    "past": _("No, before"),
    "yes": _("Yes"),
    "no": _("No"),
    "unknown": _("Don't know"),
    "seen": _("I saw it"),
    "told": _("Somebody told me"),
    "self": _("I am one of them"),
    "internet": _("From the internet"),
    "adult": _("Adult"),
    "child": _("Child"),
    "female": _("Woman or girl"),
    "male": _("Man or boy"),
    "threatened": _("Threatened"),
    "papers_taken": _("Papers taken"),
    "wages": _("No pay for work"),
    "rescue": _("To get out"),
    "shelter": _("A safe place"),
    "doctor": _("A doctor"),
    "lawyer": _("A lawyer"),
    "home": _("The way home"),
    "talk": _("Somebody to talk to"),
    "never": _("No, I will write"),
    "hours": _("At certain hours"),
    "elsewhere": _("Another contact"),
    "missing": _("No contact"),
    "health": _("Health"),
    "school": _("School"),
    "ngo": _("An NGO"),
    "immigration": _("Immigration"),
    "police": _("Police"),
    "woman": _("A woman"),
    "man": _("A man"),
    "girl": _("A girl under 18"),
    "boy": _("A boy under 18"),
    "several": _("Several people"),
    "not_asked": _("Cannot be asked"),
}
KINDS = {"tip": _("Tip"), "help": _("Plea for help"), "family": _("Family abroad"), "professional": _("Refer a case")}
TIMERS = {"accept": _("To accept"), "first_action": _("First action"), "idle": _("Next action")}
TIERS = {
    "duty_officer": _("duty officer"),
    "assistant_director": _("Assistant Director"),
    "deputy_director": _("Deputy Director"),
    "zonal_director": _("Zonal Director"),
    "hq": _("HQ"),
}
RANKS = {**TIERS, "inspector": _("Inspector"), "sub_inspector": _("Sub-Inspector")}
CHANNELS = {
    "sms": "SMS",
    "telegram": "Telegram",
    "whatsapp": "WhatsApp",
    "call": _("Phone call"),
    "console": _("Console"),
    "slip": _("Slip of paper"),
    "phoned": _("By phone"),
    "radio": _("By radio"),
    "in_person": _("In person"),
}
WAYS_IN = {**CHANNELS, "ussd": "USSD", "webchat": _("Chat")}
TRIPS = {
    "queued": _("{channel}: waits until {time}"),
    "sending": _("{channel}: is being sent"),
    "sent": _("{channel}: sent {sent}"),
    "delivered": _("{channel}: sent {sent}, delivered {delivered}"),
    "failed": _("{channel}: could not be delivered"),
    "held": _("{channel}: held back"),
    "withdrawn": _("{channel}: not sent, not needed any more"),
    "bundled": _("{channel}: named in a page for several reports {sent}"),
}
OUTCOMES = {
    "rescued": _("Persons rescued"),
    "inquiry": _("Inquiry opened"),
    "referred": _("Referred to another office"),
    "unfounded": _("Nothing found"),
    "duplicate": _("Same as another report"),
    "test": _("Test message"),
}
SENT_KINDS = {
    "image": _("Picture"),
    "audio": _("Sound"),
    "video": _("Film"),
    "document": _("Document"),
}
STATES = {
    "waiting": _("is being fetched"),
    "kept": _("has arrived"),
    "unavailable": _("did not arrive, asked for again"),
    "too_large": _("too large, asked for again"),
    "refused": _("of a kind that is not taken"),
}
EVENTS = {
    "opened": _("Report arrived"),
    "amended": _("The reporter added something"),
    "attached": _("The reporter sent along: {kind}"),
    "fetched": _("What was sent along: {state}"),
    "attachment_read": _("Looked at what was sent along"),
    "original_read": _("Took an original that was sent along"),
    "paged": _("{officer} was paged ({tier})"),
    "page_waits": _("The page before still waits to leave"),
    "repeated": _("Not accepted yet, paged again ({tier})"),
    "address_failed": _("One way to reach {officer} failed"),
    "no_receipt": _("{channel}: no receipt in time"),
    "next_channel": _("The next channel rings at once"),
    "step_failed": _("The timer's step failed, and is tried again"),
    "unopenable": _("What was written could not be opened"),
    "tier_empty": _("No {tier} on duty"),
    "nobody_on_duty": _("Nobody on duty at all"),
    "climbed": _("Not accepted in time ({tier})"),
    "overdue": _("Nothing done in time"),
    "accepted": _("Accepted ({via})"),
    "accepted_for": _("{officer} accepted it on {time} ({via}); typed in by {actor}"),
    "passed": _("Passed on"),
    "undeliverable": _("{officer} could not be reached ({tier})"),
    "transferred": _("Sent to {circle}"),
    "lifted": _("Now P{priority}"),
    "noted": _("Note written"),
    "asked": _("Asked whoever reported"),
    "closed": _("Closed: {outcome}"),
    "read": _("Read"),
    "denied": _("Tried to read it, refused"),
    "printed": _("Printed"),
    "slip_printed": _("{actor} printed slip {serial} for {officer}"),
    "slip_received": _("{officer} received slip {serial} on {time}; typed in by {actor}"),
    "slip_late": _("No receipt of slip {serial} in time"),
}
ENUMS = {
    "tier": TIERS, "outcome": OUTCOMES, "via": CHANNELS, "channel": CHANNELS, "kind": {**KINDS, **SENT_KINDS}, "state": STATES,
}  # data of an event that are enums  # fmt: skip
ITSELF = ("clock", "engine", "intake", "worker", "watch")  # parts of the hotline
LEFT, LATE = _("{time} left"), _("{time} late")


def name(table: Mapping[str, str], key: str | None) -> str:
    """The words for an enum, in the page's language."""
    if key is None:
        return ""
    return say(table[key]) if key in table else key.replace("_", " ").replace("-", " ").capitalize()


def circles(tx: Session) -> dict[str, str]:
    """Circle's code -> its name in the page's language."""
    return {code: names.get(current()) or names["en"] for code, names in staff.current_directory(tx).circles.items()}


def place(report: Report) -> str:
    """The district or country of a report, "" if it is not known."""
    return report.district.replace("_", " ").replace("-", " ").title() if report.district else ""


def today(now: datetime) -> str:
    """The local day, as a field for days takes it."""
    return f"{now.astimezone(localtime.LOCAL):%Y-%m-%d}"


def due(report: Report, now: datetime) -> str:
    """Time left on the report's timer, or how late it is."""
    if report.deadline is None:
        return ""
    left = report.deadline - now
    return say(LATE if left < timedelta() else LEFT, time=span(left))


def happening(line: Happening, circle_names: Mapping[str, str]) -> str:
    """A line of a report's timeline, in words."""
    text = EVENTS.get(_event(line))
    if text is None:
        return name({}, line.event)
    data = {key: name(ENUMS[key], value) if key in ENUMS else value for key, value in line.data.items()}
    data |= {"circle": circle_names.get(str(data.get("circle")), ""), "actor": line.actor}
    true_time = data.get("accepted_at") or data.get("time")
    return say(text, **data | {"time": moment(datetime.fromisoformat(true_time)) if true_time else ""})


def doer(line: Happening) -> str:
    """Who did it: an officer's name, or the operator; "" where it did itself, or where the words say it."""
    told = "{actor}" in EVENTS.get(_event(line), "")
    return "" if told or line.actor in ITSELF else line.actor


def _event(line: Happening) -> str:
    return "accepted_for" if line.event == "accepted" and "officer" in line.data else line.event


def trip(way: Trip) -> str:
    """How a message to an officer's phone fared: the channel and times, never the address."""
    times = {"time": way.not_before, "sent": way.sent_at, "delivered": way.delivered_at}
    shown = {key: f"{at.astimezone(localtime.LOCAL):%H:%M:%S}" for key, at in times.items() if at is not None}
    text = TRIPS["sent" if way.state == "delivered" and "sent" not in shown else way.state]
    return say(text, channel=name(CHANNELS, way.channel), **{"sent": shown.get("delivered", ""), **shown})
