"""The queries of the lists of members and of organizations."""

from typing import get_args

from turnkeeper.core.accounts import Account, AccountKind, MemberFilter, Organization, Role
from turnkeeper.dialects.native.queries.reading import Parameters, flag, word
from turnkeeper.http_kit.paging import cursor_of

_KINDS: tuple[AccountKind, ...] = get_args(AccountKind)
_ROLES: tuple[Role, ...] = get_args(Role)
_MEMBERS = "members"
_ORGANIZATIONS = "organizations"


def member_filter(query: bytes) -> MemberFilter:
    """Which members are wanted.

    Raises:
        FaultsError: a parameter cannot be used.
    """
    fields = Parameters(query, known=("kind", "role", "is_active", "limit", "cursor"))
    behind = fields.position(_MEMBERS)
    wanted = MemberFilter(
        kind=fields.read("kind", word("kind", _KINDS)),
        role=fields.read("role", word("role", _ROLES)),
        is_active=fields.read("is_active", flag("is_active")),
        before=None if behind is None else behind[1],
        limit=fields.limit(),
    )
    fields.check()
    return wanted


def organization_page(query: bytes) -> tuple[int | None, int]:
    """Behind which organization the page begins, and how many are wanted. Raises as `member_filter`."""
    fields = Parameters(query, known=("limit", "cursor"))
    behind, limit = fields.position(_ORGANIZATIONS), fields.limit()
    fields.check()
    return None if behind is None else behind[1], limit


def cursor_behind_member(account: Account) -> str:
    """The cursor for what was made before this one."""
    return cursor_of(account.created_at, account.id, _MEMBERS)


def cursor_behind_organization(organization: Organization) -> str:
    """The cursor for what was made before this one."""
    return cursor_of(organization.created_at, organization.id, _ORGANIZATIONS)
