"""Keys on the wire."""

from typing import Annotated

import msgspec
from msgspec import Meta

from turnkeeper.core.accounts import KeyState, Scope
from turnkeeper.dialects.native.shapes.common import AccountId, Moment

KeyId = Annotated[str, Meta(examples=["key_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0K"])]
Rate = Annotated[int, Meta(ge=1, le=1_000_000)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]


class KeyShape(msgspec.Struct, kw_only=True):
    """A key; its secret is told once, when it is new."""

    id: KeyId
    name: str
    prefix: Annotated[str, Meta(description="What its secret begins with.", examples=["tk_AbCdEfGh"])]
    state: Annotated[KeyState, Meta(description="Only a `live` key opens anything.")]
    account_id: AccountId
    account: Annotated[str, Meta(description="The e-mail address, or the service account's name.")]
    scopes: Annotated[
        list[Scope], Meta(description="What it was given; what its account's role does not allow does not count.")
    ]
    requests_per_minute: Annotated[int | None, Meta(description="The most; null is the server's default.")]
    created_at: Moment
    expires_at: Annotated[Moment | None, Meta(description="null: it does not expire.")]
    last_used_at: Annotated[Moment | None, Meta(description="To some 10 seconds.")]
    revoked_at: Moment | None
    old_secret_until: Annotated[
        Moment | None, Meta(description="Until when the secret before the last rotation is good too.")
    ]


class NewKeyShape(KeyShape, kw_only=True):
    """A key with its new secret."""

    secret: Annotated[
        str | None,
        Meta(
            description="Told here and never again; null on the repeated answer to an Idempotency-Key: it is not stored."
        ),
    ]


class KeysShape(msgspec.Struct, kw_only=True):
    """A part of the keys, newest first."""

    items: list[KeyShape]
    has_more: bool
    next_cursor: Annotated[str | None, Meta(description="Hand it back as `cursor`; null on the last page.")]


class CreateKeyBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A key to be made."""

    name: Name
    account_id: Annotated[AccountId | None, Meta(description="Whose; your own without it. Others are for admins.")] = (
        None
    )
    scopes: Annotated[
        list[Scope] | None, Meta(description="All that your key has and the account's role allows, when left out.")
    ] = None
    expires_at: Annotated[Moment | None, Meta(description="Never, or with the key that asks, when left out.")] = None
    requests_per_minute: Annotated[Rate | None, Meta(description="For admins only.")] = None


class ChangeKeyBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is to be different; what is left out stays."""

    name: Name | None = None
    requests_per_minute: Annotated[
        Rate | None, Meta(description="For admins only; null takes the key's own limit away.")
    ] = None


class RotateKeyBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How a secret is replaced."""

    grace_seconds: Annotated[
        int,
        Meta(ge=0, le=604_800, description="How long the old secret is good too: none when left out, 7 days at most."),
    ] = 0
