"""The parts that `make run` adds for a try-out: an account at the local gateway, logins, and one line to send a test SMS."""

import secrets
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from twilio.request_validator import RequestValidator

DIRECTORY = Path(__file__).parent / "directory.yaml"
NUMBER = "+923000000090"  # the hotline's own, from a block that is not assigned
REPORTER = "+923000000098"
TEST_TEXT = "لاہور میں ایک بھٹے پر بچوں سے زبردستی کام کروایا جا رہا ہے"


def environment(given: dict[str, str], root: Path) -> dict[str, str]:
    """The environment of `make run`: demo mode unless HOTLINE_DEMO=0, and the local gateway unless Twilio is set."""
    var = root / "var"
    result = {
        "HOTLINE_DEMO": "1",
        "HOTLINE_DATABASE_URL": f"sqlite:///{var}/hotline.db",
        "HOTLINE_KEYS_DIR": str(var / "keys"),
        **{name: value for name, value in given.items() if value},
    }
    if result["HOTLINE_DEMO"] in ("0", "false") or "HOTLINE_TWILIO_ACCOUNT_SID" in given:
        return result
    port = int(result.get("PORT", "8000"))
    result |= {
        "HOTLINE_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "HOTLINE_TWILIO_AUTH_TOKEN": _kept(var / "demo-token"),
        "HOTLINE_TWILIO_SMS_FROM": NUMBER,
        "HOTLINE_TWILIO_CALL_FROM": NUMBER,
        "HOTLINE_TWILIO_API_URL": given.get("HOTLINE_TWILIO_API_URL") or f"http://127.0.0.1:{port + 1}",
        "HOTLINE_DEMO_PHONES": "" if "HOTLINE_TWILIO_API_URL" in given else "1",
    }
    return result


def phones(environment: dict[str, str]) -> str:
    """The command of the local gateway, or "" where a real account or another gateway is set."""
    if not environment.get("HOTLINE_DEMO_PHONES"):
        return ""
    port = int(environment.get("PORT", "8000"))
    hotline = f"http://127.0.0.1:{port}"
    public = environment.get("HOTLINE_PUBLIC_URL", hotline)
    command = [sys.executable, "-m", "hotline.local.demo.gateway", "--port", str(port + 1), "--hotline", hotline]
    return shlex.join([*command, "--public-url", public])


def logins(tx: Any, var: Path, set_password: Callable[[Any, str, str], None]) -> str:
    """Give every demo officer the one password of this installation; returns the lines to print."""
    password = _kept(var / "demo-password", size=9)
    officers = yaml.safe_load(DIRECTORY.read_text(encoding="utf-8"))["officers"]
    if not (var / "demo-password.set").exists():
        for officer in officers:
            set_password(tx, officer["username"], password)
        (var / "demo-password.set").touch(mode=0o600)
    lines = [f"  {o['username']:<10} {password}   {o['rank'].replace('_', ' ')}, {o['circle']}" for o in officers]
    return "\n".join(["Demo logins (this installation's own):", *lines])


def write_welcome(var: Path, logins: str, public_url: str, environment: dict[str, str]) -> None:
    """Leave the text that is printed once everything answers."""
    path = var / "welcome.txt"
    path.touch(mode=0o600)
    path.write_text(logins + "\n\n" + _curl(public_url, environment) + "\n", encoding="utf-8")


def _curl(public_url: str, environment: dict[str, str]) -> str:
    token = environment.get("HOTLINE_TWILIO_AUTH_TOKEN", "")
    if not token:
        return "SMS is off (README#sms)."
    url = f"{public_url}/in/twilio"
    fields = {"MessageSid": "SM" + secrets.token_hex(16), "From": REPORTER, "To": NUMBER, "Body": TEST_TEXT}
    signature = RequestValidator(token).compute_signature(url, fields)
    form = " ".join(shlex.join(["--data-urlencode", f"{name}={value}"]) for name, value in fields.items())
    local = f"http://127.0.0.1:{environment.get('PORT', '8000')}/in/twilio"
    return f"A signed test SMS (counts once; the next start prints another):\n  curl -i -H {shlex.quote('X-Twilio-Signature: ' + signature)} {form} {local}"


def _kept(path: Path, size: int = 24) -> str:
    """A random secret, made once and kept with mode 0600."""
    path.parent.mkdir(exist_ok=True, mode=0o700)
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(size), encoding="ascii")
    return path.read_text(encoding="ascii")
