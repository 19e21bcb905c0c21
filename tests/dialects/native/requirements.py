"""What the native dialect promises. It is ours: its source is its own contract."""

from collections.abc import Mapping

from tests.dialects.requirement import Requirement

_OURS = "docs/dialects/native.md"
_APPROVALS = "docs/approvals.md"

REQUIREMENTS: Mapping[str, Requirement] = {
    "native.approvals.list": Requirement(
        source=_APPROVALS,
        behaviour="Approvals are listed newest first, by state, conversation and message, in pages behind opaque cursors.",
    ),
    "native.approvals.visible": Requirement(
        source=_APPROVALS,
        behaviour="Admins see all approvals of the organization, others those of their own conversations.",
    ),
    "native.approvals.decide": Requirement(
        source=_APPROVALS,
        behaviour="A decision lets the turn go on: approved calls are made, denied ones are not, and the model reads why.",
    ),
    "native.approvals.once": Requirement(
        source=_APPROVALS,
        behaviour="The same decision again gets the first one; another one is 409 already_decided.",
    ),
    "native.approvals.who": Requirement(
        source=_APPROVALS,
        behaviour="Admins decide, and owners of the conversation where the agent's policy says so.",
    ),
    "native.approvals.withdrawn": Requirement(
        source=_APPROVALS,
        behaviour="Nothing is left to decide about a message that is finished.",
    ),
    "native.approvals.not-dropped": Requirement(
        source=_APPROVALS,
        behaviour="A new message does not drop an approval: it is answered after the message that waits.",
    ),
    "native.messages.standing": Requirement(
        source=_OURS,
        behaviour="A message is read with its status, what it waits for, why it failed, and its reply.",
    ),
    "native.messages.wait": Requirement(
        source="RFC 7240",
        behaviour="Prefer: wait=N on GET messages/{id} answers at the end of the message or after N seconds.",
    ),
    "native.messages.any-id": Requirement(
        source=_OURS,
        behaviour="Messages and conversations are found by the ids of every dialect.",
    ),
    "native.messages.cancel": Requirement(
        source=_OURS,
        behaviour="Cancelling stops the model's call, keeps what was said, and leaves what is finished as it is.",
    ),
    "native.messages.cancel-parked": Requirement(
        source=_OURS,
        behaviour="Cancelling a message that waits for people withdraws its questions; later messages are answered.",
    ),
    "native.conversations.get": Requirement(source=_OURS, behaviour="A conversation is read without its messages."),
    "native.idempotency": Requirement(
        source=_OURS, behaviour="Every POST takes an Idempotency-Key: done once, answered alike."
    ),
    "native.errors.table": Requirement(
        source="RFC 9457", behaviour="Each kind of error has its status, its code and a sentence."
    ),
    "native.errors.sign-in": Requirement(
        source=_OURS, behaviour="Bearer, Token and X-API-Key mean the same; what is no good key is 401 with a code."
    ),
    "native.errors.bad-requests": Requirement(
        source=_OURS,
        behaviour="What cannot be used is refused with every fault and its place, unknown names included, and changes "
        "nothing.",
    ),
    "native.errors.unknown-ids": Requirement(
        source=_OURS, behaviour="Ids that are none, that nothing has, or that are another organization's, are 404."
    ),
    "native.http": Requirement(
        source="RFC 9110", behaviour="HEAD is like GET; unknown paths are 404 and unknown methods 405 with Allow."
    ),
    "native.openapi": Requirement(
        source="OpenAPI 3.1", behaviour="Every route is described with true examples; the document is committed."
    ),
}
