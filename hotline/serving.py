"""The old name of gunicorn's configuration, kept for one release: it is `hotline.web.gunicorn` now."""

from hotline.web.gunicorn import *  # noqa: F403
