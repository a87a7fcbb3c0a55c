"""The receipts of the SMSC: the message that each is about, and when a message of many parts has arrived."""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field

from hotline.channels.contract import Delivery
from hotline.channels.smpp import text
from hotline.channels.smpp.text import Receipt

KEPT = 20_000  # messages whose receipts are awaited in memory; for older ones the database is asked


@dataclass(slots=True)
class _Message:
    outbox_id: str
    parts: int
    arrived: set[str] = field(default_factory=set)


class Awaited:
    """The messages that the SMSC took since this process began, by the ids that it gave."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_id: OrderedDict[str, _Message] = OrderedDict()
        self._by_row: OrderedDict[str, _Message] = OrderedDict()

    def expect(self, message_id: str, outbox_id: str, parts: int) -> None:
        """Note the id under which the SMSC took a part of an outbox row's message."""
        with self._lock:
            message = self._by_row.setdefault(outbox_id, _Message(outbox_id, parts))
            self._by_id[message_id] = message
            for kept in (self._by_id, self._by_row):
                if len(kept) > KEPT:
                    kept.popitem(last=False)

    def knows(self, receipt: Receipt) -> bool:
        """Tell whether the receipt's message left from this process."""
        with self._lock:
            return self._found(receipt) is not None

    def take(self, receipt: Receipt) -> Delivery | None:
        """Return what a receipt means for the whole message; None while other parts are under way.

        Delivered when the last part is, failed when any is.
        """
        with self._lock:
            message = self._found(receipt)
            if message is None:
                return None
            if receipt.state == "delivered":
                message.arrived.add(receipt.message_id)
                if len(message.arrived) < message.parts:
                    return None
            return Delivery(message.outbox_id, receipt.state, receipt.detail)

    def _found(self, receipt: Receipt) -> _Message | None:
        """Find a message by the id as it is; else by another spelling of it, if that is only one message's."""
        if receipt.message_id in self._by_id:
            return self._by_id[receipt.message_id]
        found = [self._by_id[name] for name in text.spellings(receipt.message_id) if name in self._by_id]
        return found[0] if found and all(one is found[0] for one in found) else None
