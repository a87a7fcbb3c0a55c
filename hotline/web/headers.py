"""Headers of every answer: nothing inline, nothing from elsewhere, nothing kept."""

from flask import Flask, request
from werkzeug.wrappers import Response

from hotline.web.parts import parts

POLICY = "; ".join(
    f"{name} {value}"
    for name, value in {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "media-src": "'self'",
        "connect-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }.items()
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # flask-wtf wants a referrer of our own over https
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Robots-Tag": "noindex",
}
ONE_DAY = 86_400  # seconds


def _protect(response: Response) -> Response:
    if request.blueprint == "webhooks":  # read by a provider's program, many times a second
        return response
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)  # what strangers sent is answered with a stricter policy of its own
    static = request.endpoint == "static" and response.status_code in (200, 304)
    response.headers["Cache-Control"] = f"public, max-age={ONE_DAY}" if static else "no-store"
    if parts().settings.secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response


def fit(app: Flask) -> None:
    """Set the headers on every answer of the application."""
    app.after_request(_protect)
