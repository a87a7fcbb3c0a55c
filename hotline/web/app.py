"""The web process: its blueprints by role, its cookies, its bounds."""

from typing import TYPE_CHECKING

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from hotline.web import chat, console, health, site, webhooks

if TYPE_CHECKING:
    from hotline.app import Hotline

MAX_BODY = 2 * 1024 * 1024  # bytes of a request; no provider's text message comes near


def create_app(hotline: "Hotline") -> Flask:
    """A web process around these parts. The role in the settings chooses its blueprints."""
    settings = hotline.settings
    public, officers = settings.role in ("intake", "all"), settings.role in ("console", "all")
    hotline.build("database", "escalation", "triage", *(("intake", "receivers") if public else ()))
    app = Flask("hotline.web")
    app.extensions["hotline"] = hotline
    app.config.update(
        SECRET_KEY=hotline.vault.web_secret(),
        MAX_CONTENT_LENGTH=MAX_BODY,
        MAX_FORM_MEMORY_SIZE=MAX_BODY,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_SECURE=settings.secure,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
    )
    csrf = CSRFProtect(app)
    site.fit(app)
    app.register_blueprint(health.blueprint)
    if public:
        csrf.exempt(webhooks.blueprint)  # providers sign their calls instead
        app.register_blueprint(webhooks.blueprint)
        app.register_blueprint(chat.blueprint)
    if officers:
        app.register_blueprint(console.blueprint)
    return app
