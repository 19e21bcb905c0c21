"""Organizations on the wire."""

from typing import Annotated

import msgspec
from msgspec import Meta

from turnkeeper.dialects.native.shapes.common import Moment
from turnkeeper.dialects.native.shapes.keys import Name, NewKeyShape

OrganizationId = Annotated[str, Meta(examples=["org_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0R"])]


class OrganizationShape(msgspec.Struct, kw_only=True):
    """A tenant: nothing is ever visible across two of them."""

    id: OrganizationId
    name: str
    created_at: Moment


class NewOrganizationShape(OrganizationShape, kw_only=True):
    """A new organization, and how one gets in."""

    key: Annotated[
        NewKeyShape, Meta(description="A key of its first admin, a service account; it may do everything there.")
    ]


class OrganizationsShape(msgspec.Struct, kw_only=True):
    """A part of the organizations, newest first."""

    items: list[OrganizationShape]
    has_more: bool
    next_cursor: Annotated[str | None, Meta(description="Hand it back as `cursor`; null on the last page.")]


class OrganizationBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What an organization is to be called."""

    name: Name
