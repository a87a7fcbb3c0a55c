"""The common parts of all pages, put onto an application in one call."""

from io import BytesIO
from typing import IO

from flask import Flask, Request

from hotline.web import errors, headers, language


class _InMemory(Request):
    """A request that keeps what strangers send in memory, within its bounds: werkzeug would write large files to a disk."""

    def _get_file_stream(
        self, total_content_length: int | None, content_type: str | None, filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:  # fmt: skip
        del total_content_length, content_type, filename, content_length
        return BytesIO()


def fit(app: Flask) -> None:
    """Languages, security headers and error pages. Expects `app.extensions["hotline"]` and flask-wtf's CSRFProtect."""
    app.request_class = _InMemory
    language.fit(app)
    headers.fit(app)
    errors.fit(app)
