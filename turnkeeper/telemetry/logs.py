"""One event a line: JSON for machines, colours for people."""

import logging
import sys
from datetime import UTC, datetime

import orjson

_QUIET = ("procrastinate", "uvicorn", "asyncio", "psycopg.pool")
"""Libraries that are heard from WARNING on."""
_OF_EVERY_RECORD = frozenset({*vars(logging.makeLogRecord({})), "message", "asctime"})


def configure_logs(*, level: str, log_format: str) -> None:
    """Send all logging of this process to standard error. `auto` is text on a terminal and JSON elsewhere."""
    is_text = log_format == "text" or (log_format == "auto" and sys.stderr.isatty())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_lines_for_people() if is_text else JsonLines())
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel("ERROR" if level == "error" else "WARNING")


class JsonLines(logging.Formatter):
    """A record as one JSON object: `event`, `level`, its extra fields, `timestamp`, and `exception` if there was one."""

    def format(self, record: logging.LogRecord) -> str:
        """The line. What JSON has no word for is shown as Python would print it."""
        fields: dict[str, object] = {"event": record.getMessage(), "level": record.levelname.lower()}
        for name, value in vars(record).items():
            if name not in _OF_EVERY_RECORD:
                fields.setdefault(name, value)
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds")
        fields["timestamp"] = f"{moment.removesuffix('+00:00')}Z"
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            fields["stack"] = record.stack_info
        try:
            return orjson.dumps(fields, default=str).decode()
        except TypeError:
            # A number too great, half a character: rather a strange line than none.
            return orjson.dumps({name: _plain(value) for name, value in fields.items()}).decode()


def _plain(value: object) -> str:
    return str(value).encode(errors="backslashreplace").decode()


def _lines_for_people() -> logging.Formatter:
    import structlog  # noqa: PLC0415 - slow import, for terminals only

    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.ExtraAdder(),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
        ],
    )
