"""What a change of an account is called in the audit log."""

from turnkeeper.core.accounts import Account, Role


def changes_of(account: Account, *, role: Role | None, is_active: bool | None, password: str | None) -> list[str]:
    """The actions that make it what is wanted; None stays as it is, and what is so already is no change."""
    found: list[str] = []
    if role is not None and role != account.role:
        found.append("member.role_changed")
    if is_active is not None and is_active != account.is_active:
        found.append("member.activated" if is_active else "member.deactivated")
    if password is not None:
        found.append("member.password_changed")
    return found
