"""Settings are read from the environment only; one that can't be used stops the start by its name, never by its value."""

import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from hotline.core import settings
from hotline.core.settings import PREFIX, ROOT, Settings, SettingsError, load

EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
SAMPLES: dict[str, tuple[str, Any]] = {
    "HOTLINE_DATABASE_URL": ("postgresql://hotline@db/hotline", "postgresql://hotline@db/hotline"),
    "HOTLINE_REDIS_URL": ("redis://localhost/1", "redis://localhost/1"),
    "HOTLINE_PUBLIC_URL": ("https://hotline.example", "https://hotline.example"),
    "HOTLINE_KEYS_DIR": ("keys", Path("keys")),
    "HOTLINE_FLOWS_DIR": ("flows", Path("flows")),
    "HOTLINE_ROLE": ("console", "console"),
    "HOTLINE_DEMO": ("true", True),
    "HOTLINE_FREE": ("true", True),
    "HOTLINE_DRILL_EVERY": ("PT6H", timedelta(hours=6)),
    "HOTLINE_REQUIRE_TOTP": ("false", False),
    "HOTLINE_SENDERS": ("7", 7),
    "HOTLINE_HEARTBEAT_URL": ("https://watchman.example", "https://watchman.example"),
    "HOTLINE_CLOCK_FILE": ("clock", Path("clock")),
    "HOTLINE_TWILIO_ACCOUNT_SID": ("AC1", "AC1"),
    "HOTLINE_TWILIO_AUTH_TOKEN": ("secret", SecretStr("secret")),
    "HOTLINE_TWILIO_SMS_FROM": ("+923000000090", "+923000000090"),
    "HOTLINE_TWILIO_CALL_FROM": ("+923000000091", "+923000000091"),
    "HOTLINE_TWILIO_WHATSAPP_FROM": ("+923000000092", "+923000000092"),
    "HOTLINE_TWILIO_WHATSAPP_PAGE": ("HX1", "HX1"),
    "HOTLINE_TWILIO_WHATSAPP_NEUTRAL": ("HX2", "HX2"),
    "HOTLINE_TWILIO_API_URL": ("http://127.0.0.1:1", "http://127.0.0.1:1"),
    "HOTLINE_TELEGRAM_TOKEN": ("42:secret", SecretStr("42:secret")),
    "HOTLINE_TELEGRAM_SECRET": ("secret", SecretStr("secret")),
    "HOTLINE_TELEGRAM_API_URL": ("http://127.0.0.1:2", "http://127.0.0.1:2"),
    "HOTLINE_TELEGRAM_POLL": ("true", True),
    "HOTLINE_WHATSAPP_TOKEN": ("secret", SecretStr("secret")),
    "HOTLINE_WHATSAPP_APP_SECRET": ("secret", SecretStr("secret")),
    "HOTLINE_WHATSAPP_VERIFY_TOKEN": ("secret", SecretStr("secret")),
    "HOTLINE_WHATSAPP_PHONE_ID": ("1055", "1055"),
    "HOTLINE_WHATSAPP_PAGE_TEMPLATE": ("duty_page:ur", "duty_page:ur"),
    "HOTLINE_WHATSAPP_NEUTRAL_TEMPLATE": ("to_read:ur", "to_read:ur"),
    "HOTLINE_WHATSAPP_API_URL": ("http://127.0.0.1:3", "http://127.0.0.1:3"),
    "HOTLINE_SMPP_HOST": ("smsc.example", "smsc.example"),
    "HOTLINE_SMPP_PORT": ("2776", 2776),
    "HOTLINE_SMPP_SYSTEM_ID": ("hotline", "hotline"),
    "HOTLINE_SMPP_PASSWORD": ("secret", SecretStr("secret")),
    "HOTLINE_SMPP_SYSTEM_TYPE": ("VMA", "VMA"),
    "HOTLINE_SMPP_SENDER": ("8398", "8398"),
    "HOTLINE_SMPP_WINDOW": ("20", 20),
    "HOTLINE_SMPP_RATE": ("2.5", 2.5),
    "HOTLINE_KANNEL_SENDSMS_URL": ("http://127.0.0.1:4/cgi-bin/sendsms", "http://127.0.0.1:4/cgi-bin/sendsms"),
    "HOTLINE_KANNEL_USERNAME": ("hotline", "hotline"),
    "HOTLINE_KANNEL_PASSWORD": ("secret", SecretStr("secret")),
    "HOTLINE_KANNEL_SECRET": ("secret", SecretStr("secret")),
    "HOTLINE_KANNEL_FROM": ("8398", "8398"),
    "HOTLINE_HTTP_MAPPING": ("jasmin", "jasmin"),
    "HOTLINE_HTTP_SEND_URL": ("http://127.0.0.1:5/send", "http://127.0.0.1:5/send"),
    "HOTLINE_HTTP_USERNAME": ("hotline", "hotline"),
    "HOTLINE_HTTP_PASSWORD": ("secret", SecretStr("secret")),
    "HOTLINE_HTTP_SECRET": ("secret", SecretStr("secret")),
    "HOTLINE_HTTP_FROM": ("8398", "8398"),
    "HOTLINE_USSD_SECRET": ("secret", SecretStr("secret")),
}


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment without any setting."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    return monkeypatch


