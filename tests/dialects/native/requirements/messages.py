"""What the native dialect promises of messages by their ids."""

from collections.abc import Mapping

from tests.dialects.requirement import Requirement

_OURS = "docs/dialects/native.md"

REQUIREMENTS: Mapping[str, Requirement] = {
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
    "native.messages.edit": Requirement(
        source=_OURS,
        behaviour="POST messages/{id}/edit leaves the talk from there on behind and has another message answered there.",
    ),
    "native.messages.regenerate": Requirement(
        source=_OURS,
        behaviour="POST messages/{id}/regenerate has a message answered once more, by its own id or that of its reply.",
    ),
    "native.messages.busy": Requirement(
        source=_OURS,
        behaviour="What cannot be done while a message is unfinished is 409 busy.",
    ),
    "native.messages.feedback": Requirement(
        source=_OURS,
        behaviour="Each account has one opinion of a reply, which is shown with it, replaced by PUT, forgotten by DELETE.",
    ),
    "native.messages.queue": Requirement(
        source=_OURS,
        behaviour="A queued message says how many are before it in its conversation and in the queue.",
    ),
    "native.messages.together": Requirement(
        source=_OURS,
        behaviour="A message that an earlier one's turn took in names that one, and shows its reply.",
    ),
}
