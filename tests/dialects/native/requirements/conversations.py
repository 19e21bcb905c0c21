"""What the native dialect promises of conversations."""

from collections.abc import Mapping

from tests.dialects.requirement import Requirement

_OURS = "docs/dialects/native.md"
_HOW = "docs/conversations.md"

REQUIREMENTS: Mapping[str, Requirement] = {
    "native.conversations.get": Requirement(
        source=_OURS,
        behaviour="A conversation says who answers, how it stands, how it is labelled, what it cost, and the "
        "number of its newest event.",
    ),
    "native.conversations.create": Requirement(
        source=_HOW,
        behaviour="A conversation begins with an agent, by id or slug; with a data set in the place of the agent's, labels, "
        "and a first message, which is answered at once.",
    ),
    "native.conversations.send": Requirement(
        source=_HOW,
        behaviour="A message is accepted with 202 and its address; with `Prefer: wait=N` it is 200 "
        "when it was finished in time.",
    ),
    "native.conversations.messages": Requirement(
        source=_HOW,
        behaviour="The messages of a conversation come in pages, each followed by its reply, oldest or newest first.",
    ),
    "native.conversations.list": Requirement(
        source=_HOW,
        behaviour="Conversations are listed by agent, status, origin, account, times, tags and metadata, in four "
        "orders, in pages behind opaque cursors; members see their own, admins all.",
    ),
    "native.conversations.search": Requirement(
        source=_HOW,
        behaviour="A search finds words of messages, in the syntax of web searches, and shows where.",
    ),
    "native.conversations.change": Requirement(
        source=_HOW,
        behaviour="Title, tags, metadata and archive are changed one by one; `If-Match` keeps others' "
        "changes from being lost.",
    ),
    "native.conversations.delete": Requirement(
        source=_HOW,
        behaviour="A deleted conversation is gone at every door with all that belongs to it, also while it is answered.",
    ),
    "native.conversations.fork": Requirement(
        source=_HOW,
        behaviour="A fork has everything up to a message and its reply, as the agent remembers it; nothing is done again.",
    ),
    "native.conversations.export": Requirement(
        source=_HOW,
        behaviour="A conversation is written down as JSON and as Markdown; an import of the JSON, exported again, is the "
        "same byte by byte.",
    ),
    "native.conversations.import": Requirement(
        source=_HOW,
        behaviour="A bad file gets every fault with a JSON Pointer, and nothing of it is written.",
    ),
    "native.idempotency": Requirement(
        source=_OURS, behaviour="Every POST takes an Idempotency-Key: done once, answered alike."
    ),
}
