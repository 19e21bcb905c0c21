"""The operations on keys."""

from collections.abc import Mapping
from typing import get_args

from turnkeeper.core.accounts import KeyState
from turnkeeper.dialects.native.operations.parameters import CURSOR, KEY, LIMIT, LOCATION, REPLAYED
from turnkeeper.dialects.native.operations.problems import conflict, missing, problem, wrong
from turnkeeper.dialects.native.shapes.keys import (
    ChangeKeyBody,
    CreateKeyBody,
    KeyShape,
    KeysShape,
    NewKeyShape,
    RotateKeyBody,
)
from turnkeeper.http_kit.openapi import Operation, Parameter, Reply

_ID = "key_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0K"
_ONE = Parameter(name="key_id", where="path", description="The key: `key_…`.")
KEY_EXAMPLE: Mapping[str, object] = {
    "id": _ID,
    "name": "shop website",
    "prefix": "tk_AbCdEfGh",
    "state": "live",
    "account_id": "acc_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0D",
    "account": "shop",
    "scopes": ["read", "converse"],
    "requests_per_minute": 600,
    "created_at": "2026-04-12T18:45:12.000Z",
    "expires_at": "2026-07-11T18:45:12.000Z",
    "last_used_at": "2026-04-12T18:47:20.105Z",
    "revoked_at": None,
    "old_secret_until": None,
}
NEW_KEY_EXAMPLE: Mapping[str, object] = {
    **KEY_EXAMPLE,
    "last_used_at": None,
    "secret": "tk_AbCdEfGh0123456789abcdefghijklmnopqrstuvwxyzAB",
}
_NO_KEY = missing("key", _ID)
_REACH = problem(
    403,
    "scope_missing",
    "Your key lacks the scope 'admin', so it can neither give it nor change a key that has it.",
    description="Your key lacks the scope of this operation, or one that the key has or is to have; or `not_allowed`: "
    "only admins set rates.",
)

LIST = Operation(
    method="get",
    path="/keys",
    name="listKeys",
    tag="Keys",
    scope="read",
    summary="List keys",
    description="Newest first, revoked ones too. Your own; with the scope `admin`, all of the organization.",
    parameters=(
        Parameter(name="account", where="query", description="Only those of this account: `acc_…`."),
        Parameter(
            name="state",
            where="query",
            description="Only those in this state.",
            schema={"type": "string", "enum": list(get_args(KeyState))},
        ),
        LIMIT,
        CURSOR,
    ),
    replies=(
        Reply(
            status=200,
            description="A page.",
            shape=KeysShape,
            example={"items": [KEY_EXAMPLE], "has_more": False, "next_cursor": None},
        ),
        wrong("The parameter 'limit' must be a whole number from 1 to 100.", "invalid", parameter="limit"),
        missing("account", "acc_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0D"),
    ),
)

CREATE = Operation(
    method="post",
    path="/keys",
    name="createKey",
    tag="Keys",
    scope="converse",
    summary="Make a key",
    description="For yourself; with the scope `admin`, for any account. It gets no scope that your key lacks. Made without "
    "the scope `admin`, it is revoked with the key that made it, expires with it at the latest, and has its limit of "
    "requests.",
    parameters=(KEY,),
    request=CreateKeyBody,
    request_example={"name": "shop website", "scopes": ["read", "converse"], "expires_at": "2026-07-11T18:45:12Z"},
    replies=(
        Reply(
            status=201,
            description="The key with its secret, which is told here and never again.",
            shape=NewKeyShape,
            example=NEW_KEY_EXAMPLE,
            headers={**REPLAYED, **LOCATION},
        ),
        wrong("The field 'name' is missing; it is a string.", "missing", pointer="/name"),
        _REACH,
        missing("account", "acc_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0D"),
        conflict(
            "too_many_keys",
            "The account has 100 live keys already; revoke some before.",
            description="The account has 100 live keys already.",
        ),
    ),
)

GET = Operation(
    method="get",
    path="/keys/{key_id}",
    name="getKey",
    tag="Keys",
    scope="read",
    summary="Get a key",
    description="Without its secret, which is stored nowhere.",
    parameters=(_ONE,),
    replies=(Reply(status=200, description="The key.", shape=KeyShape, example=KEY_EXAMPLE), _NO_KEY),
)

CHANGE = Operation(
    method="patch",
    path="/keys/{key_id}",
    name="changeKey",
    tag="Keys",
    scope="converse",
    summary="Rename a key, or set its rate",
    description="What a key may be used for does not change: make another one.",
    parameters=(_ONE, KEY),
    request=ChangeKeyBody,
    request_example={"name": "shop website, live"},
    replies=(
        Reply(status=200, description="The key.", shape=KeyShape, example=KEY_EXAMPLE, headers=REPLAYED),
        wrong("The field 'name' is blank; say something.", "blank", pointer="/name"),
        _REACH,
        _NO_KEY,
    ),
)

REVOKE = Operation(
    method="delete",
    path="/keys/{key_id}",
    name="revokeKey",
    tag="Keys",
    scope="converse",
    summary="Revoke a key",
    description="At once, on every node, with the keys that it made. Revoking it again changes nothing.",
    parameters=(_ONE, KEY),
    replies=(
        Reply(
            status=200,
            description="The key, revoked.",
            shape=KeyShape,
            example={**KEY_EXAMPLE, "state": "revoked", "revoked_at": "2026-04-12T19:00:00.000Z"},
            headers=REPLAYED,
        ),
        _REACH,
        _NO_KEY,
    ),
)

ROTATE = Operation(
    method="post",
    path="/keys/{key_id}/rotate",
    name="rotateKey",
    tag="Keys",
    scope="converse",
    summary="Give a key a new secret",
    description="The old one is refused at once, or after `grace_seconds`. Id, name, scopes and limits stay.",
    parameters=(_ONE, KEY),
    request=RotateKeyBody,
    needs_request=False,
    request_example={"grace_seconds": 3600},
    replies=(
        Reply(
            status=200,
            description="The key with its new secret, which is told here and never again.",
            shape=NewKeyShape,
            example={**NEW_KEY_EXAMPLE, "old_secret_until": "2026-04-12T19:45:12.000Z"},
            headers=REPLAYED,
        ),
        wrong(
            "The field 'grace_seconds' must be a whole number from 0 to 604,800.", "invalid", pointer="/grace_seconds"
        ),
        _REACH,
        _NO_KEY,
        conflict(
            "key_not_live",
            "The key 'shop website' opens nothing any more; make a new one.",
            description="The key is expired or revoked.",
        ),
    ),
)
