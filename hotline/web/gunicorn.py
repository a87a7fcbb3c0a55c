"""The configuration of gunicorn for the web process: `--config python:hotline.web.gunicorn`.

BIND, PORT, WEB_CONCURRENCY and WEB_THREADS change it.
"""

import gc
import os

bind = f"{os.environ.get('BIND', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(
    os.environ.get("WEB_THREADS", "2")
)  # more only fight for the interpreter's lock: a fifth slower with four
graceful_timeout = 5  # seconds
control_socket_disable = True
# No access log, which would keep addresses; errors only, for its warnings name a client's address.
accesslog = None
loglevel = "error"

YOUNG = (
    10_000  # objects made between two looks for cyclic garbage; a message makes about 3,000, nearly none of it cyclic
)


def post_worker_init(worker: object) -> None:
    """Freeze what the application has loaded: it lives as long as the process, and the collector need not walk it."""
    del worker
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG)
