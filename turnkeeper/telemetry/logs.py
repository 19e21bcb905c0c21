"""One event a line: JSON for machines, colours for people."""

import logging
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TextIO

import orjson

_QUIET = ("procrastinate", "uvicorn", "asyncio", "psycopg.pool")
"""Libraries that are heard from WARNING on."""
_BLANK: Mapping[str, object] = vars(logging.makeLogRecord({}))
_OF_EVERY_RECORD = frozenset({*_BLANK, "message", "asctime"})


def configure_logs(*, level: str, log_format: str) -> None:
    """Send all logging of this process to standard error. `auto` is text on a terminal and JSON elsewhere."""
    is_text = log_format == "text" or (log_format == "auto" and sys.stderr.isatty())
    handler = Lines(sys.stderr)
    handler.setFormatter(_lines_for_people() if is_text else JsonLines())
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel("ERROR" if level == "error" else "WARNING")


def tell(log: logging.Logger, level: int, event: str, fields: Mapping[str, object]) -> None:
    """Log an event with its fields; for what is logged all the time.

    The logging library would look for the line of code, the thread, the process and the file, which nobody asks for
    here, and that costs more than all the rest.
    """
    if log.isEnabledFor(level):
        log.handle(_Told(log.name, level, event, fields))


class _Told(logging.LogRecord):
    """A record of `tell`, with all attributes that handlers of others may look for."""

    __slots__ = ("told",)  # not among the attributes, which formatters of others show as fields

    def __init__(self, name: str, level: int, event: str, fields: Mapping[str, object]) -> None:
        now = time.time()
        own = vars(self)
        own.update(_BLANK)
        own.update(fields)
        self.told = fields
        self.name, self.levelno, self.levelname, self.msg = name, level, logging.getLevelName(level), event
        self.created, self.msecs = now, now % 1 * 1000


class Lines(logging.StreamHandler[TextIO]):
    """Writes a line at a time to a stream that is flushed at the end of each."""

    def handle(self, record: logging.LogRecord) -> bool:
        """Write it, unless a filter is against it."""
        if self.filters and not self.filter(record):
            return False
        lock = self.lock
        assert lock is not None
        with lock:
            self.emit(record)
        return True

    def emit(self, record: logging.LogRecord) -> None:
        """Write it."""
        try:
            self.stream.write(f"{self.format(record)}\n")
            if not self.stream.line_buffering:
                self.stream.flush()
        except Exception:  # noqa: BLE001 - as in the library: a line that cannot be written stops nobody
            self.handleError(record)


class JsonLines(logging.Formatter):
    """A record as one JSON object: `event`, `level`, its extra fields, `timestamp`, and `exception` if there was one."""

    def format(self, record: logging.LogRecord) -> str:
        """The line. What JSON has no word for is shown as Python would print it."""
        if isinstance(record, _Told):
            fields: dict[str, object] = {"event": record.msg, "level": record.levelname.lower(), **record.told}
        else:
            fields = {"event": record.getMessage(), "level": record.levelname.lower()}
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
