"""The parameters that limit every query to what its caller may see."""

from turnkeeper.core.accounts import Caller


def scope(caller: Caller) -> dict[str, object]:
    """`organization`, `account` and `is_admin`, as the conditions of this room name them."""
    return {
        "organization": caller.organization_id,
        "account": caller.account_id,
        "is_admin": caller.role == "admin",
    }
