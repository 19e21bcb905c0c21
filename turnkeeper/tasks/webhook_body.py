"""What a webhook is sent: a type, a moment, and what happened, with ids as the native dialect writes them."""

from collections.abc import Mapping
from datetime import UTC
from uuid import UUID

import msgspec

from turnkeeper.core.ids import from_uuid, prefixed
from turnkeeper.core.webhooks import LONGEST_TEXT_SENT
from turnkeeper.store.webhook_sending import Content, Due

_PREFIXES: Mapping[str, str] = {
    "conversation_id": "conv",
    "message_id": "msg",
    "agent_id": "agt",
    "approval_id": "apr",
    "schedule_id": "sch",
    "webhook_id": "whk",
    "data_set_id": "ds",
    "sync_id": "sync",
    "by": "msg",
    "into": "msg",
}
_INTERNAL = frozenset({"reply_id", "attempt", "resumes_at"})
_ENDS = frozenset({"message.completed", "message.failed", "message.cancelled"})

Json = dict[str, object]


def body_of(due: Due, content: Content) -> str:
    """The JSON text; what the event log no longer has is left out."""
    data = {name: _spelled(name, value) for name, value in _decoded(due.about).items()}
    if due.event is not None:
        data["event"] = due.event
    if content.event is not None:
        happened = {name: value for name, value in _decoded(content.event).items() if name not in _INTERNAL}
        data |= {name: _spelled(name, value) for name, value in happened.items()}
    if due.type == "message.queued" and content.text is not None:
        data["text"] = content.text
    if due.type in _ENDS and content.reply_id is not None:
        data["reply"] = _reply(content.reply_id, content)
    occurred_at = due.created_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return msgspec.json.encode({"type": due.type, "timestamp": occurred_at, "data": _cut(data)}).decode()


def _reply(reply_id: UUID, content: Content) -> Json:
    return _cut({"id": prefixed("msg", reply_id), "role": content.reply_role, "text": content.reply_text or ""})


def _cut(data: Json) -> Json:
    """Long texts are cut, and named under `cut`."""
    long = [name for name, value in data.items() if isinstance(value, str) and len(value) > LONGEST_TEXT_SENT]
    if not long:
        return data
    return {**data, **{name: str(data[name])[:LONGEST_TEXT_SENT] for name in long}, "cut": long}


def _spelled(name: str, value: object) -> object:
    prefix = _PREFIXES.get(name)
    found = from_uuid(value) if prefix is not None and isinstance(value, str) else None
    return value if prefix is None or found is None else prefixed(prefix, found)


def _decoded(text: str) -> Json:
    return msgspec.json.decode(text, type=Json)