def given(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name, value)


def test_nothing_needs_to_be_set() -> None:
    found = load()
    assert (found.role, found.demo, found.twilio, found.asks_totp) == ("all", False, False, True)
    assert found.database_url.startswith("sqlite:///")


@pytest.mark.parametrize("name", re.findall(rf"^({PREFIX}\w+)=", EXAMPLE, re.MULTILINE))
def test_every_setting_of_the_example_is_read_from_the_environment(bare: pytest.MonkeyPatch, name: str) -> None:
    text, value = SAMPLES[name]
    given(bare, **{name: text})
    assert getattr(load(), name.removeprefix(PREFIX).lower()) == value


def test_the_example_as_it_stands_is_a_good_environment(bare: pytest.MonkeyPatch) -> None:
    given(bare, **dict(re.findall(rf"^({PREFIX}\w+)=(.*)$", EXAMPLE, re.MULTILINE)))
    found, plain = load(), Settings()
    relative = {"keys_dir", "flows_dir"}  # there they are given from the checkout's folder
    assert found.model_dump(exclude=relative) == plain.model_dump(exclude=relative)


@pytest.mark.parametrize("name", sorted(set(SAMPLES) - {"HOTLINE_CLOCK_FILE"}))
def test_any_setting_may_stand_in_a_file(bare: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    text, value = SAMPLES[name]
    (tmp_path / "value").write_text(f"{text}\n", encoding="utf-8")
    given(bare, **{f"{name}_FILE": str(tmp_path / "value")})
    assert getattr(load(), name.removeprefix(PREFIX).lower()) == value


def test_an_empty_name_of_a_file_is_none_given(bare: pytest.MonkeyPatch) -> None:
    given(bare, HOTLINE_TWILIO_AUTH_TOKEN="secret", HOTLINE_TWILIO_AUTH_TOKEN_FILE="")
    assert load().twilio_auth_token.get_secret_value() == "secret"


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("HOTLINE_ROLE", "canary-boss", "Input should be 'intake', 'console' or 'all'"),
        ("HOTLINE_SENDERS", "canary", "Input should be a valid integer, unable to parse string as an integer"),
        ("HOTLINE_SENDERS", "0", "Input should be greater than or equal to 1"),
        ("HOTLINE_SENDERS", "65", "Input should be less than or equal to 64"),
        ("HOTLINE_DEMO", "canary", "Input should be a valid boolean, unable to interpret input"),
        ("HOTLINE_REQUIRE_TOTP", "canary", "Input should be a valid boolean, unable to interpret input"),
        ("HOTLINE_DATABASE_URL", "mysql://user:canary@host/hotline", "must begin with postgresql or sqlite://"),
        ("HOTLINE_DATABASE_URL", "canary", "must begin with postgresql or sqlite://"),
    ],
)
def test_a_bad_value_is_refused_by_the_name_of_its_setting_and_never_shown(
    bare: pytest.MonkeyPatch, name: str, value: str, problem: str
) -> None:
    given(bare, **{name: value})
    with pytest.raises(SettingsError) as refused:
        load()
    assert str(refused.value) == f"{name}: {problem} (README#settings)"
    assert "canary" not in f"{refused.value!r} {refused.value.__cause__}"


