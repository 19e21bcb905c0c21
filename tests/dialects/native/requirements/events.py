"""What the native dialect promises of logs."""

from collections.abc import Mapping

from tests.dialects.requirement import Requirement

_OURS = "docs/streams.md"

REQUIREMENTS: Mapping[str, Requirement] = {
    "native.events.shapes": Requirement(
        source=_OURS,
        behaviour="Every kind of event has a public shape: ids with prefixes, one JSON object on one line.",
    ),
    "native.events.pages": Requirement(
        source=_OURS, behaviour="The log is read in pages after a number; Prefer: wait=N waits for what comes next."
    ),
    "native.events.stream": Requirement(
        source="HTML, server-sent events",
        behaviour="The same log is a stream: id, event and data in each frame, live, with a last frame that says why.",
    ),
    "native.events.resume": Requirement(
        source=_OURS, behaviour="A stream that is cut anywhere goes on after Last-Event-ID without gap or repeat."
    ),
    "native.events.access": Requirement(
        source=_OURS, behaviour="A revoked key ends its streams; what is not the caller's is 404."
    ),
    "native.events.snapshot": Requirement(
        source=_OURS, behaviour="A snapshot and the events after its last_event together are the whole."
    ),
    "native.events.sockets": Requirement(
        source="RFC 6455",
        behaviour="A WebSocket carries the same JSON; the key comes in a header or as the first message.",
    ),
}
