"""The query that asks when a cron line would fire."""

from turnkeeper.core.cron import Cron
from turnkeeper.dialects.native.queries.reading import Parameters

_UTC = "UTC"


def ticks_query(query: bytes) -> tuple[str, str]:
    """The line and the time zone.

    Raises:
        FaultsError: there is no line, or one of both cannot be used.
    """
    fields = Parameters(query, known=("cron", "timezone"))
    if fields.read("cron", str) is None:
        fields.wrong("cron", "The parameter 'cron' is missing; it is a line such as '30 8 * * mon-fri'.", "missing")
    line, zone = fields.read("cron", _line), fields.read("timezone", _zone)
    fields.check()
    return line or "", zone or _UTC


def _line(text: str) -> str:
    Cron(text, _UTC)
    return text


def _zone(text: str) -> str:
    Cron("@daily", text)
    return text
