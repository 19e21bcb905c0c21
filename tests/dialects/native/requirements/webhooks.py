"""What the native dialect promises of webhooks."""

from collections.abc import Mapping

from tests.dialects.requirement import Requirement

_WEBHOOKS = "docs/webhooks.md"

REQUIREMENTS: Mapping[str, Requirement] = {
    "native.webhooks.life": Requirement(
        source=_WEBHOOKS,
        behaviour="Webhooks are registered, listed, changed, tested, rotated and deleted; secrets are shown once.",
    ),
    "native.webhooks.signed": Requirement(
        source="Standard Webhooks 1.0",
        behaviour="What is sent carries webhook-id, webhook-timestamp and webhook-signature.",
    ),
    "native.webhooks.deliveries": Requirement(
        source=_WEBHOOKS,
        behaviour="Deliveries are listed with their attempts, and sent again one by one or all since a time.",
    ),
    "native.webhooks.admins": Requirement(
        source=_WEBHOOKS, behaviour="Only admins see and change webhooks, and only those of their organization."
    ),
    "native.webhooks.refused": Requirement(
        source=_WEBHOOKS, behaviour="What cannot be registered is refused with every fault and its place."
    ),
}
