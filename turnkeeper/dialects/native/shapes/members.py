"""Members, and who is behind a key, on the wire."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from turnkeeper.core.accounts import AccountKind, Role, Scope
from turnkeeper.dialects.native.shapes.common import AccountId, Moment
from turnkeeper.dialects.native.shapes.keys import KeyShape, Name
from turnkeeper.dialects.native.shapes.organizations import OrganizationShape

Password = Annotated[str, Meta(min_length=8, max_length=1_000)]


class MemberShape(msgspec.Struct, kw_only=True):
    """A person, or a program, of the organization."""

    id: AccountId
    kind: Annotated[
        AccountKind, Meta(description="`user`: a person; `service`: a program, which signs in with keys only.")
    ]
    name: Annotated[str, Meta(description="The e-mail address of a person.")]
    role: Annotated[Role, Meta(description="`admin` sees and changes all of the organization.")]
    is_active: Annotated[bool, Meta(description="The keys of an account that is not are refused.")]
    is_operator: Annotated[bool, Meta(description="Whether it may make organizations, as long as it is an admin.")]
    created_at: Moment


class MembersShape(msgspec.Struct, kw_only=True):
    """A part of the members, newest first."""

    items: list[MemberShape]
    has_more: bool
    next_cursor: Annotated[str | None, Meta(description="Hand it back as `cursor`; null on the last page.")]


class CreateMemberBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A member to be added: a person has `email` and `password`, a program has a `name`."""

    kind: AccountKind
    email: Annotated[str | UnsetType, Meta(description="Of a person.")] = UNSET
    password: Annotated[Password | UnsetType, Meta(description="Of a person: the first one.")] = UNSET
    name: Annotated[Name | UnsetType, Meta(description="Of a program.")] = UNSET
    role: Literal["admin", "member"] = "member"


class ChangeMemberBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is to be different; what is left out stays."""

    role: Role | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET
    password: Annotated[Password | UnsetType, Meta(description="Of a person.")] = UNSET


class InvitationShape(msgspec.Struct, kw_only=True):
    """A way in for one person, once."""

    code: Annotated[str | None, Meta(description="Null when the same request was made before: no code is stored.")]
    path: Annotated[
        str | None,
        Meta(description="Behind the server's address it is a link that signs in.", examples=["/sign-in#code=tkc_…"]),
    ]
    expires_in_seconds: int


class PasswordBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A new password for oneself."""

    current_password: Annotated[
        str | UnsetType,
        Meta(description="Not needed in a session that was begun with a one-time code less than an hour ago."),
    ] = UNSET
    new_password: Password


class MeShape(msgspec.Struct, kw_only=True):
    """Who asks, and with what."""

    organization: OrganizationShape
    account: MemberShape
    key: KeyShape
    scopes: Annotated[list[Scope], Meta(description="What this key may be used for, given its account's role.")]
