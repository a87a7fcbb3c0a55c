"""The worker's part: fetches what waits, seals it, makes the copy, and asks again for what did not come.

1. `_claim` takes the one that is due first and sets when the next try may begin, later than this one can take: so a try
   is a lease too, and what a dead worker had is taken up again by itself.
2. It is fetched, looked at and copied outside of any transaction.
3. `_end` writes the outcome, if no other try was faster, and deletes the reference and the key that opened it.
"""

import json
import logging
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hotline.channels.contract import Fetched, Fetcher, Media, SendError
from hotline.conversation import texts
from hotline.core import audit, db, vault
from hotline.core.i18n import translate
from hotline.core.timers import DueColumn
from hotline.core.vault import Vault
from hotline.messaging import Contact, Outbox
from hotline.reports.attachments import copies, kinds
from hotline.reports.attachments.copies import Copy
from hotline.reports.attachments.tables import COPY, ORIGINAL, Attachment, AttachmentBody, AttachmentState

log = logging.getLogger(__name__)

LIMIT = 16 * 1024 * 1024  # bytes of an original
LEASE = timedelta(minutes=10)  # longer than the slowest fetch and the slowest copy
RETRY = timedelta(seconds=10)  # first wait after a failed try; doubles
MAX_RETRY = timedelta(hours=1)
MAX_ATTEMPTS = 30  # about a day
TOO_LARGE = "too_large"  # of SendError

DUE_COLUMNS = (DueColumn(Attachment.not_before, Attachment.state == AttachmentState.WAITING),)
_WAITS = sa.text("attachments.state = 'waiting'")  # as the index has it
_ASKED = {AttachmentState.UNAVAILABLE: texts.NOT_ARRIVED, AttachmentState.TOO_LARGE: texts.WAS_TOO_LARGE}


def _due(now: datetime) -> sa.Select[Attachment]:
    return sa.select(Attachment).where(_WAITS, Attachment.not_before <= now).order_by(Attachment.not_before).limit(1)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """The end of a try; `state` is WAITING if there is to be another one."""

    state: AttachmentState
    key: bytes = field(default=b"", repr=False)
    original: bytes = field(default=b"", repr=False)
    original_type: str | None = None
    copy: Copy | None = None


@dataclass(frozen=True, slots=True)
class Collector:
    """The collector of attachments, with all that fetching takes. Any number of workers may have one."""

    database: db.Database
    vault: Vault
    fetchers: Mapping[str, Fetcher]  # channel -> who fetches what came by it
    outbox: Outbox
    limit: int = LIMIT

    def collect_one(self) -> bool:
        """Deal with the one that is due first; False when none is."""
        now = self.database.now()
        with self.database.reading() as tx:  # no write lock while there is nothing to do
            if tx.scalar(_due(now)) is None:
                return False
        with self.database.transaction() as tx:
            row = self._claim(tx, now)
        if row is None:
            return False
        outcome = self._try(row)
        with self.database.transaction() as tx:
            self._end(tx, row, outcome, self.database.now())
        return True

    def _claim(self, tx: Session, now: datetime) -> Attachment | None:
        row = tx.scalar(_due(now).with_for_update(skip_locked=True))
        if row is None:
            return None
        row.attempts, row.not_before = row.attempts + 1, now + LEASE
        return row

    def _try(self, row: Attachment) -> _Outcome:
        if row.attempts > MAX_ATTEMPTS:  # whatever it is, it has ended workers too often
            return _Outcome(AttachmentState.UNAVAILABLE)
        try:
            media, key = self._opened(row)
            fetched = self._fetch(row.channel or "", media)
        except SendError as error:
            return _Outcome(self._failed(error, row.attempts))
        if len(fetched.body) > self.limit:
            return _Outcome(AttachmentState.TOO_LARGE)
        media_type = kinds.sniff(fetched.body)
        if media_type is None:
            return _Outcome(AttachmentState.REFUSED)
        return _Outcome(AttachmentState.KEPT, key, fetched.body, media_type, copies.copy_of(fetched.body, media_type))

    def _opened(self, row: Attachment) -> tuple[Media, bytes]:
        try:
            packed = self.vault.open_as("worker", row.reference or b"", row.context)
        except vault.Unopenable as error:
            raise SendError("unopenable", retryable=False) from error
        reference, media_type, key = json.loads(packed)
        return Media(row.kind, reference, media_type), b64decode(key)  # type: ignore[arg-type]  # one of MediaKind

    def _fetch(self, channel: str, media: Media) -> Fetched:
        """A bug in a channel is a failure like others."""
        fetcher = self.fetchers.get(channel)
        if fetcher is None:
            raise SendError("no_channel", retryable=True)
        try:
            return fetcher.fetch(media, self.limit)
        except SendError:
            raise
        except Exception as error:
            log.exception("fetch failed")
            raise SendError("crashed", retryable=True) from error

    @staticmethod
    def _failed(error: SendError, attempts: int) -> AttachmentState:
        if error.code == TOO_LARGE:
            return AttachmentState.TOO_LARGE
        return AttachmentState.WAITING if error.retryable and attempts < MAX_ATTEMPTS else AttachmentState.UNAVAILABLE

    def _end(self, tx: Session, seen: Attachment, outcome: _Outcome, now: datetime) -> None:
        row = tx.get(Attachment, seen.id, with_for_update=True)
        if row is None or row.state != AttachmentState.WAITING:
            return  # it took longer than the lease, and somebody else was faster
        if row.attempts != seen.attempts and outcome.state != AttachmentState.KEPT:
            return  # or is still at it, and may be luckier
        if outcome.state == AttachmentState.WAITING:
            row.not_before = now + min(RETRY * 2 ** min(row.attempts - 1, 20), MAX_RETRY)
            return
        self._ask_again(tx, row, outcome.state, now)
        _keep(tx, row, outcome)
        row.state, row.reference, row.channel, row.contact_id = outcome.state, None, None, None
        data = {"attachment": row.id, "state": row.state, "attempts": row.attempts}
        audit.record(tx, "fetched", at=now, actor="worker", report_id=row.report_id, **data)

    def _ask_again(self, tx: Session, row: Attachment, state: AttachmentState, now: datetime) -> None:
        """In words that say nothing of what it was for; whether they may leave is asked when they leave, as always."""
        contact = tx.get(Contact, row.contact_id) if row.contact_id is not None and state in _ASKED else None
        if contact is not None and contact.erased_at is None:
            text = translate(_ASKED[state], contact.language or "ur")
            self.outbox.reply(tx, contact, text, dedupe=f"attachment:{row.id}", now=now)


def _keep(tx: Session, row: Attachment, outcome: _Outcome) -> None:
    if outcome.state != AttachmentState.KEPT:
        return
    row.kib, row.original_type = -(-len(outcome.original) // 1024), outcome.original_type
    parts = {ORIGINAL: outcome.original}
    if outcome.copy is not None:
        row.copy_type, parts[COPY] = outcome.copy.media_type, outcome.copy.body
    for part, body in parts.items():
        sealed = vault.seal_bytes(outcome.key, body, row.body_context(part))
        db.add(tx, AttachmentBody(attachment_id=row.id, part=part, body=sealed))
