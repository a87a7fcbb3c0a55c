"""Cookies: never readable by scripts, never sent from other sites, tied to this host where the address is https."""

from flask import request
from werkzeug.wrappers import Response

from hotline.web.parts import parts


def read(name: str) -> str:
    """A cookie's value, or ""."""
    return request.cookies.get(_full(name), "")


def keep(response: Response, name: str, value: str, *, seconds: int | None = None) -> None:
    """Set a cookie; without `seconds` it goes when the browser is closed."""
    secure = parts().settings.secure
    response.set_cookie(_full(name), value, max_age=seconds, secure=secure, httponly=True, samesite="Strict", path="/")


def drop(response: Response, name: str) -> None:
    """Take a cookie back."""
    response.delete_cookie(_full(name), secure=parts().settings.secure, httponly=True, samesite="Strict", path="/")


def _full(name: str) -> str:
    return f"__Host-{name}" if parts().settings.secure else name
