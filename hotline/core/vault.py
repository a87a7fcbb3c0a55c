"""Sealing: who can open what.

Keys lie in a folder, one file each, mode 0600; a process is given those of its role and no others.

    intake.key      32 random bytes; index of contacts, codes and provider ids (HMAC), sessions of conversations (AES-GCM)
    worker.key/.pub HPKE pair: addresses and outgoing texts are sealed to it; only the worker opens them
    drill.key       32 random bytes; signs the calls of drills: intake, worker and clock have it
    console.key/.pub, integrity.key/.pub   HPKE pairs: the private halves of the report keys are sealed to them

A report's texts are sealed with a data key of its own, which is wrapped (HPKE) to the key of its circle and month, whose
private half is sealed to the console. So the intake can write to a report without ever being able to read an old one,
rotation re-seals a few circle keys and no body, and deleting a wrapped data key shreds a report.
"""

import hmac
import os
import secrets
import time
from base64 import b64decode, b64encode
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hpke
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SUITE = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
ENVELOPE = 80  # bytes of a key of 32 sealed with HPKE, which stand before what is sealed with that key
ENVELOPE_LASTS = 1.0  # seconds: under load, one HPKE a second instead of one a message; its key never leaves memory
PAD = 128  # bytes: sealed lengths tell no more than a multiple of this
PAIRS = ("worker", "console", "integrity")
ROLE_KEYS: Mapping[str, tuple[str, ...]] = {
    "all": ("intake", "console", "integrity"),
    "intake": ("intake",),
    "console": ("console", "integrity"),
    "worker": ("worker",),
    "clock": (),
    # The bind to an operator's SMSC: it sees numbers and texts on the wire anyway, in both directions; it opens no report.
    "smpp": ("intake", "worker"),
    "operator": ("intake", "console", "integrity"),  # `hotline load`, `hotline keys rotate` at a shell
}


class KeyMissing(Exception):
    """A key that this process was not given, or that was never made."""


class Unopenable(Exception):
    """A sealed value that does not belong here: wrong row, key or context, or cut short."""


def make_keys(folder: Path) -> list[str]:
    """Make the keys that are not there yet, mode 0600; returns the names of those made. Never overwrites one."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = []
    if _write_new(folder / "intake.key", secrets.token_bytes(32)):
        made.append("intake.key")
    if _write_new(folder / "drill.key", secrets.token_bytes(32)):
        made.append("drill.key")
    made += [f"{name}.key" for name in PAIRS if _make_pair(folder / f"{name}.key", folder / f"{name}.pub")]
    return made


def _make_pair(private: Path, public: Path) -> bool:
    """Make what is missing of a pair; but no private half for a public one that came from another machine."""
    if public.exists():
        return False
    made = _write_new(private, X25519PrivateKey.generate().private_bytes_raw())
    key = X25519PrivateKey.from_private_bytes(_read(private))
    _write_new(public, key.public_key().public_bytes_raw())
    return made


def _write_new(path: Path, value: bytes) -> bool:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "wb") as file:
        file.write(b64encode(value) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    return True


class Vault:
    """The keys of one process. Every method raises KeyMissing where the role has not got the key."""

    def __init__(self, folder: Path, role: str) -> None:
        """Read the keys of `role` (see ROLE_KEYS). Raises KeyMissing naming the file."""
        self.role = role
        self._envelopes = Envelopes()
        self._public = {name: _read(folder / f"{name}.pub") for name in PAIRS}
        held = ROLE_KEYS[role]
        self._private = {
            name: X25519PrivateKey.from_private_bytes(_read(folder / f"{name}.key")) for name in PAIRS if name in held
        }
        for name, private in self._private.items():
            if private.public_key().public_bytes_raw() != self._public[name]:
                raise KeyMissing(f"{name}.key and {name}.pub are no pair: nothing sealed would open (README#keys)")
        root = _read(folder / "intake.key") if "intake" in held else None
        self._macs = (
            {p: _derive(root, p) for p in ("contact", "provider", "code", "circle-key", "chat", "check-word")}
            if root
            else {}
        )
        self._session = AESGCM(_derive(root, "session")) if root else None

    def index(self, channel: str, peer: str) -> bytes:
        """Keyed index of a contact address: finds a returning contact, tells nobody else anything."""
        return self.digest("contact", f"{channel}\0{peer}")

    def digest(self, purpose: str, value: str) -> bytes:
        """Keyed digest (16 bytes) of a provider's id, a reference code and the like, one key per purpose."""
        if purpose not in self._macs:
            raise KeyMissing(f"the role {self.role} holds no intake key")
        return hmac.digest(self._macs[purpose], value.encode(), "sha256")[:16]

    def seal_for(self, receiver: str, plain: bytes, context: str) -> bytes:
        """Seal one-way to "worker", "console" or "integrity" (HPKE). The context must be given again to open."""
        return Envelope(self._public[receiver]).seal(plain, context)

    def envelope(self, receiver: str) -> "Envelope":
        """Seals the values of one moment as `seal_for` does, for little more than the price of one."""
        return self._envelopes.to(self._public[receiver])

    def open_as(self, receiver: str, sealed: bytes, context: str) -> bytes:
        """Open what was sealed to `receiver`. Raises Unopenable."""
        if receiver not in self._private:
            raise KeyMissing(f"the role {self.role} holds no {receiver} key")
        return _open_envelope(sealed, self._private[receiver], context)

    def seal_session(self, plain: str, contact_id: str) -> bytes:
        """Seal the state of a conversation between two messages."""
        if self._session is None:
            raise KeyMissing(f"the role {self.role} holds no intake key")
        return _aes_seal(self._session, plain.encode(), contact_id)

    def open_session(self, sealed: bytes, contact_id: str) -> str:
        """The state of a conversation. Raises Unopenable."""
        if self._session is None:
            raise KeyMissing(f"the role {self.role} holds no intake key")
        return _aes_open(self._session, sealed, contact_id).decode()

    def web_secret(self) -> bytes:
        """The key that signs the web cookies of this process's role."""
        if "chat" in self._macs:
            return self._macs["chat"]
        return _derive(self._private["console"].private_bytes_raw(), "web")


