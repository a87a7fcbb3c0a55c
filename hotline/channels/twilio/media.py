"""The media that come with a message of Twilio's. Light: `download`, which is not, is loaded by the first fetch."""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from hotline.channels.contract import Fetched, Media, MediaKind, first

if TYPE_CHECKING:
    import httpx

MAX_MEDIA = 10  # of one message: Twilio's own bound
API_URL = "https://api.twilio.com"
STORES = frozenset({"twilio.com", "twiliocdn.com", "s3-external-1.amazonaws.com"})  # to which the API sends on
_KINDS: Mapping[str, MediaKind] = {"image": "image", "audio": "audio", "video": "video"}

Account = tuple[str, str, str | None, float]  # sid, token, address of the API or None, time-out in seconds


def of(form: Mapping[str, list[str]]) -> tuple[Media, ...]:
    """Return the media that a webhook names."""
    count = first(form, "NumMedia")
    numbers = range(min(int(count[:4]), MAX_MEDIA) if count.isdecimal() else 0)
    named = ((first(form, f"MediaUrl{number}"), first(form, f"MediaContentType{number}")) for number in numbers)
    return named_media(named)


def named_media(named: Iterable[tuple[str, str]]) -> tuple[Media, ...]:
    """Name media by address and type."""
    return tuple(Media(_KINDS.get(kind.partition("/")[0], "document"), url, kind) for url, kind in named if url)


def fetch(account: Account, media: Media, limit: int) -> Fetched:
    """Fetch the file that a MediaUrl leads to; the account's key goes to the API itself only. Raises SendError."""
    from hotline.channels import download  # noqa: PLC0415  an HTTP client that only the worker needs

    sid, token, api_url, timeout = account
    places = download.MediaHosts(api_url or API_URL, keyed=frozenset({"api.twilio.com"}), open=STORES)
    key = "Basic " + b64encode(f"{sid}:{token}".encode()).decode()
    return download.fetch(_client(timeout), media.reference, limit, places, key)


@lru_cache(maxsize=4)
def _client(timeout: float) -> "httpx.Client":
    import httpx  # noqa: PLC0415

    return httpx.Client(timeout=timeout)
