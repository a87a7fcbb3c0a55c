"""The providers, a row each in PROVIDERS, and what becomes of those that are set up: receivers, senders, fetchers."""

from collections.abc import Callable
from dataclasses import dataclass

from hotline.channels import drill, webchat
from hotline.channels.aggregator import mapping
from hotline.channels.aggregator.channel import HttpAggregator
from hotline.channels.contract import Fetcher, Receiver, Sender
from hotline.channels.kannel.channel import Kannel
from hotline.channels.sms_routes import SmsRoutes
from hotline.channels.telegram.channel import Telegram
from hotline.channels.twilio.channel import Twilio
from hotline.channels.ussd.africastalking import AfricasTalking
from hotline.channels.ussd.json_gateways import JsonUssd
from hotline.channels.whatsapp.channel import WhatsApp
from hotline.core import vault
from hotline.core.db import Database
from hotline.core.settings import Settings


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider that settings can set up, as one row: whether it is, and what it then is for us."""

    label: str  # in `hotline doctor`
    needs: tuple[str, ...]  # the settings without which it is off, as `hotline doctor` names them
    ready: Callable[[Settings], bool]
    build: Callable[[Settings], Receiver | Sender] | None  # None: a process of its own is all that it has
    address: str = ""  # behind `/in/`; "": it never calls us
    channel: str = ""  # the one that it sends; "": it sends none
    abroad: bool = False  # beside another provider of its channel it takes what leaves the country, and nothing else
    spared: Callable[[Settings], bool] = lambda _: False  # nobody misses it: another serves the same people


def receivers(settings: Settings) -> dict[str, Receiver]:
    """Build the receiver of each address behind `/in/`; that of a provider which is not set up answers 404."""
    built = ((one.address, one.build(settings)) for one in _ready(settings) if one.build and one.address)
    return {address: provider for address, provider in built if isinstance(provider, Receiver)}


def elsewhere(settings: Settings) -> frozenset[str]:
    """Return the channels that leave by a process of their own: the worker does not touch their messages."""
    return frozenset(one.channel for one in _ready(settings) if one.build is None)


def senders(settings: Settings, database: Database) -> dict[str, Sender]:
    """Build the sender of each channel that is not `elsewhere`: its first provider, and beside it one for `abroad`."""
    found: dict[str, Sender] = {webchat.CHANNEL: webchat.WebChat(database)}
    others = elsewhere(settings)
    for one in sorted(_ready(settings), key=lambda each: each.abroad):
        home = found.get(one.channel)
        if one.build is None or one.channel in others or (home and not one.abroad):
            continue
        sender = one.build(settings)
        if isinstance(sender, Sender):
            found[one.channel] = SmsRoutes(home, sender) if home else sender
    return found


def fetchers(settings: Settings, database: Database) -> dict[str, Fetcher]:
    """Build what fetches the media of each channel: the provider that brings them, even where another one sends."""
    built = ((one.channel, one.build(settings)) for one in _ready(settings) if one.build)
    found: dict[str, Fetcher] = {webchat.CHANNEL: webchat.WebChat(database)}
    return found | {channel: provider for channel, provider in built if isinstance(provider, Fetcher)}


def _ready(settings: Settings) -> list[Provider]:
    return [one for one in PROVIDERS if one.ready(settings)]


def _drill(settings: Settings) -> drill.DrillLine:
    return drill.DrillLine(vault.drill_secret(settings.keys_dir), settings.public_url)


def _drills(settings: Settings) -> bool:
    """Tell whether drills are held; keys made before there were any lack theirs, and `hotline doctor` says so."""
    try:
        return settings.drills is not None and bool(_drill(settings))
    except vault.KeyMissing:
        return False


def _aggregator(settings: Settings) -> HttpAggregator:
    """Build the aggregator. Raises DataFileError for a mapping with an error."""
    return HttpAggregator(
        mapping=mapping.load(settings.http_mapping),
        url=settings.http_send_url,
        username=settings.http_username,
        password=settings.http_password.get_secret_value(),
        secret=settings.http_secret.get_secret_value(),
        public_url=settings.public_url,
        sender=settings.http_from,
    )


def _kannel(settings: Settings) -> Kannel:
    return Kannel(
        url=settings.kannel_sendsms_url,
        username=settings.kannel_username,
        password=settings.kannel_password.get_secret_value(),
        secret=settings.kannel_secret.get_secret_value(),
        public_url=settings.public_url,
        sender=settings.kannel_from,
    )


def twilio(settings: Settings) -> Twilio:
    """Build Twilio's account, with all its channels that are set up."""
    return Twilio(
        account_sid=settings.twilio_account_sid,
        auth_token=settings.twilio_auth_token.get_secret_value(),
        sms_from=settings.twilio_sms_from,
        call_from=settings.twilio_call_from,
        whatsapp_from=settings.twilio_whatsapp_from if settings.twilio_whatsapp else "",
        whatsapp_page=settings.twilio_whatsapp_page,
        whatsapp_neutral=settings.twilio_whatsapp_neutral,
        public_url=settings.public_url,
        api_url=settings.twilio_api_url or None,
    )


