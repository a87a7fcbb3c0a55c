"""Logs without people: allow-listed fields as JSON lines, and libraries quieted that would print numbers and texts."""

import json
import logging
import sys

FIELDS = ("report_id", "outbox_id", "channel", "error", "state", "count", "setting", "url_rule", "status", "seconds")
NOISY = (
    "twilio",
    "twilio.http_client",
    "httpx",
    "telegram",
    "urllib3",
    "psycopg",
    "rq",
    "rq.worker",
    "werkzeug",
    "alembic",
    "smpplib",
)


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, where, a fixed message, and the fields of FIELDS that were given.

    Of an exception only its type and place are written: its text may quote what somebody wrote.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": self.formatTime(record), "level": record.levelname, "logger": record.name, "event": str(record.msg)
        }  # fmt: skip
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = type(record.exc_info[1]).__name__
            trace = record.exc_info[2]
            while trace is not None and trace.tb_next is not None:
                trace = trace.tb_next
            if trace is not None:
                line["at_line"] = f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}"
        return json.dumps(line)


def quiet(level: int = logging.INFO) -> None:
    """Set logging up for this process."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.CRITICAL)
