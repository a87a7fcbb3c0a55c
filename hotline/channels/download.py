"""A fetcher of media by HTTP within bounds of size, time and address. Heavy: imported by the first `fetch` only.

==============================================  =========  =============
failure                                         retryable  code
==============================================  =========  =============
404, 410                                        no         gone
more bytes than allowed, said or found          no         too_large
an address that is not the provider's           no         address
a redirect too many                             no         redirects
any other answer than 2xx                       yes        http_<status>
longer than DEADLINE                            yes        slow
no connection, no answer and the like           yes        see `http`
==============================================  =========  =============
"""

import time
from dataclasses import dataclass

import httpx

from hotline.channels import http_errors
from hotline.channels.contract import Fetched, SendError

DEADLINE = 120.0  # seconds for all of it: a server may send a byte a second
MAX_HOPS = 3
LONGEST_LENGTH = 18  # digits of a length that is read as a number; a longer one is too large whatever it is
_GONE = frozenset({httpx.codes.NOT_FOUND, httpx.codes.GONE})


@dataclass(frozen=True, slots=True)
class MediaHosts:
    """The addresses where a provider keeps media: its API at `home`, or by https certain hosts and those below them.

    Addresses come in messages and answers: one of another place could make us call our own machines, or give away a key.
    """

    home: str
    keyed: frozenset[str]  # hosts that may be shown the key, as `home` may
    open: frozenset[str] = frozenset()  # hosts that may not

    def allow(self, url: httpx.URL) -> bool:
        """Tell whether the address may be called at all."""
        return self.allow_key(url) or _among(url, self.open)

    def allow_key(self, url: httpx.URL) -> bool:
        """Tell whether the address may be shown the key."""
        home = httpx.URL(self.home)
        at_home = (url.scheme, url.host, url.port) == (home.scheme, home.host, home.port)
        return at_home or _among(url, self.keyed)


def _among(url: httpx.URL, hosts: frozenset[str]) -> bool:
    named = any(url.host == known or url.host.endswith(f".{known}") for known in hosts)
    return named and url.scheme == "https" and url.port is None


def fetch(client: httpx.Client, url: str, limit: int, places: MediaHosts, key: str) -> Fetched:
    """Fetch at most `limit` bytes. `key`: the Authorization for the first address, not sent on to where that leads.

    Raises SendError.
    """
    until = time.monotonic() + DEADLINE
    try:
        target = httpx.URL(url)
        headers = {"Authorization": key} if places.allow_key(target) else {}
        for _ in range(MAX_HOPS):
            if not places.allow(target):
                raise SendError("address", retryable=False)
            with client.stream("GET", target, headers=headers, follow_redirects=False) as answer:
                if answer.next_request is None:
                    return _read(answer, limit, until)
                target, headers = answer.next_request.url, {}
        failure = SendError("redirects", retryable=False)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        failure = http_errors.broken(error)
    # Raised out here so that the library's words, which hold the address, are not chained to it.
    raise failure


def _read(answer: httpx.Response, limit: int, until: float) -> Fetched:
    if answer.status_code in _GONE:
        raise SendError("gone", retryable=False)
    if not answer.is_success:
        raise SendError(f"http_{answer.status_code}", retryable=True)
    said = answer.headers.get("content-length", "")
    if said.isdecimal() and (len(said) > LONGEST_LENGTH or int(said) > limit):
        raise SendError("too_large", retryable=False)
    body = bytearray()
    for piece in answer.iter_bytes():
        body += piece
        if len(body) > limit:
            raise SendError("too_large", retryable=False)
        if time.monotonic() > until:
            raise SendError("slow", retryable=True)
    return Fetched(bytes(body), answer.headers.get("content-type", ""))
