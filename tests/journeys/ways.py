"""Each channel as a phone sees it: what it sends goes in by the provider's own shape, what it hears comes from a peer that checks.

`reach` puts the whole application behind them.
"""

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from typing import Any

from flask.testing import FlaskClient
from pydantic import SecretStr
from werkzeug.datastructures import FileStorage

from hotline.local.demo.gateway import Gateway
from tests.channels import test_aggregator_receive, test_kannel_receive, test_whatsapp_receive
from tests.channels.media_peers import BotMedia, GraphMedia
from tests.channels.peers import BEARER, BOT, PHONE_ID
from tests.channels.test_aggregator_send import Jasmin
from tests.channels.test_kannel_send import Smsbox
from tests.channels.test_telegram_receive import SECRET, message
from tests.reports.attachments import samples
from tests.support.handsets import PHONES as HANDSETS
from tests.support.handsets import SECRET as USSD_SECRET
from tests.support.handsets import Handset
from tests.web.site import Browser
from tests.web.test_webhooks import TOKEN, signed

WHATSAPP = "whatsapp:"
OURS, SID = "+923000000090", "AC" + "0" * 32
REPORTER = "+923000000099"
PIN = {"Latitude": "31.55", "Longitude": "74.34"}


class Way:
    """One channel. `serve` starts its peer and gives the settings that lead there; the rest is what phones do."""

    client: FlaskClient

    def __init__(self) -> None:
        self.numbers: Iterator[int] = count(1)
        self.answers: list[int] = []  # statuses

    @contextmanager
    def serve(self) -> Iterator[dict[str, Any]]:
        """The peer at the other end."""
        yield {}

    def says(self, address: str, text: str) -> None:
        """A message arrives."""
        raise NotImplementedError

    def shows(self, address: str, text: str) -> None:
        """The same with a picture or a pin, where the channel has them."""
        self.says(address, text)

    def heard(self, address: str) -> list[str]:
        """What has arrived there."""
        raise NotImplementedError

    def post(self, path: str, **call: Any) -> None:
        """A provider's call, which must be taken."""
        answer = self.client.post(path, **call)
        self.answers.append(answer.status_code)
        assert answer.status_code == 200, answer.get_data(as_text=True)


class TwilioSms(Way):
    """SMS by Twilio; the officer's phone in all stories that try no other gateway for SMS."""

    prefix = ""

    @contextmanager
    def serve(self) -> Iterator[dict[str, Any]]:
        """The local Twilio."""
        self.gateway = Gateway(account_sid=SID, auth_token=TOKEN, senders=[OURS, WHATSAPP + OURS])
        with self.gateway.serve() as url:
            yield {"twilio_api_url": url, "twilio_sms_from": OURS, "twilio_whatsapp_from": OURS}

    def by_sms(self) -> "TwilioSms":
        """The same account's SMS."""
        other = TwilioSms()
        other.gateway, other.numbers = self.gateway, self.numbers
        return other

    def says(self, address: str, text: str, **fields: str) -> None:
        """A webhook, signed."""
        sent = {"MessageSid": f"SM{next(self.numbers):032d}", "From": self.prefix + address, "To": OURS, "Body": text}
        sent |= fields
        self.post("/in/twilio", data=sent, headers=signed(sent))

    def heard(self, address: str) -> list[str]:
        """What stands on the phone."""
        return self.gateway.messages_to(self.prefix + address)


class TwilioWhatsApp(TwilioSms):
    """WhatsApp by Twilio, with a pin."""

    prefix = WHATSAPP

    def shows(self, address: str, text: str) -> None:
        """A pin with words."""
        self.says(address, text, **PIN)


class KannelSms(Way):
    """A smsbox in the shape of Kannel's; the real one has its story in tests/kannel."""

    @contextmanager
    def serve(self) -> Iterator[dict[str, Any]]:
        """The smsbox."""
        self.peer = Smsbox()
        with self.peer.serve() as url:
            yield {
                "kannel_sendsms_url": f"{url}/cgi-bin/sendsms", "kannel_username": "hotline",
                "kannel_password": SecretStr("pass"), "kannel_secret": SecretStr(test_kannel_receive.SECRET),
            }  # fmt: skip

    def says(self, address: str, text: str) -> None:
        """A `post-url`."""
        named = {"X-Kannel-From": address.removeprefix("+"), "Content-Type": "text/plain"}
        path = f"/in/kannel/{test_kannel_receive.SECRET}?id=k-{next(self.numbers)}"
        self.post(path, data=text.encode(), headers=named)

    def heard(self, address: str) -> list[str]:
        """What left for the phone."""
        return [taken["text"] for taken in self.peer.taken if taken["X-Kannel-To"] == address]


class AggregatorSms(Way):
    """Jasmin's shape, through the mapping."""

    @contextmanager
    def serve(self) -> Iterator[dict[str, Any]]:
        """A Jasmin."""
        self.peer = Jasmin()
        with self.peer.serve() as url:
            yield {
                "http_mapping": "jasmin", "http_send_url": f"{url}/send", "http_username": "hotline",
                "http_password": SecretStr("pass"), "http_secret": SecretStr(test_aggregator_receive.SECRET),
            }  # fmt: skip

    def says(self, address: str, text: str) -> None:
        """An Urdu text, as Jasmin brings it: in hexadecimal digits."""
        fields = {"id": f"j-{next(self.numbers)}", "from": address.removeprefix("+"), "to": "8398", "coding": "8"}
        fields |= {"content": "?", "binary": text.encode("utf-16-be").hex()}
        self.post(f"/in/http/{test_aggregator_receive.SECRET}", data=fields)

    def heard(self, address: str) -> list[str]:
        """What left for the phone."""
        mine = [taken for taken in self.peer.taken if taken["to"] == address.removeprefix("+")]
        return [taken.get("content") or bytes.fromhex(taken["hex-content"]).decode("utf-16-be") for taken in mine]


