"""The attachments of a report: the copy to look at, the original as evidence. Each reading is on record."""

import mimetypes

from flask import abort, request
from werkzeug.wrappers import Response

from hotline.casework import open_attachment
from hotline.reports import COPY, ORIGINAL, Opened
from hotline.web.console import report
from hotline.web.console.login import blueprint
from hotline.web.parts import parts

# Whatever it is, it is shown as what we made of it, and runs nothing.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; media-src 'self'; sandbox"
NAME = 8  # characters of the id in a file's name, which tells nothing else


@blueprint.get("/reports/<report_id>/attachments/<attachment_id>")
def attachment(report_id: str, attachment_id: str) -> Response:
    """The copy, without metadata."""
    opened = _open(report_id, attachment_id, COPY)
    answer = _answer(opened, attachment_id, opened.media_type, "inline")
    # A phone plays a film by asking for it piece by piece.
    return answer.make_conditional(request, accept_ranges=True, complete_length=len(opened.body))


@blueprint.get("/reports/<report_id>/attachments/<attachment_id>/original")
def original(report_id: str, attachment_id: str) -> Response:
    """The original with all that it holds, to be saved and never shown: nobody has looked at what is in it."""
    return _answer(_open(report_id, attachment_id, ORIGINAL), attachment_id, "application/octet-stream", "attachment")


def _open(report_id: str, attachment_id: str, part: str) -> Opened:
    known = attachment_id if attachment_id.isalnum() else ""  # PostgreSQL takes no NUL
    with parts().database.transaction() as tx:
        opened = open_attachment(report.acting(tx), report_id, known, part)
    return opened if opened is not None else abort(404)


def _answer(opened: Opened, attachment_id: str, media_type: str, how: str) -> Response:
    ending = mimetypes.guess_extension(opened.media_type) or ".bin"
    answer = Response(opened.body, mimetype=media_type)
    answer.headers["Content-Disposition"] = f'{how}; filename="{attachment_id[:NAME]}{ending}"'
    answer.headers["Content-Security-Policy"] = POLICY
    return answer
