"""The query of the report of usage."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from turnkeeper.actions.usage import MOST_DAYS
from turnkeeper.core.errors import InvalidError
from turnkeeper.core.usage import GROUPINGS, Grouping, UsageFilter
from turnkeeper.dialects.native.queries.reading import Parameters, id_of, word
from turnkeeper.dialects.native.translate.ids import account_in, agent_in

DEFAULT_DAYS = 30
Format = Literal["json", "csv"]
_FORMATS: tuple[Format, ...] = ("json", "csv")
_KNOWN = ("group_by", "from", "to", "agent", "account", "model", "format")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOST_MODEL = 300


def usage_filter(query: bytes, accept: str | None) -> tuple[UsageFilter, Format]:
    """What is wanted, and how: `format` wins over the header `Accept`.

    Raises:
        FaultsError: a parameter cannot be used.
    """
    fields = Parameters(query, known=_KNOWN)
    last = fields.read("to", _day_of("to")) or datetime.now(UTC).date()
    first = fields.read("from", _day_of("from"))
    wanted = UsageFilter(
        first_day=first or last - timedelta(days=min(DEFAULT_DAYS - 1, (last - date.min).days)),
        last_day=last,
        by=fields.read("group_by", _groupings) or ("day",),
        agent=fields.read("agent", id_of(agent_in, "agent", "agt")),
        account=fields.read("account", id_of(account_in, "account", "acc")),
        model=fields.read("model", _model),
    )
    form: Format | None = fields.read("format", word("format", _FORMATS))
    if not 1 <= (wanted.last_day - wanted.first_day).days + 1 <= MOST_DAYS:
        why = f"The first day must not be behind the last one, and at most {MOST_DAYS:,} days are summed up."
        fields.wrong("from", why, "invalid")
    fields.check()
    return wanted, form or _form_for(accept)


def _day_of(name: str) -> Callable[[str], date]:
    def read(text: str) -> date:
        try:
            if _DAY.fullmatch(text):
                return date.fromisoformat(text)
        except ValueError:
            pass
        raise InvalidError(name, f"The parameter {name!r} must be a day such as 2026-04-12.")

    return read


def _groupings(text: str) -> tuple[Grouping, ...]:
    words = [each.strip() for each in text.split(",")]
    places = {grouping: words.index(grouping) for grouping in GROUPINGS if words.count(grouping) == 1}
    if not places or len(places) != len(words):
        raise InvalidError("group_by", f"The parameter 'group_by' names each of {', '.join(GROUPINGS)} at most once.")
    return tuple(sorted(GROUPINGS, key=lambda grouping: places.get(grouping, -1)))[-len(places) :]


def _model(text: str) -> str:
    if not text or len(text) > _MOST_MODEL or "\x00" in text:
        raise InvalidError("model", "The parameter 'model' must be a model's name, such as openai:gpt-4.1-mini.")
    return text


def _form_for(accept: str | None) -> Format:
    """CSV when it is named and JSON is not."""
    kinds = {part.partition(";")[0].strip().lower() for part in (accept or "").split(",")}
    return "csv" if "text/csv" in kinds and not kinds & {"application/json", "application/*"} else "json"
