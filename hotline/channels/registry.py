"""Which providers are configured: a line each. An unset one is not there: its address answers 404."""

from hotline.channels.contract import Receiver, Sender
from hotline.channels.twilio import Twilio
from hotline.channels.webchat import WebChat
from hotline.db import Database
from hotline.settings import Settings


def receivers(settings: Settings) -> dict[str, Receiver]:
    """Provider's name in `/in/<provider>` -> receiver."""
    return {"twilio": _twilio(settings)} if settings.twilio else {}


def senders(settings: Settings, database: Database) -> dict[str, Sender]:
    """Channel -> sender."""
    sms = {"sms": _twilio(settings)} if settings.twilio else {}
    return {**sms, "webchat": WebChat(database)}


def _twilio(settings: Settings) -> Twilio:
    return Twilio(
        account_sid=settings.twilio_account_sid,
        auth_token=settings.twilio_auth_token.get_secret_value(),
        sms_from=settings.twilio_sms_from,
        public_url=settings.public_url,
        api_url=settings.twilio_api_url or None,
    )