def telegram(settings: Settings) -> Telegram:
    """Build the bot of the settings."""
    return Telegram(
        token=settings.telegram_token.get_secret_value(),
        secret=settings.telegram_secret.get_secret_value(),
        api_url=settings.telegram_api_url or None,
    )


def _whatsapp(settings: Settings) -> WhatsApp:
    return WhatsApp(
        token=settings.whatsapp_token.get_secret_value(),
        app_secret=settings.whatsapp_app_secret.get_secret_value(),
        verify_token=settings.whatsapp_verify_token.get_secret_value(),
        phone_id=settings.whatsapp_phone_id,
        page_template=settings.whatsapp_page_template,
        neutral_template=settings.whatsapp_neutral_template,
        api_url=settings.whatsapp_api_url or None,
    )


def _africas_talking(settings: Settings) -> AfricasTalking:
    return AfricasTalking(secret=settings.ussd_secret.get_secret_value())


def _json_ussd(settings: Settings) -> JsonUssd:
    return JsonUssd(secret=settings.ussd_secret.get_secret_value())


_ACCOUNT = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN")
_CLOUD = ("TOKEN", "APP_SECRET", "VERIFY_TOKEN", "PHONE_ID", "PAGE_TEMPLATE")
PROVIDERS = (
    Provider(
        "SMS through Twilio", needs=(*_ACCOUNT, "TWILIO_SMS_FROM"),
        ready=lambda settings: settings.twilio, build=twilio, address="twilio", channel="sms", abroad=True,
    ),
    Provider(
        "WhatsApp through Twilio", needs=(*_ACCOUNT, "TWILIO_WHATSAPP_FROM", "TWILIO_WHATSAPP_PAGE"),
        ready=lambda settings: settings.twilio_whatsapp, build=twilio, address="twilio", channel="whatsapp",
        spared=lambda settings: settings.whatsapp,
    ),
    Provider(
        "calling through Twilio", needs=(*_ACCOUNT, "TWILIO_CALL_FROM"),
        ready=lambda settings: settings.twilio_calls, build=twilio, address="twilio", channel="call",
    ),
    Provider(
        "Telegram", needs=("TELEGRAM_TOKEN", "TELEGRAM_SECRET"),
        ready=lambda settings: settings.telegram and not settings.telegram_poll, build=telegram, address="telegram",
        channel="telegram", spared=lambda settings: settings.telegram_poll,
    ),
    Provider(  # asked for messages: nobody calls who would have to prove who it is
        "Telegram", needs=("TELEGRAM_TOKEN",),
        ready=lambda settings: settings.telegram_pulled, build=telegram, channel="telegram",
        spared=lambda settings: not settings.telegram_poll,
    ),
    Provider(
        "Kannel", needs=("KANNEL_SENDSMS_URL", "KANNEL_USERNAME", "KANNEL_PASSWORD", "KANNEL_SECRET"),
        ready=lambda settings: settings.kannel, build=_kannel, address="kannel", channel="sms",
        spared=lambda settings: settings.http,
    ),
    Provider(
        "an aggregator by HTTP", needs=("HTTP_MAPPING", "HTTP_SEND_URL", "HTTP_SECRET"),
        ready=lambda settings: settings.http, build=_aggregator, address="http", channel="sms",
        spared=lambda settings: settings.kannel,
    ),
    Provider(
        "USSD over HTTP", needs=("USSD_SECRET",),
        ready=lambda settings: settings.ussd, build=_africas_talking, address="ussd/africastalking",
    ),
    Provider("USSD by JSON", needs=(), ready=lambda settings: settings.ussd, build=_json_ussd, address="ussd/json"),
    Provider(
        "WhatsApp", needs=tuple(f"WHATSAPP_{name}" for name in _CLOUD),
        ready=lambda settings: settings.whatsapp, build=_whatsapp, address="whatsapp", channel="whatsapp",
    ),
    Provider(
        "SMPP", needs=("SMPP_HOST", "SMPP_SYSTEM_ID", "SMPP_PASSWORD", "SMPP_SENDER"),
        ready=lambda settings: settings.smpp, build=None, channel="sms",
    ),
    Provider("drills", needs=(), ready=_drills, build=_drill, address=drill.CHANNEL, channel=drill.CHANNEL),
)  # fmt: skip