def test_all_bad_values_are_told_at_once(bare: pytest.MonkeyPatch) -> None:
    given(bare, HOTLINE_SENDERS="0", HOTLINE_ROLE="boss")
    with pytest.raises(SettingsError) as refused:
        load()
    assert [line.split(":")[0] for line in str(refused.value).splitlines()] == ["HOTLINE_ROLE", "HOTLINE_SENDERS"]


@pytest.mark.parametrize(
    ("what", "problem"),
    [("missing", "No such file or directory"), ("folder", "Is a directory"), ("binary", "not a text file")],
)
def test_a_file_that_cannot_be_read_is_refused_by_the_name_of_its_setting(
    bare: pytest.MonkeyPatch, tmp_path: Path, what: str, problem: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00canary")
    given(bare, HOTLINE_TWILIO_AUTH_TOKEN_FILE=str(tmp_path / what))
    with pytest.raises(SettingsError) as refused:
        load()
    assert str(refused.value) == f"HOTLINE_TWILIO_AUTH_TOKEN_FILE: {problem} (README#settings)"


def test_a_misspelt_file_setting_is_named(bare: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "value").write_text("canary")
    given(bare, HOTLINE_TWILIO_TOKEN_FILE=str(tmp_path / "value"))
    with pytest.raises(SettingsError, match="HOTLINE_TWILIO_TOKEN: ") as refused:
        load()
    assert "canary" not in str(refused.value)


def test_a_secret_is_not_printed() -> None:
    found = Settings(twilio_auth_token=SecretStr("canary"))
    assert "canary" not in f"{found} {found!r} {found.model_dump_json()}"


@pytest.mark.parametrize(
    ("demo", "required", "asks"),
    [("false", "", True), ("true", "", False), ("true", "true", True), ("false", "false", False)],
)
def test_one_time_codes_are_asked_for_everywhere_but_in_the_demo_unless_said_otherwise(
    bare: pytest.MonkeyPatch, demo: str, required: str, asks: bool
) -> None:
    given(bare, HOTLINE_DEMO=demo, HOTLINE_REQUIRE_TOTP=required)
    assert load().asks_totp is asks


@pytest.mark.parametrize(
    ("provider", "missing"),
    [
        ("twilio", "HOTLINE_TWILIO_ACCOUNT_SID"),
        ("twilio", "HOTLINE_TWILIO_AUTH_TOKEN"),
        ("twilio", "HOTLINE_TWILIO_SMS_FROM"),
        ("twilio_calls", "HOTLINE_TWILIO_ACCOUNT_SID"),
        ("twilio_calls", "HOTLINE_TWILIO_AUTH_TOKEN"),
        ("twilio_calls", "HOTLINE_TWILIO_CALL_FROM"),
        ("telegram", "HOTLINE_TELEGRAM_TOKEN"),
        ("telegram", "HOTLINE_TELEGRAM_SECRET"),
        ("whatsapp", "HOTLINE_WHATSAPP_TOKEN"),
        ("whatsapp", "HOTLINE_WHATSAPP_APP_SECRET"),
        ("whatsapp", "HOTLINE_WHATSAPP_VERIFY_TOKEN"),
        ("whatsapp", "HOTLINE_WHATSAPP_PHONE_ID"),
    ],
)
def test_half_a_provider_is_none(bare: pytest.MonkeyPatch, provider: str, missing: str) -> None:
    apart = {"HOTLINE_CLOCK_FILE", "HOTLINE_TELEGRAM_POLL"}  # who is asked needs no secret: see test_pull.py
    given(bare, **{name: text for name, (text, _) in SAMPLES.items() if name not in apart})
    assert getattr(load(), provider)
    bare.delenv(missing)
    assert not getattr(load(), provider)


def test_only_this_module_reads_the_environment() -> None:
    readers = {
        path.name for path in (ROOT / "hotline").rglob("*.py")
        if re.search(rf"environ\b.*{PREFIX}|getenv", path.read_text(encoding="utf-8"))
    }  # fmt: skip
    assert readers <= {Path(settings.__file__).name}
