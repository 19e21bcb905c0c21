"""The query of the list of keys."""

from typing import get_args

from turnkeeper.core.accounts import KeyFilter, KeyState, OwnedKey
from turnkeeper.dialects.native.queries.reading import Parameters, id_of, word
from turnkeeper.dialects.native.translate.ids import account_in
from turnkeeper.http_kit.paging import cursor_of

_KNOWN = ("account", "state", "limit", "cursor")
_STATES: tuple[KeyState, ...] = get_args(KeyState)
_ORDER = "keys"


def key_filter(query: bytes) -> KeyFilter:
    """What is wanted.

    Raises:
        FaultsError: a parameter cannot be used.
    """
    fields = Parameters(query, known=_KNOWN)
    behind = fields.position(_ORDER)
    wanted = KeyFilter(
        account=fields.read("account", id_of(account_in, "account", "acc")),
        state=fields.read("state", word("state", _STATES)),
        before=None if behind is None else behind[1],
        limit=fields.limit(),
    )
    fields.check()
    return wanted


def cursor_behind(owned: OwnedKey) -> str:
    """The cursor for what was made before this one."""
    return cursor_of(owned.key.created_at, owned.key.id, _ORDER)
