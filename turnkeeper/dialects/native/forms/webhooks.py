"""What requests about webhooks say."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from turnkeeper.core.webhooks import (
    GRACE_HOURS,
    LONGEST_DESCRIPTION,
    LONGEST_GRACE_HOURS,
    LONGEST_URL,
    SUBSCRIPTIONS,
    NewWebhook,
)
from turnkeeper.dialects.native.faults import shown
from turnkeeper.dialects.native.forms.reading import Fields, fields_of
from turnkeeper.dialects.native.translate.ids import agent_in

_KNOWN = ("url", "description", "types", "agents", "enabled")
_MOST_AGENTS = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Replay:
    """What is to be sent again."""

    since: datetime
    only_failed: bool


def new_webhook_form(body: bytes, content_type: str | None) -> NewWebhook:
    """Check the body of a webhook to be.

    Raises:
        FaultsError: it cannot be used.
        InvalidError: it is no JSON object.
        MediaTypeError: it does not say that it is JSON.
    """
    fields = fields_of(body, content_type, known=_KNOWN)
    url = fields.needed_text("url", most=LONGEST_URL)
    read = _changes(fields)
    fields.check()
    return read(NewWebhook(url=url))


def webhook_form(body: bytes, content_type: str | None) -> Callable[[NewWebhook], NewWebhook]:
    """Check what is to be changed of a webhook; what is left out stays. Raises as `new_webhook_form`."""
    fields = fields_of(body, content_type, known=_KNOWN)
    read = _changes(fields)
    if fields.has("url"):
        url = fields.needed_text("url", most=LONGEST_URL)
        fields.check()
        return lambda present: read(replace(present, url=url))
    fields.check()
    return read


def rotate_form(body: bytes, content_type: str | None) -> float:
    """How many hours the older secrets sign too. Raises as `new_webhook_form`."""
    fields = fields_of(body if body.strip() else b"{}", content_type, known=("grace_hours",))
    hours = fields.number("grace_hours", least=0, most=LONGEST_GRACE_HOURS)
    fields.check()
    return GRACE_HOURS if hours is None else hours


def replay_form(body: bytes, content_type: str | None) -> Replay:
    """What is to be sent again. Raises as `new_webhook_form`."""
    fields = fields_of(body, content_type, known=("since", "only_failed"))
    since = fields.moment("since")
    if since is None and fields.raw("since") is None:
        fields.wrong("since", "The field 'since' is missing; it is a time.", "missing")
    only_failed = fields.flag("only_failed")
    fields.check()
    assert since is not None
    return Replay(since=since, only_failed=only_failed is not False)


def _changes(fields: Fields) -> Callable[[NewWebhook], NewWebhook]:
    description = fields.text("description", most=LONGEST_DESCRIPTION)
    types, agents, enabled = _types(fields), _agents(fields), fields.flag("enabled")

    def change(present: NewWebhook) -> NewWebhook:
        return replace(
            present,
            description=description if fields.has("description") else present.description,
            types=present.types if types is None else types,
            agents=agents if fields.has("agents") else present.agents,
            is_enabled=present.is_enabled if enabled is None else enabled,
        )

    return change


def _types(fields: Fields) -> tuple[str, ...] | None:
    types = fields.texts("types", most=100, longest=100)
    if types == ():
        fields.wrong("types", "The field 'types' is empty; \"*\" stands for all.", "blank")
    for place, name in enumerate(types or ()):
        if name.strip() and name not in SUBSCRIPTIONS:
            known = ", ".join(sorted(SUBSCRIPTIONS))
            why = f"{shown(name)} is no type of facts; there are {known}."
            fields.wrong(f"types/{place}", why, "unknown", is_pointer=True)
    return types


def _agents(fields: Fields) -> tuple[UUID, ...] | None:
    texts = fields.texts("agents", most=_MOST_AGENTS, longest=100)
    if texts == ():
        fields.wrong("agents", "The field 'agents' is empty; leave it out for all of them.", "blank")
    found: list[UUID] = []
    for place, text in enumerate(texts or ()):
        agent = agent_in(text)
        if agent is None:
            why = f"{shown(text)} is no id of an agent; expected `agt_` and 26 characters."
            fields.wrong(f"agents/{place}", why, "malformed_id", is_pointer=True)
        else:
            found.append(agent)
    return None if texts is None else tuple(found)
