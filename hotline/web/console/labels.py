"""Words for the enums of the record. What is not in a table is shown as it is called, so nothing is ever hidden.

Values of answers use the texts of the flows, so that they are translated once.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from hotline import roster
from hotline.casework import Happening
from hotline.reports import Report
from hotline.web.language import current, say, span


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
}
VALUES = {
    "forced_labour": _("Forced work"),
    "begging": _("Forced begging"),
    "sexual_exploitation": _("Forced into sex"),
    "child_domestic": _("Child works in a home"),
    "forced_marriage": _("Forced marriage"),
    "agent_fraud": _("Agent, journey abroad"),
    "other": _("Something else"),
    "now": _("Yes, now"),
    "past": _("No, before"),
    "yes": _("Yes"),
    "no": _("No"),
    "unknown": _("Don't know"),
}
KINDS = {"tip": _("Tip"), "help": _("Plea for help")}
TIMERS = {"accept": _("To accept"), "first_action": _("First action"), "idle": _("Next action")}
TIERS = {
    "duty_officer": _("duty officer"),
    "assistant_director": _("Assistant Director"),
    "deputy_director": _("Deputy Director"),
    "zonal_director": _("Zonal Director"),
    "hq": _("HQ"),
}
OUTCOMES = {
    "rescued": _("Persons rescued"),
    "inquiry": _("Inquiry opened"),
    "referred": _("Referred to another office"),
    "unfounded": _("Nothing found"),
    "duplicate": _("Same as another report"),
    "test": _("Test message"),
}
EVENTS = {
    "opened": _("Report arrived"),
    "amended": _("The reporter added something"),
    "paged": _("{officer} was paged ({tier})"),
    "tier_empty": _("No {tier} on duty"),
    "nobody_on_duty": _("Nobody on duty at all"),
    "climbed": _("Not accepted in time ({tier})"),
    "overdue": _("Nothing done in time"),
    "accepted": _("Accepted"),
    "passed": _("Passed on"),
    "undeliverable": _("{officer} could not be reached ({tier})"),
    "transferred": _("Sent to {circle}"),
    "lifted": _("Now P{priority}"),
    "noted": _("Note written"),
    "closed": _("Closed: {outcome}"),
    "read": _("Read"),
    "denied": _("Tried to read it, refused"),
}
LEFT, LATE = _("{time} left"), _("{time} late")


def name(table: Mapping[str, str], key: str | None) -> str:
    """The words for an enum, in the page's language."""
    if key is None:
        return ""
    return say(table[key]) if key in table else key.replace("_", " ").replace("-", " ").capitalize()


def circles(tx: Session) -> dict[str, str]:
    """Circle's code -> its name in the page's language."""
    return {code: names.get(current()) or names["en"] for code, names in roster.directory(tx).circles.items()}


def place(report: Report) -> str:
    """The district or country of a report, "" if it is not known."""
    return report.district.replace("_", " ").replace("-", " ").title() if report.district else ""


def due(report: Report, now: datetime) -> str:
    """Time left on the report's timer, or how late it is."""
    if report.due_at is None:
        return ""
    left = report.due_at - now
    return say(LATE if left < timedelta() else LEFT, time=span(left))


def happening(line: Happening, circle_names: Mapping[str, str]) -> str:
    """A line of history, in words."""
    if line.event not in EVENTS:
        return name({}, line.event)
    tables: dict[str, Mapping[str, str]] = {"tier": TIERS, "outcome": OUTCOMES}
    data = {key: name(tables[key], value) if key in tables else value for key, value in line.data.items()}
    data["circle"] = circle_names.get(str(data.get("circle")), "")
    return say(EVENTS[line.event], **data)
