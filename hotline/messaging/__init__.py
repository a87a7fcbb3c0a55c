"""Messages in and out: who wrote, whether we may write to them, what waits to leave, and its sending."""

from hotline.messaging import (
    address_health,
    contacts,
    doorbell,
    inbox,
    officer_text,
    outbox,
    pages,
    receipts,
    safe_contact,
)
from hotline.messaging.contacts import SAFE_WINDOW, Contact, Known, Safety
from hotline.messaging.dispatcher import NO_ROOM, Dispatcher, Leaving, Sent
from hotline.messaging.doorbell import Doorbell
from hotline.messaging.inbox import InboundRow
from hotline.messaging.outbox import (
    CLEARS,
    LATE,
    UNKNOWN_FATE,
    Outbox,
    OutboxRow,
    OutboxState,
    PageFailed,
    bring_forward,
)
from hotline.messaging.pages import TOKEN_REST, Page, PageState, tokens
from hotline.messaging.queue import Capacity

__all__ = [
    "CLEARS", "LATE", "NO_ROOM", "SAFE_WINDOW", "TOKEN_REST", "UNKNOWN_FATE", "Capacity", "Contact", "Dispatcher",
    "Doorbell", "InboundRow", "Known", "Leaving", "Outbox", "OutboxRow", "OutboxState", "Page", "PageFailed",
    "PageState", "Safety", "Sent", "address_health", "bring_forward", "contacts", "doorbell", "inbox",
    "officer_text", "outbox", "pages", "receipts", "safe_contact", "tokens",
]  # fmt: skip
