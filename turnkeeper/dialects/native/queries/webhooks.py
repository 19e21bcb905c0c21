"""The query of the list of deliveries."""

from typing import get_args

from turnkeeper.core.webhooks import FACTS, DeliveryFilter, DeliveryState
from turnkeeper.dialects.native.queries.numbered import before_in
from turnkeeper.dialects.native.queries.reading import Parameters, moment, word

DELIVERIES = "deliveries"
WEBHOOKS = "webhooks"
_STATES: tuple[DeliveryState, ...] = get_args(DeliveryState)


def delivery_filter(query: bytes) -> DeliveryFilter:
    """What is wanted.

    Raises:
        FaultsError: a parameter cannot be used.
    """
    fields = Parameters(query, known=("state", "type", "since", "limit", "cursor"))
    wanted = DeliveryFilter(
        state=fields.read("state", word("state", _STATES)),
        type=fields.read("type", word("type", tuple(FACTS))),
        since=fields.read("since", moment("since")),
        before=before_in(fields, DELIVERIES),
        limit=fields.limit(),
    )
    fields.check()
    return wanted
