"""Words for the enums of the record. What is not in a table is shown as it is called, so nothing is ever hidden.

Values of answers use the texts of the flows, so that they are translated once.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from hotline import staff
from hotline.casework import Happening, Trip
from hotline.channels.traits import TRAITS
from hotline.core import localtime
from hotline.core.i18n import N_
from hotline.reports import Report
from hotline.web.language import current, moment, say, span
from hotline.web.parts import parts

FIELDS = {
    "category": N_("Kind"),
    "what": N_("What is happening"),
    "place": N_("Where"),
    "when": N_("Is it happening now?"),
    "who": N_("Who does it"),
    "children": N_("Children"),
    "official": N_("A government official"),
    "more": N_("More"),
    "need": N_("What the person needs"),
    "danger": N_("In danger now"),
    "safe": N_("Safe to text"),
    "category_detail": N_("Which of these?"),
    "people": N_("How many people are there?"),
    "recruitment": N_("How were the people found or brought?"),
    "route": N_("By which vehicle and which way?"),
    "documents": N_("Are passports or cards taken or false?"),
    "housing": N_("Where are the people kept at night?"),
    "phone": N_("Which phone or app do they use?"),
    "money": N_("What was paid, to whom, how?"),
    "source": N_("How do you know of it?"),
    "person": N_("Who needs help?"),
    "age": N_("Is the person 18 or older, or under 18?"),
    "gender": N_("You may skip this. Woman or man?"),
    "situation": N_("What is happening?"),
    "contact": N_("May we text this phone later?"),
    "safe_hours": N_("At which hours? For example: 10 to 12 in the morning"),
    "safe_contact": N_("Which person or number may we contact?"),
    "check_word": N_("Send a word of your choice. Next time we ask for it first."),
    "consent_police": N_("May we tell the local police too?"),
    "consent_ngo": N_("May we tell a shelter or aid group?"),
    "last_contact": N_("When was the last contact?"),
    "relative": N_("Who is it? Age, woman or man."),
    "journey": N_("Who sent them, which way, how much was paid?"),
    "demand": N_("What is demanded, by whom, from which number?"),
    "role": N_("You work in:"),
    "persons": N_("Who is it about?"),
    "seen": N_("When did it happen, or when did you see them?"),
    "condition": N_("Where are they now? Are they safe?"),
    "consent": N_("Do they agree that you refer them?"),
    "callback": N_("How may an officer reach your office?"),
    "added": N_("Write it."),
    "complaint": N_("What was not done? It goes to a senior office."),
}
VALUES = {
    "forced_labour": N_("Forced work"),
    "begging": N_("Begging"),
    "sexual_exploitation": N_("Forced into sex"),
    "child_domestic": N_("Child servant"),
    "forced_marriage": N_("Forced marriage"),
    "agent_fraud": N_("Agent, going abroad"),
    "held": N_("Held, ransom or kidney"),
    "other": N_("Something else"),
    "ransom": N_("Held for ransom"),
    "organ": N_("A kidney or organ"),
    "now": N_("Yes, now"),
    "past": N_("No, before"),
    "yes": N_("Yes"),
    "no": N_("No"),
    "unknown": N_("Don't know"),
    "seen": N_("I saw it"),
    "told": N_("Somebody told me"),
    "self": N_("I am one of them"),
    "internet": N_("From the internet"),
    "adult": N_("Adult"),
    "child": N_("Child"),
    "female": N_("Woman or girl"),
    "male": N_("Man or boy"),
    "threatened": N_("Threatened"),
    "papers_taken": N_("Papers taken"),
    "wages": N_("No pay for work"),
    "rescue": N_("To get out"),
    "shelter": N_("A safe place"),
    "doctor": N_("A doctor"),
    "lawyer": N_("A lawyer"),
    "home": N_("The way home"),
    "talk": N_("Somebody to talk to"),
    "never": N_("No, I will write"),
    "hours": N_("Yes, at certain hours"),
    "elsewhere": N_("Another contact"),
    "missing": N_("No contact"),
    "health": N_("Health"),
    "school": N_("School"),
    "ngo": N_("An NGO"),
    "immigration": N_("Immigration"),
    "police": N_("Police"),
    "woman": N_("A woman"),
    "man": N_("A man"),
    "girl": N_("A girl under 18"),
    "boy": N_("A boy under 18"),
    "several": N_("Several people"),
    "not_asked": N_("Cannot be asked"),
}
VALUES_OF = {  # where a question means something else by a value than most do
    "situation": {"held": N_("Not allowed to leave"), "ransom": N_("They demand money")},
    "person": {"self": N_("Me"), "other": N_("Somebody else")},
    "gender": {"other": N_("Transgender or other")},
}
KINDS = {
    "tip": N_("Tip"),
    "help": N_("Plea for help"),
    "family": N_("Family abroad"),
    "professional": N_("Referral from work"),
    "test": N_("Test message"),
}
TIMERS = {"accept": N_("To accept"), "first_action": N_("First action"), "idle": N_("Next action")}
TIERS = {
    "duty_officer": N_("duty officer"),
    "assistant_director": N_("Assistant Director"),
    "deputy_director": N_("Deputy Director"),
    "zonal_director": N_("Zonal Director"),
    "hq": N_("HQ"),
}
RANKS = {**TIERS, "inspector": N_("Inspector"), "sub_inspector": N_("Sub-Inspector")}
CHANNELS = {
    **{channel: one.label for channel, one in TRAITS.items()},
    "console": N_("Console"),
    "slip": N_("Slip of paper"),
    "phoned": N_("By phone"),
    "radio": N_("By radio"),
    "in_person": N_("In person"),
}
TRIPS = {
    "queued": N_("{channel}: waits until {time}"),
    "sending": N_("{channel}: is being sent"),
    "sent": N_("{channel}: sent {sent}"),
    "delivered": N_("{channel}: sent {sent}, delivered {delivered}"),
    "failed": N_("{channel}: could not be delivered"),
    "held": N_("{channel}: held back"),
    "withdrawn": N_("{channel}: not sent, not needed any more"),
    "bundled": N_("{channel}: named in a page for several reports {sent}"),
}
OUTCOMES = {
    "rescued": N_("Persons rescued"),
    "inquiry": N_("Inquiry opened"),
    "referred": N_("Referred to another office"),
    "unfounded": N_("Nothing found"),
    "duplicate": N_("Same as another report"),
    "test": N_("Test message"),
    "aside": N_("Set aside when it came: nobody was paged"),
}
SENT_KINDS = {
    "image": N_("Picture"),
    "audio": N_("Sound"),
    "video": N_("Film"),
    "document": N_("Document"),
}
STATES = {
    "waiting": N_("is being fetched"),
    "kept": N_("has arrived"),
    "unavailable": N_("did not arrive, asked for again"),
    "too_large": N_("too large, asked for again"),
    "refused": N_("of a kind that is not taken"),
}
EVENTS = {
    "opened": N_("Report arrived"),
    "amended": N_("The reporter added something"),
    "attached": N_("The reporter sent along: {kind}"),
    "fetched": N_("What was sent along: {state}"),
    "attachment_read": N_("Looked at what was sent along"),
    "original_read": N_("Took an original that was sent along"),
    "paged": N_("{officer} was paged ({tier})"),
    "page_waits": N_("The page before still waits to leave"),
    "repeated": N_("Not accepted yet, paged again ({tier})"),
    "address_failed": N_("One way to reach {officer} failed"),
    "no_receipt": N_("{channel}: no receipt in time"),
    "next_channel": N_("The next channel rings at once"),
    "step_failed": N_("The timer's step failed, and is tried again"),
    "unopenable": N_("What was written could not be opened"),
    "tier_empty": N_("No {tier} on duty"),
    "nobody_on_duty": N_("Nobody on duty at all"),
    "climbed": N_("Not accepted in time ({tier})"),
    "overdue": N_("Nothing done in time"),
    "accepted": N_("Accepted ({via})"),
    "accepted_for": N_("{officer} accepted it on {time} ({via}); typed in by {actor}"),
    "passed": N_("Passed on"),
    "undeliverable": N_("{officer} could not be reached ({tier})"),
    "transferred": N_("Sent to {circle}"),
    "lifted": N_("Now P{priority}"),
    "noted": N_("Note written"),
    "asked": N_("Asked whoever reported"),
    "closed": N_("Closed: {outcome}"),
    "set_aside": N_("Set aside: nobody was paged"),
    "revived": N_("Made a report by hand"),
    "read": N_("Read"),
    "denied": N_("Tried to read it, refused"),
    "printed": N_("Printed"),
    "slip_printed": N_("{actor} printed slip {serial} for {officer}"),
    "slip_received": N_("{officer} received slip {serial} on {time}; typed in by {actor}"),
    "slip_late": N_("No receipt of slip {serial} in time"),
    "override_asked": N_("Asked to release a late message for imminent danger"),
    "contact_overridden": N_("Late message released for imminent danger, confirmed by {second}"),
}
ENUMS = {
    "tier": TIERS, "outcome": OUTCOMES, "via": CHANNELS, "channel": CHANNELS, "kind": {**KINDS, **SENT_KINDS}, "state": STATES,
}  # data of an event that are enums  # fmt: skip
ITSELF = ("clock", "engine", "intake", "worker", "watch")  # parts of the hotline
LEFT, LATE = N_("{time} left"), N_("{time} late")


def name(table: Mapping[str, str], key: str | None) -> str:
    """The words for an enum, in the page's language."""
    if key is None:
        return ""
    return say(table[key]) if key in table else key.replace("_", " ").replace("-", " ").capitalize()


