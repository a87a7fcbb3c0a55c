"""The only reader of the environment. Every name starts with HOTLINE_; a secret may be given as HOTLINE_…_FILE."""

import os
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parents[2]
PREFIX = "HOTLINE_"
DATABASES = ("postgresql", "sqlite://")
Role = Literal["intake", "console", "all"]


class SettingsError(Exception):
    """A setting that can't be used: names it and the section of the README that explains it."""


class Settings(BaseSettings):
    """All settings with their defaults; `.env.example` explains each."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, hide_input_in_errors=True, frozen=True)

    database_url: str = f"sqlite:///{ROOT}/var/hotline.db"
    redis_url: str = ""  # empty: the worker polls; slower by seconds, nothing lost
    public_url: str = "http://127.0.0.1:8000"
    keys_dir: Path = ROOT / "var" / "keys"
    flows_dir: Path = ROOT / "flows"
    role: Role = "all"
    demo: bool = False
    free: bool = False  # what the public sends costs them nothing, and is said to be free
    require_totp: bool | None = None  # one-time codes at log-in; unset: yes, but in the demo
    senders: int = Field(default=10, ge=1, le=64)  # messages that one worker process sends at the same time
    heartbeat_url: str = ""  # called by the clock once a minute, for an outside watchman
    drill_every: timedelta = Field(default=timedelta(days=1), ge=timedelta(0))  # PT0S: no drills
    clock_file: Path | None = None  # tests only: seconds to add to the clock of every process
    twilio_account_sid: str = ""
    twilio_auth_token: SecretStr = SecretStr("")
    twilio_sms_from: str = ""
    twilio_call_from: str = ""
    twilio_whatsapp_from: str = ""
    twilio_whatsapp_page: str = ""
    twilio_whatsapp_neutral: str = ""
    twilio_api_url: str = ""
    telegram_token: SecretStr = SecretStr("")
    telegram_secret: SecretStr = SecretStr("")
    telegram_api_url: str = ""
    telegram_poll: bool = False  # ask Telegram for messages, where it can't call us
    whatsapp_token: SecretStr = SecretStr("")
    whatsapp_app_secret: SecretStr = SecretStr("")
    whatsapp_verify_token: SecretStr = SecretStr("")
    whatsapp_phone_id: str = ""
    whatsapp_page_template: str = ""
    whatsapp_neutral_template: str = ""
    whatsapp_api_url: str = ""
    smpp_host: str = ""
    smpp_port: int = Field(default=2775, ge=1, le=65535)
    smpp_system_id: str = ""
    smpp_password: SecretStr = SecretStr("")
    smpp_system_type: str = ""
    smpp_sender: str = ""
    smpp_window: int = Field(default=10, ge=1, le=1000)  # submits without an answer at the same time
    smpp_rate: float = Field(default=10, gt=0)  # submits a second
    kannel_sendsms_url: str = ""
    kannel_username: str = ""
    kannel_password: SecretStr = SecretStr("")
    kannel_secret: SecretStr = SecretStr("")
    kannel_from: str = ""
    ussd_secret: SecretStr = SecretStr("")
    http_mapping: str = ""  # a shipped one by its name, or a file
    http_send_url: str = ""
    http_username: str = ""
    http_password: SecretStr = SecretStr("")
    http_secret: SecretStr = SecretStr("")
    http_from: str = ""

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        if not url.startswith(DATABASES):
            raise ValueError(f"must begin with {' or '.join(DATABASES)}")
        return url

    @property
    def twilio(self) -> bool:
        """Tell whether SMS through Twilio is configured."""
        return self._twilio_account and bool(self.twilio_sms_from)

    @property
    def twilio_calls(self) -> bool:
        """Tell whether calls through Twilio are configured."""
        return self._twilio_account and bool(self.twilio_call_from)

    @property
    def twilio_whatsapp(self) -> bool:
        """Tell whether WhatsApp through Twilio is configured; Meta's own way wins, for one number cannot be at both."""
        return self._twilio_account and bool(self.twilio_whatsapp_from) and not self.whatsapp

    @property
    def twilio_reconciled(self) -> bool:
        """Tell whether Twilio is asked for messages that its webhooks did not bring; the demo's stand-in never is."""
        return (self.twilio or self.twilio_whatsapp) and not self.demo

    @property
    def _twilio_account(self) -> bool:
        return bool(self.twilio_account_sid and self.twilio_auth_token.get_secret_value())

    @property
    def telegram(self) -> bool:
        """Tell whether a Telegram bot is configured. Where we ask, nobody calls who would have to prove who it is."""
        proven = self.telegram_poll or bool(self.telegram_secret.get_secret_value())
        return proven and bool(self.telegram_token.get_secret_value())

    @property
    def telegram_pulled(self) -> bool:
        """Tell whether messages from Telegram are fetched by a process of ours, and its webhook is not used."""
        return self.telegram and self.telegram_poll

    @property
    def whatsapp(self) -> bool:
        """Tell whether WhatsApp's Cloud API is configured."""
        secrets = (self.whatsapp_token, self.whatsapp_app_secret, self.whatsapp_verify_token)
        return bool(self.whatsapp_phone_id) and all(secret.get_secret_value() for secret in secrets)

    @property
    def smpp(self) -> bool:
        """Tell whether a bind to an operator's SMSC is configured."""
        return bool(
            self.smpp_host and self.smpp_system_id and self.smpp_sender and self.smpp_password.get_secret_value()
        )

    @property
    def kannel(self) -> bool:
        """Tell whether a Kannel of ours is configured."""
        secrets = (self.kannel_password, self.kannel_secret)
        named = bool(self.kannel_sendsms_url and self.kannel_username)
        return named and all(secret.get_secret_value() for secret in secrets)

    @property
    def http(self) -> bool:
        """Tell whether an SMS aggregator that speaks HTTP is configured."""
        return bool(self.http_mapping and self.http_send_url and self.http_secret.get_secret_value())

    @property
    def ussd(self) -> bool:
        """Tell whether USSD over HTTP is configured."""
        return bool(self.ussd_secret.get_secret_value())

    @property
    def drills(self) -> timedelta | None:
        """The time from one drill to the next; None in the demo, where there is nobody to tell."""
        return self.drill_every if self.drill_every and not self.demo else None

    @property
    def asks_totp(self) -> bool:
        """Tell whether nobody logs in without a one-time code."""
        return not self.demo if self.require_totp is None else self.require_totp

    @cached_property
    def secure(self) -> bool:
        """Tell whether the public address is https, so that cookies may insist on it."""
        return self.public_url.startswith("https://")


def load() -> Settings:
    """Settings from the environment. Raises SettingsError naming the setting, never its value."""
    values: dict[str, str] = {}
    for name, file in os.environ.items():
        if file and name.startswith(PREFIX) and name.endswith("_FILE") and name != "HOTLINE_CLOCK_FILE":
            try:
                values[name[len(PREFIX) : -len("_FILE")].lower()] = Path(file).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise SettingsError(f"{name}: {error.strerror} (README#settings)") from error
            except UnicodeDecodeError as error:
                raise SettingsError(f"{name}: not a text file (README#settings)") from error
    try:
        return Settings(**values)  # type: ignore[arg-type]  # pydantic converts the strings of the files
    except ValidationError as error:
        lines = [
            f"{PREFIX}{str(e['loc'][0]).upper()}: {e['msg'].removeprefix('Value error, ')} (README#settings)"
            for e in error.errors()
        ]
        raise SettingsError("\n".join(lines)) from error
