"""/healthz (this process lives) and /readyz (messages will be handled)."""

from flask import Blueprint, Response

from hotline import health
from hotline.web.parts import parts

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process lives."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
def readyz() -> Response:
    """200 only with the database reachable and migrated and a sweep under 30 seconds old; else says which is not."""
    missing = health.missing(parts().database)
    text = "ready\n" if not missing else "\n".join(missing) + "\n"
    return Response(text, status=503 if missing else 200, mimetype="text/plain")
