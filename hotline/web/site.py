"""What all pages share, put onto an application in one call."""

from flask import Flask

from hotline.web import errors, headers, language


def fit(app: Flask) -> None:
    """Languages, security headers and error pages. Expects `app.extensions["hotline"]` and flask-wtf's CSRFProtect."""
    language.fit(app)
    headers.fit(app)
    errors.fit(app)
