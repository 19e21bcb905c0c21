"""The queries of logs, and the header by which a stream is resumed."""

import re
from dataclasses import dataclass

from turnkeeper.actions.events import Until
from turnkeeper.dialects.native.faults import Fault, FaultsError, shown
from turnkeeper.dialects.native.queries.reading import DEFAULT_LIMIT, MOST, Parameters, flag, whole, word

LAST_EVENT_ID = "Last-Event-ID"
_MOST_NUMBER = 10**18 - 1
_MOST_MESSAGES = MOST
_NUMBER = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, kw_only=True, slots=True)
class PageWanted:
    """A page of a log."""

    after: int
    limit: int


@dataclass(frozen=True, kw_only=True, slots=True)
class StreamWanted:
    """A log as a stream."""

    after: int
    until: Until


def page_wanted(query: bytes) -> PageWanted:
    """Which page.

    Raises:
        FaultsError: a parameter cannot be used.
    """
    fields = Parameters(query, known=("after", "limit"))
    wanted = PageWanted(after=_after(fields), limit=fields.limit())
    fields.check()
    return wanted


def stream_wanted(query: bytes, last_event_id: str | None) -> StreamWanted:
    """From where and until when. The header counts more than `after`: a client that comes back repeats its address.

    Raises:
        FaultsError: a parameter, or the header, cannot be used.
    """
    fields = Parameters(query, known=("after", "follow", "until"))
    after, until = _after(fields), _until(fields)
    fields.check()
    if last_event_id is not None and last_event_id.strip():
        after = _number_in(last_event_id.strip())
    return StreamWanted(after=after, until=until)


def messages_wanted(query: bytes) -> int:
    """How many messages a snapshot is to contain.

    Raises:
        FaultsError: a parameter cannot be used.
    """
    fields = Parameters(query, known=("messages",))
    found = fields.read("messages", whole("messages", least=0, most=_MOST_MESSAGES))
    fields.check()
    return DEFAULT_LIMIT if found is None else found


def _after(fields: Parameters) -> int:
    return fields.read("after", whole("after", least=0, most=_MOST_NUMBER)) or 0


def _until(fields: Parameters) -> Until:
    follows = fields.read("follow", flag("follow"))
    idle = fields.read("until", word("until", ("idle",)))
    if follows is False and idle is not None:
        fields.wrong("until", "A stream that does not follow ends at the log's end; leave out 'until'.", "invalid")
    if follows is False:
        return "log_end"
    return "forever" if idle is None else "idle"


def _number_in(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        why = f"The header {LAST_EVENT_ID} must be the number of an event; {shown(text)} is none."
        raise FaultsError([Fault(where="header", place=LAST_EVENT_ID, why=why, code="invalid")])
    return int(text)