class Envelope:
    """A random key that is sealed to a receiver (HPKE), and forgotten a moment later; seals with AES-256-GCM.

    What it sealed opens with the receiver's private key only. Each value is bound to its own context.
    """

    def __init__(self, receiver: bytes) -> None:
        """`receiver`: a public key, 32 bytes."""
        key, public = secrets.token_bytes(32), X25519PublicKey.from_public_bytes(receiver)
        self._sealed_key, self._key = SUITE.encrypt(key, public, b"envelope"), AESGCM(key)

    def seal(self, plain: bytes, context: str) -> bytes:
        """Seal a value. The context must be given again to open."""
        return self._sealed_key + _aes_seal(self._key, plain, context)


class Envelopes:
    """The envelope of each receiver at this moment. Its key is in memory until the next one to the same receiver."""

    def __init__(self) -> None:
        self._made: dict[bytes, tuple[float, Envelope]] = {}

    def to(self, receiver: bytes) -> Envelope:
        """The envelope to a public key, given as its 32 bytes."""
        made, envelope = self._made.get(receiver, (0.0, None))
        if envelope is None or time.monotonic() - made > ENVELOPE_LASTS:
            envelope = Envelope(receiver)
            self._made[receiver] = (time.monotonic(), envelope)
        return envelope


_circles = Envelopes()


def new_circle_key(vault: Vault, receiver: str, context: str) -> tuple[bytes, bytes]:
    """A new key pair for a circle and month: (public half, private half sealed to `receiver`)."""
    private = X25519PrivateKey.generate()
    return private.public_key().public_bytes_raw(), vault.seal_for(receiver, private.private_bytes_raw(), context)


def open_circle_key(vault: Vault, receiver: str, sealed: bytes, context: str) -> X25519PrivateKey:
    """The private half of a circle's key. Raises Unopenable, KeyMissing."""
    return X25519PrivateKey.from_private_bytes(vault.open_as(receiver, sealed, context))


def new_data_key() -> bytes:
    """A report's own key."""
    return secrets.token_bytes(32)


def wrap(data_key: bytes, circle_public: bytes, context: str) -> bytes:
    """Wrap a report's data key to a circle's public key."""
    return _circles.to(circle_public).seal(data_key, context)


def unwrap(wrapped: bytes, circle_private: X25519PrivateKey, context: str) -> bytes:
    """The data key. Raises Unopenable."""
    return _open_envelope(wrapped, circle_private, context)


def _open_envelope(sealed: bytes, private: X25519PrivateKey, context: str) -> bytes:
    try:
        key = SUITE.decrypt(sealed[:ENVELOPE], private, b"envelope")
    except (InvalidTag, ValueError) as error:
        raise Unopenable(context.split(" ", maxsplit=1)[0]) from error
    return _aes_open(AESGCM(key), sealed[ENVELOPE:], context)


def seal(data_key: bytes, plain: str, context: str) -> bytes:
    """Seal a text with a report's data key; `context` is made of immutable ids only."""
    return seal_bytes(data_key, plain.encode(), context)


def unseal(data_key: bytes, sealed: bytes, context: str) -> str:
    """The text. Raises Unopenable for another row's, another key's, or a cut value."""
    return unseal_bytes(data_key, sealed, context).decode()


def seal_bytes(data_key: bytes, plain: bytes, context: str) -> bytes:
    """Seal as `seal` does what is no text."""
    return _aes_seal(AESGCM(data_key), plain, context)


def unseal_bytes(data_key: bytes, sealed: bytes, context: str) -> bytes:
    """Unseal as `unseal` does what is no text."""
    return _aes_open(AESGCM(data_key), sealed, context)


def derive(secret: bytes, purpose: str) -> bytes:
    """A key for one purpose out of a secret (HKDF-SHA256)."""
    return _derive(secret, purpose)


def _derive(secret: bytes, purpose: str) -> bytes:
    return HKDF(hashes.SHA256(), 32, None, f"hotline {purpose}".encode()).derive(secret)


def drill_secret(folder: Path) -> bytes:
    """Return the secret by which the calls of drills are signed. Raises KeyMissing."""
    return _read(folder / "drill.key")


def _read(path: Path) -> bytes:
    try:
        value = b64decode(path.read_bytes())
    except OSError as error:
        raise KeyMissing(f"{path.name}: {error.strerror}; `hotline keys new` makes it (README#keys)") from error
    if len(value) != 32:
        raise KeyMissing(f"{path.name}: not a key of 32 bytes (README#keys)")
    return value


def _aes_seal(key: AESGCM, plain: bytes, context: str) -> bytes:
    nonce = os.urandom(12)
    return nonce + key.encrypt(nonce, _pad(plain), context.encode())


def _aes_open(key: AESGCM, sealed: bytes, context: str) -> bytes:
    try:
        return _unpad(key.decrypt(sealed[:12], sealed[12:], context.encode()))
    except (InvalidTag, ValueError) as error:
        raise Unopenable("text") from error


def _pad(plain: bytes) -> bytes:
    return plain + b"\x80" + b"\0" * (-(len(plain) + 1) % PAD)


def _unpad(padded: bytes) -> bytes:
    return padded[: padded.rindex(b"\x80")]
