"""The channels and what each can do: whoever must know asks this table, and never for a channel's name."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from hotline.core.i18n import N_

# How the answers that a message offers are drawn: lines that begin with a number, buttons or a list, keys of a call, what
# the web chat's own page makes of the last message, or not at all.
Options = Literal["numbers", "buttons", "keys", "page", "none"]


@dataclass(frozen=True, slots=True)
class Traits:
    """The abilities of one channel."""

    label: str  # in the console
    short: str  # to an officer's phone: harmless on a screen that others see
    options: Options = "none"
    gsm: bool = False  # a letter outside GSM-7 doubles the price: those that have a cheaper twin are replaced
    latin: bool = False  # many phones show no other letters on it
    screens: bool = False  # it shows pages of a session and keeps no messages
    phones: bool = False  # its addresses are phone numbers
    internet: bool = False  # of no use to a phone whose data is cut off
    pages: bool = False  # officers can be paged on it
    asks_back: bool = True  # an officer's question may go back the way the report came
    receipt_within: timedelta | None = None  # how long a page's receipt is waited for; None: it gives none


# In the order in which people read of them.
TRAITS: Mapping[str, Traits] = {
    "sms": Traits(
        "SMS", "SMS", options="numbers", gsm=True, phones=True, pages=True, receipt_within=timedelta(seconds=60)
    ),
    # A screen is an answer to a call, and a message by another channel would tell what USSD leaves no trace of.
    "ussd": Traits(
        "USSD", "USSD", options="numbers", gsm=True, latin=True, screens=True, phones=True, asks_back=False
    ),
    "telegram": Traits("Telegram", "Telegram", options="buttons", internet=True, pages=True),
    "whatsapp": Traits(
        "WhatsApp", "WhatsApp", options="buttons", phones=True, internet=True, pages=True,
        receipt_within=timedelta(seconds=60),
    ),
    "call": Traits(
        N_("Phone call"), "call", options="keys", phones=True, pages=True, receipt_within=timedelta(seconds=45)
    ),
    "webchat": Traits(N_("Chat"), "web", options="page", internet=True),
    "drill": Traits("Drill", "drill", asks_back=False),
}  # fmt: skip
_GONE = Traits("", "", asks_back=False)

if TYPE_CHECKING:
    PagedChannel = str
else:  # what files may name: pydantic lists the names to whoever wrote another
    PagedChannel = Literal[tuple(name for name, one in TRAITS.items() if one.pages)]


def of(channel: str) -> Traits:
    """Return a channel's traits; a channel that only old rows still name can do nothing."""
    return TRAITS.get(channel, _GONE)
