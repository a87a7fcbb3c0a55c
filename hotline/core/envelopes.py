"""Sealing to the worker: one envelope a transaction, since a key agreement costs more than what is sealed in it."""

from sqlalchemy.orm import Session

from hotline.core.vault import Envelope, Vault


def seal_for_worker(tx: Session, vault: Vault, plain: bytes, context: str) -> bytes:
    """Seal to the worker, in the envelope that this transaction keeps for it."""
    if "envelope" not in tx.info:
        tx.info["envelope"] = vault.envelope("worker")
    envelope: Envelope = tx.info["envelope"]
    return envelope.seal(plain, context)
