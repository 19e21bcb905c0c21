"""Keys in the dialect's words."""

from datetime import UTC, datetime

from turnkeeper.actions.keys import ShownKey
from turnkeeper.core.accounts import ALL_SCOPES, OwnedKey, Scope
from turnkeeper.core.ids import prefixed
from turnkeeper.dialects.native.shapes.common import moment
from turnkeeper.dialects.native.shapes.keys import KeyShape, NewKeyShape

SCOPES: tuple[Scope, ...] = ("read", "converse", "manage_agents", "manage_data", "admin")
"""In the order in which they are shown."""
assert set(SCOPES) == ALL_SCOPES


def key_shape(owned: OwnedKey) -> KeyShape:
    """A key in the dialect's words."""
    key = owned.key
    return KeyShape(
        id=prefixed("key", key.public_id),
        name=key.name,
        prefix=key.prefix,
        state=key.state_at(datetime.now(UTC)),
        account_id=prefixed("acc", owned.owner),
        account=owned.owner_name,
        scopes=[scope for scope in SCOPES if scope in key.scopes],
        requests_per_minute=key.requests_per_minute,
        created_at=moment(key.created_at),
        expires_at=_moment(key.expires_at),
        last_used_at=_moment(key.last_used_at),
        revoked_at=_moment(key.revoked_at),
        old_secret_until=_moment(key.replaced_until),
    )


def new_key_shape(shown: ShownKey) -> NewKeyShape:
    """A key with its secret in the dialect's words."""
    key = key_shape(shown.owned)
    return NewKeyShape(**{name: getattr(key, name) for name in key.__struct_fields__}, secret=shown.secret)


def _moment(at: datetime | None) -> str | None:
    return None if at is None else moment(at)
