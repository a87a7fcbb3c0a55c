"""/healthz (this process lives), /readyz (messages will be handled) and /metrics (numbers for Prometheus)."""

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from hotline.monitoring import heartbeats
from hotline.monitoring import metrics as measures
from hotline.web.parts import parts

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process lives."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
def readyz() -> Response:
    """200 only with the database reachable and migrated and a sweep under 30 seconds old; else says which is not."""
    missing = heartbeats.missing(parts().database)
    text = "ready\n" if not missing else "\n".join(missing) + "\n"
    return Response(text, status=503 if missing else 200, mimetype="text/plain")


@blueprint.get("/metrics")
def metrics() -> Response:
    """Numbers only, and none that would tell of tips about officials."""
    registry, now = CollectorRegistry(), parts().database.now()
    with parts().database.reading() as tx:
        figures = measures.figures(tx, now)
    for figure in figures:
        gauge = Gauge(figure.name, figure.meaning, list(figure.labels), registry=registry)
        for labels, value in figure.values:
            (gauge.labels(*labels) if labels else gauge).set(value)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
