"""The operations on webhooks."""

from collections.abc import Mapping

from turnkeeper.core.webhooks import FACTS
from turnkeeper.dialects.native.operations.parameters import CURSOR, KEY, LIMIT, LOCATION, REPLAYED
from turnkeeper.dialects.native.operations.problems import conflict, missing, problem, wrong
from turnkeeper.dialects.native.shapes.webhooks import (
    DeliveryShape,
    MadeWebhookShape,
    NewWebhookBody,
    RotateBody,
    WebhookBody,
    WebhookShape,
    WebhooksShape,
)
from turnkeeper.http_kit.openapi import Operation, Parameter, Reply

_ID = "whk_01JZ3M6D2V7Z6R5T4W3X2Y1Z0C"
WEBHOOK = Parameter(name="webhook_id", where="path", description="The webhook: `whk_…`.")

WEBHOOK_EXAMPLE: Mapping[str, object] = {
    "id": _ID,
    "url": "https://example.com/hooks",
    "description": "Tells the help desk.",
    "types": ["approval.*", "message.completed"],
    "agents": None,
    "enabled": True,
    "disabled_reason": None,
    "failing_since": None,
    "waiting": 0,
    "old_secret_until": None,
    "created_at": "2026-04-12T18:45:12.000Z",
    "updated_at": "2026-04-12T18:45:12.000Z",
}
_MADE_EXAMPLE: Mapping[str, object] = {**WEBHOOK_EXAMPLE, "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
DELIVERY_EXAMPLE: Mapping[str, object] = {
    "id": "dlv_01JZ3M7A2V7Z6R5T4W3X2Y1Z0C",
    "webhook_id": _ID,
    "type": "webhook.test",
    "state": "waiting",
    "attempts": 0,
    "next_attempt_at": None,
    "body": None,
    "created_at": "2026-04-12T18:45:13.000Z",
    "ended_at": None,
    "log": [],
}

NO_WEBHOOK = missing("webhook", _ID)
ADMINS_ONLY = problem(
    403,
    "not_allowed",
    "Only an admin of the organization may see and change its webhooks; ask one of them.",
    description="The key's account is no admin; or `scope_missing`.",
)
DISABLED = conflict(
    "webhook_disabled", "The webhook is switched off; switch it on first.", description="It is switched off."
)
_NO_KEY = conflict(
    "vault_key_missing",
    "The vault has no key; set TURNKEEPER_VAULT_KEY to 32 random bytes in base64.",
    description="The server has no vault to keep the secret in; or `too_many_webhooks`.",
)
_BAD_URL = wrong(
    "'10.0.0.7' has an address that is not one of the public internet; the operator may allow such with "
    "TURNKEEPER_WEBHOOK_PRIVATE_ADDRESSES.",
    "private_address",
    pointer="/url",
)
_FACTS = "\n".join(f"- `{name}`: {sentence}" for name, sentence in FACTS.items())

LIST = Operation(
    method="get",
    path="/webhooks",
    name="listWebhooks",
    tag="Webhooks",
    scope="admin",
    summary="The organization's webhooks",
    description="Newest first, without their secrets.",
    parameters=(LIMIT, CURSOR),
    replies=(
        Reply(
            status=200,
            description="A page.",
            shape=WebhooksShape,
            example={"items": [WEBHOOK_EXAMPLE], "has_more": False, "next_cursor": None},
        ),
        wrong("The parameter 'limit' must be a whole number from 1 to 100.", "invalid", parameter="limit"),
        ADMINS_ONLY,
    ),
)

CREATE = Operation(
    method="post",
    path="/webhooks",
    name="createWebhook",
    tag="Webhooks",
    scope="admin",
    summary="Register a webhook",
    description=(
        "From now on the address is sent what happens in the organization, signed as Standard Webhooks 1.0 says: headers "
        "`webhook-id`, `webhook-timestamp` and `webhook-signature`. Answer with any status from 200 to 299 within 10 "
        "seconds; everything else is tried again, for three days. One request is under way at a time, in the order in "
        "which things happened; what keeps failing steps aside after some minutes. The same delivery may come twice, with "
        "the same `webhook-id`. The secret is shown now and never again.\n\nTypes:\n\n" + _FACTS
    ),
    parameters=(KEY,),
    request=NewWebhookBody,
    request_example={
        "url": "https://example.com/hooks",
        "description": "Tells the help desk.",
        "types": ["approval.*", "message.completed"],
        "agents": None,
        "enabled": None,
    },
    replies=(
        Reply(
            status=201,
            description="The webhook, with its secret.",
            shape=MadeWebhookShape,
            example=_MADE_EXAMPLE,
            headers={**LOCATION, **REPLAYED},
        ),
        _BAD_URL,
        ADMINS_ONLY,
        _NO_KEY,
    ),
)

GET = Operation(
    method="get",
    path="/webhooks/{webhook_id}",
    name="getWebhook",
    tag="Webhooks",
    scope="admin",
    summary="Get a webhook",
    description="How it stands, without its secret.",
    parameters=(WEBHOOK,),
    replies=(
        Reply(status=200, description="The webhook.", shape=WebhookShape, example=WEBHOOK_EXAMPLE),
        ADMINS_ONLY,
        NO_WEBHOOK,
    ),
)

CHANGE = Operation(
    method="patch",
    path="/webhooks/{webhook_id}",
    name="changeWebhook",
    tag="Webhooks",
    scope="admin",
    summary="Change a webhook",
    description=(
        "What is left out stays. Switched off, it is told nothing; switched on again, it is sent what was waiting before, "
        "but not what happened meanwhile."
    ),
    parameters=(WEBHOOK, KEY),
    request=WebhookBody,
    request_example={"enabled": True},
    replies=(
        Reply(status=200, description="The webhook.", shape=WebhookShape, example=WEBHOOK_EXAMPLE, headers=REPLAYED),
        _BAD_URL,
        ADMINS_ONLY,
        NO_WEBHOOK,
    ),
)

DELETE = Operation(
    method="delete",
    path="/webhooks/{webhook_id}",
    name="deleteWebhook",
    tag="Webhooks",
    scope="admin",
    summary="Delete a webhook",
    description="With its secrets and deliveries. What is on its way may still arrive.",
    parameters=(WEBHOOK, KEY),
    replies=(
        Reply(status=204, description="It is deleted.", shape=None, example=None, headers=REPLAYED),
        ADMINS_ONLY,
        NO_WEBHOOK,
    ),
)

ROTATE = Operation(
    method="post",
    path="/webhooks/{webhook_id}/rotate",
    name="rotateWebhookSecret",
    tag="Webhooks",
    scope="admin",
    summary="Replace the secret",
    description=(
        "Deliveries are signed with the new secret and, for the grace time, with the older ones too: `webhook-signature` "
        "has a signature of each. Receivers that check with either go on working."
    ),
    parameters=(WEBHOOK, KEY),
    request=RotateBody,
    needs_request=False,
    request_example={"grace_hours": 48.0},
    replies=(
        Reply(
            status=200,
            description="The webhook, with its new secret.",
            shape=MadeWebhookShape,
            example={**_MADE_EXAMPLE, "old_secret_until": "2026-04-14T18:45:12.000Z"},
            headers=REPLAYED,
        ),
        wrong("The field 'grace_hours' must be a number from 0 to 168.", "invalid", pointer="/grace_hours"),
        ADMINS_ONLY,
        NO_WEBHOOK,
        _NO_KEY,
    ),
)

TEST = Operation(
    method="post",
    path="/webhooks/{webhook_id}/test",
    name="testWebhook",
    tag="Webhooks",
    scope="admin",
    summary="Send a test",
    description=(
        "A delivery of type `webhook.test`, sent beside what waits. Its log, at `Location`, says what came of it. The body "
        "is empty, or `{}`."
    ),
    parameters=(WEBHOOK, KEY),
    replies=(
        Reply(
            status=202,
            description="The delivery.",
            shape=DeliveryShape,
            example=DELIVERY_EXAMPLE,
            headers={**LOCATION, **REPLAYED},
        ),
        wrong("The field 'x' is not known here; it takes none.", "unknown_field", pointer="/x"),
        ADMINS_ONLY,
        NO_WEBHOOK,
        DISABLED,
    ),
)
