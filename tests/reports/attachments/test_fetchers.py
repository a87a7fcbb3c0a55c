"""Who fetches what came by a channel, whoever sends on it."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from hotline.channels import registry
from hotline.channels.contract import Fetcher
from hotline.channels.twilio.channel import Twilio
from hotline.core.db import Database
from hotline.core.settings import Settings

TWILIO = {"twilio_account_sid": "AC1", "twilio_auth_token": SecretStr("t"), "twilio_sms_from": "+923000000090"}
KANNEL = {
    "kannel_sendsms_url": "http://127.0.0.1:9/", "kannel_username": "hotline", "kannel_password": SecretStr("p"),
    "kannel_secret": SecretStr("s"),
}  # fmt: skip
BIND = {
    "smpp_host": "127.0.0.1", "smpp_system_id": "hotline", "smpp_sender": "8398", "smpp_password": SecretStr("p"),
}  # fmt: skip


def sms_fetcher(folder: Path, **changed: Any) -> Fetcher | None:
    """Who fetches what came by SMS with these settings."""
    settings = Settings(keys_dir=folder, **changed)
    return registry.fetchers(settings, Database(f"sqlite:///{folder}/x.db")).get("sms")


@pytest.mark.parametrize("others", [{}, KANNEL, BIND], ids=["alone", "beside Kannel", "beside a bind"])
def test_pictures_by_twilio_are_fetched_whichever_gateway_sends(tmp_path: Path, others: dict[str, Any]) -> None:
    assert isinstance(sms_fetcher(tmp_path, **TWILIO, **others), Twilio)


def test_kannel_and_a_bind_bring_none(tmp_path: Path) -> None:
    assert sms_fetcher(tmp_path, **KANNEL) is None
    assert sms_fetcher(tmp_path, **BIND) is None