class WhatsAppCloud(Way):
    """Meta's own, with a picture."""

    @contextmanager
    def serve(self) -> Iterator[dict[str, Any]]:
        """The Graph API, which keeps media too."""
        self.peer = GraphMedia()
        self.peer.store.files["media1"] = samples.jpeg()
        with self.peer.serve() as url:
            yield {
                "whatsapp_token": SecretStr(BEARER), "whatsapp_app_secret": SecretStr(test_whatsapp_receive.APP_SECRET),
                "whatsapp_verify_token": SecretStr("v"), "whatsapp_phone_id": PHONE_ID, "whatsapp_api_url": url,
            }  # fmt: skip

    def says(self, address: str, text: str) -> None:
        """A text."""
        self._arrives(address, "text", {"body": text})

    def shows(self, address: str, text: str) -> None:
        """A picture with words below it."""
        self._arrives(address, "image", {"id": "media1", "mime_type": "image/jpeg", "caption": text})

    def _arrives(self, address: str, kind: str, content: dict[str, Any]) -> None:
        named = {"from": address.removeprefix("+"), "id": f"wamid.in.{next(self.numbers)}"}
        sent = test_whatsapp_receive.call(
            test_whatsapp_receive.webhook(test_whatsapp_receive.message(kind, content, **named))
        )
        self.post("/in/whatsapp", data=sent.body, headers=dict(sent.headers))

    def heard(self, address: str) -> list[str]:
        """Texts, and the texts above buttons and lists."""
        mine = [taken for taken in self.peer.taken if taken.get("to") == address.removeprefix("+")]
        return [taken["text"]["body"] if "text" in taken else taken["interactive"]["body"]["text"] for taken in mine]


class TelegramBot(Way):
    """Telegram, with a photo."""

    @contextmanager
    def serve(self) -> Iterator[dict[str, Any]]:
        """The Bot API, which keeps files too."""
        self.peer = BotMedia()
        self.peer.store.files["photo1"] = samples.jpeg()
        with self.peer.serve() as url:
            yield {"telegram_token": SecretStr(BOT), "telegram_secret": SecretStr(SECRET), "telegram_api_url": url}

    def says(self, address: str, text: str, **content: Any) -> None:
        """An update."""
        number = next(self.numbers)
        sender = {"id": int(address), "is_bot": False, "first_name": "Someone"}
        chat = {"id": int(address), "type": "private", "first_name": "Someone"}
        said = content or {"text": text}
        update = message(sender=sender, chat=chat, message_id=number, **said) | {"update_id": number}
        self.post("/in/telegram", json=update, headers={"X-Telegram-Bot-Api-Secret-Token": SECRET})

    def shows(self, address: str, text: str) -> None:
        """A photo with words below it."""
        photo = {"file_id": "photo1", "file_unique_id": "p", "width": 90, "height": 60}
        self.says(address, "", photo=[photo], caption=text)

    def heard(self, address: str) -> list[str]:
        """What the bot sent."""
        return [taken["text"] for taken in self.peer.taken if str(taken["chat_id"]) == address]


class WebPage(Way):
    """The web chat, by the forms of its page, with a file."""

    browser: Browser

    def says(self, address: str, text: str) -> None:
        """The form."""
        del address
        self._open().sends("/chat/messages", text=text)
        assert self.browser.status == 200

    def shows(self, address: str, text: str) -> None:
        """The form with a picture."""
        del address
        browser = self._open()
        file = FileStorage(io.BytesIO(samples.jpeg()), "x.jpg", content_type="image/jpeg")
        browser.client.post("/chat/messages", data={**browser.page.hidden, "text": text, "file": file}).close()

    def _open(self) -> Browser:
        if not hasattr(self, "browser"):
            self.browser = Browser(self.client)
        self.browser.opens("/chat")
        return self.browser

    def heard(self, address: str) -> list[str]:
        """What the page shows of the hotline's messages."""
        del address
        if not hasattr(self, "browser"):
            return []
        bubbles = re.findall(r'<li class="theirs">.*?</li>', self._open().page.html, re.DOTALL)
        return [re.sub(r"<[^>]+>", " ", bubble) for bubble in bubbles]


class Dialled(Way):
    """USSD in one of its shapes: a screen in the answer to each hop."""

    def __init__(self, shape: type[Handset]) -> None:
        super().__init__()
        self.shape, self.screens = shape, list[str]()
        self.phone: Handset | None = None

    @contextmanager
    def serve(self) -> Iterator[dict[str, Any]]:
        """No peer: the answer is the screen."""
        yield {"ussd_secret": SecretStr(USSD_SECRET)}

    def says(self, address: str, text: str) -> None:
        """Dial where no session is open, then type."""
        if self.phone is None or not self.phone.on:
            self.phone = self.phone or self.shape(self.client, address)
            self.screens.append(self.phone.dial())
        self.screens.append(self.phone.types(text))

    def heard(self, address: str) -> list[str]:
        """The screens."""
        del address
        return self.screens


WAYS: dict[str, Callable[[], Way]] = {
    "sms by Twilio": TwilioSms, "sms by Kannel's smsbox": KannelSms, "sms by an aggregator": AggregatorSms,
    "whatsapp": WhatsAppCloud, "whatsapp by Twilio": TwilioWhatsApp, "telegram": TelegramBot, "web chat": WebPage,
    **{f"ussd by {shape.__name__.removesuffix('Phone')}": partial(Dialled, shape) for shape in HANDSETS},
}  # fmt: skip
