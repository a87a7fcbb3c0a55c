"""The doors of the providers: /in/<provider> for messages, /status/<provider> for delivery reports.

A provider that can't sign is given an address with a secret behind its name: /in/kannel/<secret>.

Forged: 403 with an empty body. Signed but unreadable: 400. Not stored: 503, so that the provider tries again.
"""

import logging
from collections.abc import Sequence
from urllib.parse import parse_qs

from flask import Blueprint, Response, abort, current_app, request
from sqlalchemy.exc import SQLAlchemyError

from hotline.channels.contract import (
    Acknowledges,
    Answer,
    Challenged,
    Delivery,
    Forged,
    Hop,
    Inbound,
    Malformed,
    Receiver,
    Shows,
)
from hotline.channels.contract import Request as ProviderRequest
from hotline.core.vault import Unopenable
from hotline.messaging import receipts
from hotline.web.parts import parts

log = logging.getLogger(__name__)

blueprint = Blueprint("webhooks", __name__)


@blueprint.route("/in/<path:provider>", methods=["POST", "PUT"])
def receive(provider: str) -> Response:
    """Messages from a provider: stored before they are answered."""
    receiver, sent = _called(provider)
    if request.method == "PUT" and not isinstance(receiver, Shows):
        abort(405)  # Infobip's way to bring a hop, and nobody else's
    answer = _taken(receiver, sent)
    return Response(answer.body, mimetype=answer.media_type)


def _taken(receiver: Receiver, sent: ProviderRequest) -> Answer:
    arrived = receiver.receive(sent)
    match arrived:
        case [Inbound(hop=Hop()) as hop] if isinstance(receiver, Shows):
            return receiver.show(sent, parts().intake.show(hop, parts().database.now()))
        case _:
            _store(arrived)
            return receiver.answer(sent)


@blueprint.get("/in/<path:provider>")
def challenge(provider: str) -> Response:
    """A provider tries our address before it uses it."""
    receiver, sent = _called(provider)
    if not isinstance(receiver, Challenged):
        abort(405)
    answer = receiver.challenge(sent)
    return Response(answer.body, mimetype=answer.media_type)


@blueprint.route("/status/<path:provider>", methods=["POST", "GET"])
def status(provider: str) -> Response:
    """Delivery reports from a provider; Kannel knows no other way than GET, and puts ids alone in it."""
    receiver, sent = _called(provider)
    _store(receiver.delivery(sent))
    if isinstance(receiver, Acknowledges):
        said = receiver.acknowledge(sent)
        return Response(said.body, mimetype=said.media_type)
    return Response(status=204)


def _store(arrived: Sequence[Inbound | Delivery]) -> None:
    """Take each in a transaction of its own: one that can't be stored holds up none of the others, and is asked for again."""
    failed: Exception | None = None
    now, vault = parts().database.now(), parts().vault
    for each in arrived:
        try:
            if isinstance(each, Inbound):
                take = parts().intake.receive if each.hop is None else parts().intake.show
                take(each, now)
            else:
                with parts().database.transaction() as tx:
                    receipts.delivered(tx, vault, each, now, parts().escalation.page_failed)
        except Exception as error:  # noqa: BLE001  # whatever it is, one message holds up no other
            failed = error
    if failed is not None:
        raise failed


def _called(path: str) -> tuple[Receiver, ProviderRequest]:
    """The provider that a path names, and its call; what stands behind the name is the secret that it was given."""
    for name, receiver in parts().receivers.items():
        if path == name or path.startswith(f"{name}/"):
            return receiver, _as_sent(path[len(name) + 1 :])
    return abort(404)


def _as_sent(secret: str) -> ProviderRequest:
    """The request as the provider signed it: at the public address, whatever proxies stand in between."""
    query = request.query_string.decode("latin-1")
    url = parts().settings.public_url.rstrip("/") + request.path + (f"?{query}" if query else "")
    body = request.get_data(cache=True, parse_form_data=False)
    return ProviderRequest(
        method=request.method,
        url=url,
        headers={name.lower(): value for name, value in request.headers.items()},
        form={name: list(values) for name, values in request.form.lists()},
        query=parse_qs(query, keep_blank_values=True) if query else {},
        body=body,
        secret=secret,
    )


@blueprint.errorhandler(Forged)
def forged(_error: Forged) -> Response:
    """Refuse what is not from the provider: no word about what was expected."""
    log.warning("forged webhook", extra={"url_rule": str(request.url_rule)})
    return Response(status=403)


@blueprint.errorhandler(Malformed)
def malformed(error: Malformed) -> Response:
    """Signed, but not a message: the text names the field."""
    return Response(str(error), status=400, mimetype="text/plain")


@blueprint.errorhandler(LookupError)
@blueprint.errorhandler(Unopenable)
@blueprint.errorhandler(SQLAlchemyError)
def not_stored(error: Exception) -> Response:
    """The store did not take it, or lacks what it takes: the provider keeps it and tries again."""
    current_app.logger.error("not stored", extra={"error": type(error).__name__})
    return Response(status=503, headers={"Retry-After": "5"})
