"""What keys may be made of, whoever makes them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from turnkeeper.core.accounts import NewKey, Scope
from turnkeeper.core.errors import InvalidError
from turnkeeper.core.ids import prefixed

LONGEST_GRACE_SECONDS = 7 * 86_400
_LONGEST_LIFE = timedelta(days=36_500)


def scopes_refused(excess: Iterable[Scope], *, whose: str) -> str:
    """The sentence about scopes that cannot be given, or about none at all."""
    named = ", ".join(repr(scope) for scope in sorted(excess))
    return f"{whose} cannot give a key {named}." if named else "A key needs at least one scope."


def key_details(account: UUID, new: NewKey) -> dict[str, object]:
    """What the audit log says of a key that is made."""
    return {"account_id": prefixed("acc", account), "scopes": sorted(new.scopes), "expires_at": new.expires_at}


def check_grace(seconds: int) -> None:
    """Refuse a time for a replaced secret that is out of bounds.

    Raises:
        InvalidError: field `grace_seconds`.
    """
    if not 0 <= seconds <= LONGEST_GRACE_SECONDS:
        raise InvalidError(
            "grace_seconds", f"The old secret can be good for 0 to {LONGEST_GRACE_SECONDS:,} more seconds."
        )


def check_expiry(expires_at: datetime | None) -> None:
    """Refuse a moment that is over or absurd.

    Raises:
        InvalidError: field `expires_at`.
    """
    now = datetime.now(UTC)
    if expires_at is not None and not now < expires_at <= now + _LONGEST_LIFE:
        raise InvalidError("expires_at", "A key expires in the future, within a hundred years; leave it out for never.")
