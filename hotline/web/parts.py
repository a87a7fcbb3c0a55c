"""What the views may use: `create_app` puts it into `app.extensions["hotline"]`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol, cast

from flask import current_app

from hotline.channels.contract import Inbound, Receiver, Screen
from hotline.core.db import Database
from hotline.core.settings import Settings
from hotline.core.vault import Vault
from hotline.escalation import Escalation
from hotline.reports import Triage


class TakesMessages(Protocol):
    """The way in."""

    def receive(self, inbound: Inbound, now: datetime) -> bool:
        """Take a message; False if it was a repeat. Raises SQLAlchemyError if it could not be stored."""
        ...

    def show(self, inbound: Inbound, now: datetime) -> Screen:
        """Take a hop of USSD; the screen that answers it. Raises SQLAlchemyError if it could not be stored."""
        ...


class WebParts(Protocol):
    """A web process. In the role `console` there is no intake, and no view asks for it."""

    @property
    def settings(self) -> Settings:
        """The settings."""
        ...

    @property
    def database(self) -> Database:
        """The database."""
        ...

    @property
    def vault(self) -> Vault:
        """The keys of this role."""
        ...

    @property
    def triage(self) -> Triage:
        """The rules by which facts are named."""
        ...

    @property
    def escalation(self) -> Escalation:
        """The engine."""
        ...

    @property
    def intake(self) -> TakesMessages:
        """The way in."""
        ...

    @property
    def receivers(self) -> Mapping[str, Receiver]:
        """Provider's name in `/in/<provider>` -> receiver."""
        ...

    def sweep_age(self, now: datetime) -> float | None:
        """Seconds since the clock's last sweep; None if there never was one."""
        ...


def parts() -> WebParts:
    """The parts of the application that handles this request."""
    return cast("WebParts", current_app.extensions["hotline"])
