"""What the native dialect promises of conversations."""

from collections.abc import Mapping

from tests.dialects.requirement import Requirement

_OURS = "docs/dialects/native.md"

REQUIREMENTS: Mapping[str, Requirement] = {
    "native.conversations.get": Requirement(source=_OURS, behaviour="A conversation is read without its messages."),
    "native.idempotency": Requirement(
        source=_OURS, behaviour="Every POST takes an Idempotency-Key: done once, answered alike."
    ),
}
