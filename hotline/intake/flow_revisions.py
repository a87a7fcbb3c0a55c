"""Flows as they were: a conversation keeps to the texts that it began with, whatever is released meanwhile."""

import hashlib
import logging
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Mapped, Session, mapped_column

from hotline.conversation import Flows
from hotline.conversation import Session as Conversation
from hotline.core import db

log = logging.getLogger(__name__)

MAX_KNOWN = 32  # revisions kept in memory: of the conversations under way, few are older than a release or two


class FlowRevision(db.Base):
    """The file of a flow, word for word, as it was released."""

    __tablename__ = "flow_revisions"
    name: Mapped[str] = mapped_column(primary_key=True)
    revision: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[str]
    registered_at: Mapped[datetime]


def register(tx: Session, folder: Path, flows: Flows, now: datetime) -> None:
    """Keep the flows of a release for the conversations that will begin with them. Repeating it changes nothing."""
    for flow in flows.flows.values():
        body = (folder / f"{flow.name}.yaml").read_bytes()
        if hashlib.sha256(body).hexdigest().startswith(flow.revision):  # not edited in between
            values = {"name": flow.name, "revision": flow.revision, "body": body.decode(), "registered_at": now}
            db.add_if_new(tx, FlowRevision, values)


@dataclass(frozen=True, slots=True)
class Revisions:
    """The flows of today, and those of conversations that began before."""

    current: Flows
    _known: dict[tuple[str, str], Flows] = field(default_factory=dict)

    def of(self, tx: Session, session: Conversation) -> Flows:
        """The flows that a conversation goes by: today's, if its revision is not stored or fits no more."""
        here = self.current.flows.get(session.flow)
        if here is None or session.revision in ("", here.revision):
            return self.current
        key = (session.flow, session.revision)
        if key not in self._known:
            row = tx.get(FlowRevision, key)
            if row is None:
                return self.current
            while len(self._known) >= MAX_KNOWN:
                self._known.pop(next(iter(self._known)), None)
            self._known[key] = self._loaded(row)
        return self._known[key]

    def _loaded(self, row: FlowRevision) -> Flows:
        try:
            return self.current.pinned(row.name, row.revision, row.body)
        except (ValueError, LookupError):  # a flow or a keyword that it leads to is gone
            log.warning("old flow fits no more", extra={"flow": row.name})
            return self.current
