"""One-time codes, which sign a person in with a browser: made by admins for their members, and by operators."""

from turnkeeper.core.accounts import Account, User
from turnkeeper.core.audit import Actor
from turnkeeper.core.errors import InvalidError
from turnkeeper.core.ids import prefixed
from turnkeeper.core.keys import digest_of
from turnkeeper.store import audit, sessions
from turnkeeper.store.database import Connection


async def keep_code(connection: Connection, actor: Actor, account: Account, *, code: str, field: str) -> None:
    """Have a code sign this person in once, within an hour. Takes a transaction, as its last thing.

    Raises:
        InvalidError: on `field`: the account is a program's, or not active.
    """
    if not isinstance(account, User):
        raise InvalidError(field, f"{account.name!r} is a service account; these sign in with keys only.")
    if not account.is_active:
        raise InvalidError(field, f"{account.email!r} is not active; let it in again before.")
    await sessions.create_code(connection, account_id=account.id, digest=digest_of(code))
    details = {"account_id": prefixed("acc", account.public_id)}
    await audit.append(connection, actor, "session.code_made", details=details)
