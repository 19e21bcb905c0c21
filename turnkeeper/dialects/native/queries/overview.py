"""The query of the overview."""

from datetime import UTC, datetime, timedelta

from turnkeeper.core.errors import InvalidError
from turnkeeper.core.overview import LONGEST, STRETCHES, OverviewFilter, Stretch
from turnkeeper.dialects.native.queries.reading import Parameters, id_of, moment, word
from turnkeeper.dialects.native.translate.ids import account_in, agent_in

DEFAULT = timedelta(days=1)
_KNOWN = ("from", "to", "by", "agent", "account", "model")
_MOST_MODEL = 300


def overview_filter(query: bytes) -> OverviewFilter:
    """Which turns are wanted.

    Raises:
        FaultsError: a parameter cannot be used.
    """
    fields = Parameters(query, known=_KNOWN)
    asked_by: Stretch | None = fields.read("by", word("by", STRETCHES))
    by = asked_by or "hour"
    until = (fields.read("to", moment("to")) or datetime.now(UTC)).astimezone(UTC)
    since = (fields.read("from", moment("from")) or until - DEFAULT).astimezone(UTC)
    if not since < until <= since + LONGEST[by]:
        why = f"The time must begin before it ends, and be no longer than {LONGEST[by].days} days when it is told by {by}."
        fields.wrong("from", why, "invalid")
    wanted = OverviewFilter(
        since=since,
        until=until,
        by=by,
        agent=fields.read("agent", id_of(agent_in, "agent", "agt")),
        account=fields.read("account", id_of(account_in, "account", "acc")),
        model=fields.read("model", _model),
    )
    fields.check()
    return wanted


def _model(text: str) -> str:
    if not text or len(text) > _MOST_MODEL or "\x00" in text:
        raise InvalidError("model", "The parameter 'model' must be a model's name, such as openai:gpt-4.1-mini.")
    return text
