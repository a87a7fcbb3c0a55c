"""What people send beside words, fetched from each provider: with its key, from its own addresses, within bounds."""

import socket
import traceback
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import httpx
import pytest

from hotline.channels import download
from hotline.channels.contract import Fetched, Fetcher, Media, SendError
from hotline.channels.download import MediaHosts
from hotline.channels.telegram.channel import Telegram
from hotline.channels.twilio.channel import Twilio
from hotline.channels.webchat import WebChat
from hotline.channels.whatsapp.channel import WhatsApp
from tests.channels.media_peers import BASIC, SID, TOKEN, BotMedia, GraphMedia, Store, TwilioApi
from tests.channels.peers import BEARER, BOT, PATIENCE, PHONE_ID

LIMIT = 100_000
BODY = b"\xff\xd8\xff" + b"x" * 9000
PROVIDERS = ("twilio", "whatsapp", "telegram")
KEYED = {"twilio": BASIC, "whatsapp": f"Bearer {BEARER}"}


@dataclass
class Provider:
    """One of the three, with what it keeps and how a message names it."""

    name: str
    fetcher: Fetcher
    store: Store
    url: str

    def fetch(self, name: str = "1") -> Fetched:
        reference = f"{self.url}/2010-04-01/Accounts/{SID}/Messages/MM1/Media/{name}" if self.name == "twilio" else name
        return self.fetcher.fetch(Media("image", reference), LIMIT)

    def fails(self, name: str = "1") -> SendError:
        with pytest.raises(SendError) as caught:
            self.fetch(name)
        return caught.value


def built(name: str, url: str, token: str = "") -> Twilio | WhatsApp | Telegram:
    match name:
        case "twilio":
            return Twilio(
                account_sid=SID, auth_token=token or TOKEN, public_url="", sms_from="1", api_url=url, timeout=PATIENCE
            )
        case "whatsapp":
            return WhatsApp(
                token=token or BEARER,
                app_secret="x",
                verify_token="x",
                phone_id=PHONE_ID,
                api_url=url,
                timeout=PATIENCE,
            )
        case _:
            return Telegram(token=token or BOT, secret="x", api_url=url, timeout=PATIENCE)


@pytest.fixture(params=PROVIDERS)
def provider(request: pytest.FixtureRequest) -> Iterator[Provider]:
    peers: dict[str, type[TwilioApi | GraphMedia | BotMedia]]
    peers = {"twilio": TwilioApi, "whatsapp": GraphMedia, "telegram": BotMedia}
    peer = peers[request.param]()
    peer.store.files["1"] = BODY
    with ExitStack() as stack:
        url = stack.enter_context(peer.serve())
        fetcher = built(request.param, url)
        if not isinstance(fetcher, Twilio):
            stack.callback(fetcher.close)
        assert isinstance(fetcher, Fetcher)
        yield Provider(request.param, fetcher, peer.store, url)


def test_a_picture_is_fetched_with_the_key_that_belongs_there(provider: Provider) -> None:
    assert provider.fetch().body == BODY
    keys = [key for _, key in provider.store.asked]
    # Twilio's store refuses the key, so it came without one
    assert keys == {"twilio": [BASIC, None], "whatsapp": [KEYED.get("whatsapp")], "telegram": [None]}[provider.name]


def test_what_is_not_there_any_more_is_gone(provider: Provider) -> None:
    error = provider.fails("2")
    assert (error.code in ("gone", "100"), error.retryable) == (True, False)


@pytest.mark.parametrize("sized", [True, False])
def test_more_than_the_limit_is_not_read(provider: Provider, sized: bool) -> None:
    provider.store.files["1"], provider.store.sized = b"x" * (LIMIT + 1), sized
    error = provider.fails()
    assert (error.code, error.retryable) == ("too_large", False)


