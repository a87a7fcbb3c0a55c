"""Where a story's providers keep what people sent beside words, until the hotline's worker fetches it."""

from collections import Counter
from collections.abc import Sequence

from hotline.channels.contract import Fetched, Media, MediaKind, SendError

GONE = SendError("gone", retryable=False)
DOWN = SendError("unreachable", retryable=True)
_KINDS: tuple[tuple[bytes, MediaKind], ...] = ((b"\xff\xd8", "image"), (b"OggS", "audio"), (b"%PDF", "document"))


class Shelf:
    """A Fetcher for all channels. `failures`: what the next fetches raise, before they give anything."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.failures: list[SendError] = []
        self.fetched = Counter[str]()

    def put(self, name: str, files: Sequence[bytes]) -> tuple[Media, ...]:
        """Keep the files of a message; gives what the message says of them, which may be wrong."""
        named = {f"{name}-{number}": body for number, body in enumerate(files)}
        self.files |= named
        return tuple(Media(_kind(body), reference, "image/jpeg") for reference, body in named.items())

    def fetch(self, media: Media, limit: int) -> Fetched:
        """As a channel does."""
        self.fetched[media.reference] += 1
        if self.failures:
            raise self.failures.pop(0)
        if media.reference not in self.files:
            raise GONE
        body = self.files[media.reference]
        if len(body) > limit:
            raise SendError("too_large", retryable=False)
        return Fetched(body, media.media_type)


def _kind(body: bytes) -> MediaKind:
    return next((kind for start, kind in _KINDS if body.startswith(start)), "image")