def value(field: str, key: str) -> str:
    """The words for the choice that answered a question."""
    return name({**VALUES, **VALUES_OF.get(field, {})}, key)


def circles(tx: Session) -> dict[str, str]:
    """Circle's code -> its name in the page's language."""
    return {code: names.get(current()) or names["en"] for code, names in staff.current_directory(tx).circles.items()}


def place(report: Report) -> str:
    """The district or country of a report by its name, "" if it is not known."""
    if not report.district:
        return ""
    known = parts().place_names.get(report.district)
    return known.called(current()) if known is not None else report.district.replace("-", " ").title()


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
    """Name who did it: an officer's name, or the operator; "" where it did itself, or where the words say it."""
    told = "{actor}" in EVENTS.get(_event(line), "")
    return "" if told or line.actor in ITSELF else line.actor


def _event(line: Happening) -> str:
    return "accepted_for" if line.event == "accepted" and "officer" in line.data else line.event


def trip(way: Trip) -> str:
    """Say how a message to an officer's phone fared: the channel and times, never the address."""
    times = {"time": way.not_before, "sent": way.sent_at, "delivered": way.delivered_at}
    shown = {key: f"{at.astimezone(localtime.LOCAL):%H:%M:%S}" for key, at in times.items() if at is not None}
    text = TRIPS["sent" if way.state == "delivered" and "sent" not in shown else way.state]
    return say(text, channel=name(CHANNELS, way.channel), **{"sent": shown.get("delivered", ""), **shown})
