"""The other side of the ratio: the same framework and server; checks the signature and commits one row."""

import os

import sqlalchemy as sa
from flask import Flask, Response, request
from twilio.request_validator import RequestValidator

from hotline.core.db import Database

metadata = sa.MetaData()
rows = sa.Table("bare", metadata, sa.Column("sid", sa.String, primary_key=True), sa.Column("body", sa.String))


def create_app() -> Flask:
    """The bare application."""
    app = Flask(__name__)
    database = Database(os.environ["HOTLINE_DATABASE_URL"])
    metadata.create_all(database.engine)
    validator = RequestValidator(os.environ["HOTLINE_TWILIO_AUTH_TOKEN"])
    public = os.environ["HOTLINE_PUBLIC_URL"]

    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    @app.post("/in/twilio")
    def receive() -> Response:
        if not validator.validate(public + request.path, request.form, request.headers["X-Twilio-Signature"]):
            return Response(status=403)
        with database.engine.begin() as connection:
            connection.execute(sa.insert(rows).values(sid=request.form["MessageSid"], body=request.form["Body"]))
        return Response("<Response/>", mimetype="text/xml")

    return app
