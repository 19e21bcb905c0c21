"""The operations on organizations."""

from collections.abc import Mapping

from turnkeeper.dialects.native.operations.keys import NEW_KEY_EXAMPLE
from turnkeeper.dialects.native.operations.parameters import CURSOR, KEY, LIMIT, LOCATION, REPLAYED
from turnkeeper.dialects.native.operations.problems import conflict, missing, problem, wrong
from turnkeeper.dialects.native.shapes.organizations import (
    NewOrganizationShape,
    OrganizationBody,
    OrganizationShape,
    OrganizationsShape,
)
from turnkeeper.http_kit.openapi import Operation, Parameter, Reply

_ID = "org_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0R"
ORGANIZATION_EXAMPLE: Mapping[str, object] = {
    "id": _ID,
    "name": "Second Shop",
    "created_at": "2026-04-12T18:45:12.000Z",
}
_NO_NAME = wrong("The field 'name' is missing; it is a string.", "missing", pointer="/name")
_TAKEN = conflict(
    "name_taken", "There is an organization 'Second Shop' already.", description="Another one has this name."
)
_OPERATORS = problem(
    403,
    "not_allowed",
    "Only operators of the server make and list organizations; `turnkeeper accounts operator` names them.",
    description="You are no operator of the server; or `scope_missing`.",
)

OWN = Operation(
    method="get",
    path="/organization",
    name="getOwnOrganization",
    tag="Organizations",
    scope="read",
    summary="Your organization",
    description="The one that your key belongs to.",
    replies=(Reply(status=200, description="It.", shape=OrganizationShape, example=ORGANIZATION_EXAMPLE),),
)

RENAME_OWN = Operation(
    method="patch",
    path="/organization",
    name="renameOwnOrganization",
    tag="Organizations",
    scope="admin",
    summary="Rename your organization",
    description="Names are unique on a server.",
    parameters=(KEY,),
    request=OrganizationBody,
    request_example={"name": "Second Shop"},
    replies=(
        Reply(status=200, description="It.", shape=OrganizationShape, example=ORGANIZATION_EXAMPLE, headers=REPLAYED),
        _NO_NAME,
        _TAKEN,
    ),
)

LIST = Operation(
    method="get",
    path="/organizations",
    name="listOrganizations",
    tag="Organizations",
    scope="admin",
    summary="All organizations of the server",
    description="Newest first. For operators of the server only.",
    parameters=(LIMIT, CURSOR),
    replies=(
        Reply(
            status=200,
            description="A page.",
            shape=OrganizationsShape,
            example={"items": [ORGANIZATION_EXAMPLE], "has_more": False, "next_cursor": None},
        ),
        wrong("The parameter 'limit' must be a whole number from 1 to 100.", "invalid", parameter="limit"),
        _OPERATORS,
    ),
)

CREATE = Operation(
    method="post",
    path="/organizations",
    name="createOrganization",
    tag="Organizations",
    scope="admin",
    summary="Begin an organization",
    description="For operators of the server only. It begins with a service account as its admin and a key for it; nothing "
    "is ever visible across two organizations, not even to operators.",
    parameters=(KEY,),
    request=OrganizationBody,
    request_example={"name": "Second Shop"},
    replies=(
        Reply(
            status=201,
            description="It, with the key's secret, which is told here and never again.",
            shape=NewOrganizationShape,
            example={**ORGANIZATION_EXAMPLE, "key": {**NEW_KEY_EXAMPLE, "account": "operator", "name": "first key"}},
            headers={**REPLAYED, **LOCATION},
        ),
        _NO_NAME,
        _OPERATORS,
        _TAKEN,
    ),
)

GET = Operation(
    method="get",
    path="/organizations/{organization_id}",
    name="getOrganization",
    tag="Organizations",
    scope="admin",
    summary="Get an organization",
    description="Your own; for operators of the server, any.",
    parameters=(Parameter(name="organization_id", where="path", description="The organization: `org_…`."),),
    replies=(
        Reply(status=200, description="The organization.", shape=OrganizationShape, example=ORGANIZATION_EXAMPLE),
        missing("organization", _ID),
    ),
)
