"""Sessions of browsers, on the wire."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from turnkeeper.core.accounts import Scope
from turnkeeper.dialects.native.shapes.common import Moment
from turnkeeper.dialects.native.shapes.members import MemberShape
from turnkeeper.dialects.native.shapes.organizations import OrganizationShape

SessionId = Annotated[str, Meta(description="`ses_…`")]


class SignInBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """`email` and `password`, or a one-time `code`."""

    email: str | UnsetType = UNSET
    password: str | UnsetType = UNSET
    code: Annotated[str | UnsetType, Meta(description="From a link: `turnkeeper accounts link` prints one.")] = UNSET


class SessionShape(msgspec.Struct, kw_only=True):
    """Somebody who is signed in with a browser."""

    id: SessionId
    browser: Annotated[str, Meta(description="What the browser calls itself.")]
    is_current: Annotated[bool, Meta(description="Whether it is the one that asks.")]
    created_at: Moment
    last_used_at: Moment
    expires_at: Annotated[Moment, Meta(description="When it ends, if it is not used until then.")]


class SessionsShape(msgspec.Struct, kw_only=True):
    """One's own sessions, newest first: all of them, of which there are at most 50."""

    items: list[SessionShape]
    has_more: bool
    next_cursor: str | None


class CurrentSessionShape(msgspec.Struct, kw_only=True):
    """Who is signed in, and what a page needs to ask in the person's name."""

    session: SessionShape
    organization: OrganizationShape
    account: MemberShape
    scopes: Annotated[list[Scope], Meta(description="What the account's role allows.")]
    csrf_token: Annotated[str, Meta(description="For the header `X-CSRF-Token`, with every change.")]
    may_set_password: Annotated[bool, Meta(description="Whether a password may be set without the current one.")]
    most_upload_bytes: Annotated[int, Meta(description="The size of the largest file that this server takes.")]
