"""The parts of the process, for the views: `create_app` puts them into `app.extensions["hotline"]`."""

from typing import TYPE_CHECKING, cast

from flask import current_app

if TYPE_CHECKING:
    from hotline.app import Hotline


def parts() -> "Hotline":
    """The parts of the process that handles this request. In the role `console` no view asks for its intake."""
    return cast("Hotline", current_app.extensions["hotline"])
