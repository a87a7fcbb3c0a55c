"""The words of pages: each tells an officer of a report that waits, in one SMS part."""

from collections.abc import Mapping

from hotline.channels.contract import Choice
from hotline.core.i18n import N_, translate
from hotline.core.priority import Priority
from hotline.messaging import officer_text

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


def page(token: str, priority: Priority, circle_names: Mapping[str, str], wish: str, *, overdue: bool = False) -> str:
    """Offer a report; `overdue`: to take it over from an officer who does nothing."""
    return officer_text.about_circle(OVERDUE if overdue else PAGE, circle_names, wish, token=token, priority=priority)


def choices(token: str, wish: str, *, overdue: bool = False) -> tuple[Choice, ...]:
    """Make the buttons of a page; what is overdue can be taken over only."""
    accept = Choice(translate(ACCEPT, wish), f"1 {token}")
    return (accept,) if overdue else (accept, Choice(translate(PASS_ON, wish), f"2 {token}"))


def bundle(token: str, priority: Priority, circle_names: Mapping[str, str], more: int, wish: str) -> str:
    """Offer the most urgent of several reports, and say how many more wait."""
    return officer_text.about_circle(BUNDLE, circle_names, wish, token=token, priority=priority, more=more)


def more_urgent(token: str | None, priority: Priority, circle_names: Mapping[str, str], wish: str) -> str:
    """Tell the officer who has a report that it became more urgent."""
    text = URGENT if token else URGENT_YOURS
    return officer_text.about_circle(text, circle_names, wish, token=token, priority=priority)
