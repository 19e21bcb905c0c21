"""Members and organizations in the dialect's words."""

from turnkeeper.actions.keys import ShownKey
from turnkeeper.actions.organizations import NewOrganization
from turnkeeper.core.accounts import Account, Caller, Identity, Organization, OwnedKey, User
from turnkeeper.core.ids import prefixed
from turnkeeper.core.sessions import CODE_LIFE
from turnkeeper.dialects.native.shapes.common import moment
from turnkeeper.dialects.native.shapes.members import InvitationShape, MemberShape, MeShape
from turnkeeper.dialects.native.shapes.organizations import NewOrganizationShape, OrganizationShape
from turnkeeper.dialects.native.translate.keys import SCOPES, key_shape, new_key_shape


def member_shape(account: Account) -> MemberShape:
    """An account in the dialect's words."""
    return MemberShape(
        id=prefixed("acc", account.public_id),
        kind="user" if isinstance(account, User) else "service",
        name=_name(account),
        role=account.role,
        is_active=account.is_active,
        is_operator=account.is_operator and account.role == "admin",
        created_at=moment(account.created_at),
    )


def me_shape(identity: Identity, caller: Caller) -> MeShape:
    """Who asks, in the dialect's words."""
    account = identity.account
    owned = OwnedKey(key=identity.key, owner=account.public_id, owner_name=_name(account), owner_role=account.role)
    return MeShape(
        organization=organization_shape(identity.organization),
        account=member_shape(account),
        key=key_shape(owned),
        scopes=[scope for scope in SCOPES if scope in caller.scopes],
    )


def organization_shape(organization: Organization) -> OrganizationShape:
    """An organization in the dialect's words."""
    return OrganizationShape(
        id=prefixed("org", organization.public_id),
        name=organization.name,
        created_at=moment(organization.created_at),
    )


def new_organization_shape(made: NewOrganization) -> NewOrganizationShape:
    """A new organization in the dialect's words."""
    return NewOrganizationShape(
        id=prefixed("org", made.organization.public_id),
        name=made.organization.name,
        created_at=moment(made.organization.created_at),
        key=new_key_shape(ShownKey(owned=made.key, secret=made.secret)),
    )


def _name(account: Account) -> str:
    return account.email if isinstance(account, User) else account.name


def invitation_shape(code: str | None) -> InvitationShape:
    """A way in for one person."""
    return InvitationShape(
        code=code,
        path=None if code is None else f"/sign-in#code={code}",
        expires_in_seconds=int(CODE_LIFE.total_seconds()),
    )