def test_exactly_the_limit_is_read(provider: Provider) -> None:
    provider.store.files["1"] = b"x" * LIMIT
    assert len(provider.fetch().body) == LIMIT


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_store_that_fails_is_asked_again_later(provider: Provider, status: int) -> None:
    provider.store.failures = [status]
    assert provider.fails().retryable
    assert provider.fetch().body == BODY


def test_nobody_listening_is_asked_again_later(provider: Provider) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{unused.getsockname()[1]}"
    other = built(provider.name, closed)
    provider.url, provider.fetcher = closed, other
    try:
        assert provider.fails().retryable
    finally:
        if not isinstance(other, Twilio):
            other.close()


def test_a_failure_names_no_address_and_no_key(provider: Provider) -> None:
    error = provider.fails("2")
    told = "".join(traceback.format_exception(error)) + repr(Media("image", "secret-reference"))
    assert not [word for word in (BOT, BEARER, TOKEN, BASIC, "secret-reference") if word in told]


@pytest.mark.parametrize("provider", ["twilio", "whatsapp"], indirect=True)
@pytest.mark.parametrize(
    "address", ["http://169.254.169.254/latest", "http://127.0.0.1:9/", "https://example.org/x", "file:///etc/passwd", "//x"]
)  # fmt: skip
def test_an_address_of_another_place_is_not_gone_to(provider: Provider, address: str) -> None:
    provider.store.failures = [address]
    assert provider.fails().code == "address"
    if provider.name == "twilio":
        with pytest.raises(SendError):
            provider.fetcher.fetch(Media("image", address), LIMIT)


@pytest.mark.parametrize("provider", ["whatsapp"], indirect=True)
@pytest.mark.parametrize("reference", ["", "../1055/messages", "1?x", "1/2", "x" * 200])
def test_an_id_is_no_path(provider: Provider, reference: str) -> None:
    assert provider.fails(reference).code == "address"
    assert provider.store.asked == []


@pytest.mark.parametrize("provider", ["twilio", "whatsapp"], indirect=True)
def test_a_circle_of_addresses_ends(provider: Provider) -> None:
    provider.store.failures = [f"{provider.url}/store/1"] * 9
    if provider.name == "whatsapp":
        assert provider.fails().code in ("redirects", "http_401"), "the key is not sent along"
    else:
        assert provider.fails().code == "redirects"


@pytest.mark.parametrize(
    ("url", "there", "keyed"),
    [
        ("https://api.example.com/x", True, True),
        ("https://media.api.example.com/x", True, True),
        ("https://store.example.net/x", True, False),
        ("https://api.example.com:8443/x", False, False),
        ("http://api.example.com/x", False, False),
        ("https://api.example.com.evil.org/x", False, False),
        ("https://evilapi.example.com.org/x", False, False),
        ("https://xapi.example.com/x", False, False),
        ("http://home:1/x", True, True),
        ("https://home:1/x", False, False),
        ("http://home:2/x", False, False),
        ("https://api.example.com@evil.org/x", False, False),
    ],
)
def test_where_to_go_and_where_to_show_the_key(url: str, there: bool, keyed: bool) -> None:
    places = MediaHosts("http://home:1", frozenset({"api.example.com"}), frozenset({"store.example.net"}))
    target = httpx.URL(url)
    assert (places.allow(target), places.allow_key(target)) == (there, keyed)


def test_a_server_that_gives_a_byte_now_and_then_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "DEADLINE", 0.0)
    peer = TwilioApi()
    peer.store.files["1"] = BODY
    with peer.serve() as url, pytest.raises(SendError) as caught:
        twilio = built("twilio", url)
        assert isinstance(twilio, Fetcher)
        twilio.fetch(Media("image", f"{url}/Media/1"), LIMIT)
    assert (caught.value.code, caught.value.retryable) == ("slow", True)


def test_the_web_chat_and_the_three_fetch_and_nobody_else_needs_to() -> None:
    assert all(isinstance(one, Fetcher) for one in (built(name, "http://127.0.0.1:9") for name in PROVIDERS))
    assert issubclass(WebChat, Fetcher)
