"""Which providers are configured: a line each. An unset one is not there: its address answers 404."""

from hotline.channels.aggregator import mapping
from hotline.channels.aggregator.channel import HttpAggregator
from hotline.channels.contract import Fetcher, Receiver, Sender
from hotline.channels.drill import CHANNEL as DRILL
from hotline.channels.drill import DrillLine
from hotline.channels.kannel.channel import Kannel
from hotline.channels.sms_routes import SmsRoutes
from hotline.channels.telegram.channel import Telegram
from hotline.channels.twilio.channel import Twilio
from hotline.channels.ussd.africastalking import AfricasTalking
from hotline.channels.ussd.json_gateways import JsonUssd
from hotline.channels.webchat import WebChat
from hotline.channels.whatsapp.channel import WhatsApp
from hotline.core import vault
from hotline.core.db import Database
from hotline.core.settings import Settings


def receivers(settings: Settings) -> dict[str, Receiver]:
    """Provider's name in `/in/<provider>` -> receiver."""
    found: dict[str, Receiver] = {}
    if settings.twilio or settings.twilio_whatsapp or settings.twilio_calls:
        found["twilio"] = twilio(settings)
    if settings.kannel:
        found["kannel"] = _kannel(settings)
    if settings.http:
        found["http"] = _aggregator(settings)
    if settings.telegram and not settings.telegram_pulled:
        found["telegram"] = telegram(settings)
    if settings.whatsapp:
        found["whatsapp"] = _whatsapp(settings)
    if settings.ussd:
        found["ussd/africastalking"] = AfricasTalking(secret=settings.ussd_secret.get_secret_value())
        found["ussd/json"] = JsonUssd(secret=settings.ussd_secret.get_secret_value())
    return {**found, **_drill(settings)}


CHANNELS = frozenset({"call", "drill", "sms", "telegram", "ussd", "webchat", "whatsapp"})


def elsewhere(settings: Settings) -> frozenset[str]:
    """The channels that leave by a process of their own: the worker does not touch their messages."""
    return frozenset({"sms"}) if settings.smpp else frozenset()


def senders(settings: Settings, database: Database) -> dict[str, Sender]:
    """Channel -> sender, without those that are `elsewhere`."""
    found: dict[str, Sender] = {"webchat": WebChat(database)}
    gateway = _sms(settings)
    if gateway is not None and not settings.smpp:
        found["sms"] = gateway
    if settings.twilio_calls:
        found["call"] = twilio(settings)
    if settings.telegram:
        found["telegram"] = telegram(settings)
    if settings.whatsapp:
        found["whatsapp"] = _whatsapp(settings)
    elif settings.twilio_whatsapp:
        found["whatsapp"] = twilio(settings)
    return {**found, **_drill(settings)}


def fetchers(settings: Settings, database: Database) -> dict[str, Fetcher]:
    """Channel -> who fetches what came by it beside words. Of the gateways for SMS only Twilio brings any."""
    found: dict[str, Fetcher] = {"sms": twilio(settings)} if settings.twilio else {}
    return found | {name: sender for name, sender in senders(settings, database).items() if isinstance(sender, Fetcher)}


def _drill(settings: Settings) -> dict[str, DrillLine]:
    try:
        return {DRILL: DrillLine(vault.drill_secret(settings.keys_dir), settings.public_url)} if settings.drills else {}
    except vault.KeyMissing:
        return {}  # keys made before there were drills; `hotline doctor` says so


def _sms(settings: Settings) -> Sender | None:
    """Kannel or an aggregator for Pakistan and Twilio for the rest of the world; each for all where it is alone."""
    home = _kannel(settings) if settings.kannel else _aggregator(settings) if settings.http else None
    if home is not None and settings.twilio:
        return SmsRoutes(home, twilio(settings))
    return home or (twilio(settings) if settings.twilio else None)


def _aggregator(settings: Settings) -> HttpAggregator:
    """Raises DataFileError for a mapping with an error."""
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
    """The account, with all its channels that are set up."""
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
    """The bot of the settings."""
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
