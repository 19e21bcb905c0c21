"""The operations on members, and on oneself."""

from collections.abc import Mapping
from typing import get_args

from turnkeeper.core.accounts import AccountKind, Role
from turnkeeper.dialects.native.operations.keys import KEY_EXAMPLE
from turnkeeper.dialects.native.operations.organizations import ORGANIZATION_EXAMPLE
from turnkeeper.dialects.native.operations.parameters import CURSOR, KEY, LIMIT, LOCATION, REPLAYED
from turnkeeper.dialects.native.operations.problems import conflict, missing, wrong
from turnkeeper.dialects.native.shapes.members import (
    ChangeMemberBody,
    CreateMemberBody,
    InvitationShape,
    MemberShape,
    MembersShape,
    MeShape,
    PasswordBody,
)
from turnkeeper.http_kit.openapi import Operation, Parameter, Reply

_ID = "acc_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0D"
_ONE = Parameter(name="member_id", where="path", description="The member: `acc_…`.")
MEMBER_EXAMPLE: Mapping[str, object] = {
    "id": _ID,
    "kind": "user",
    "name": "jo@example.com",
    "role": "member",
    "is_active": True,
    "is_operator": False,
    "created_at": "2026-04-12T18:45:12.000Z",
}
_NO_MEMBER = missing("account", _ID)
_LAST = conflict(
    "last_admin",
    "This is the last admin of the organization; make another account an admin before.",
    description="Nobody would run the organization.",
)

ME = Operation(
    method="get",
    path="/me",
    name="whoAmI",
    tag="Members",
    scope="read",
    summary="Who am I",
    description="The organization, the account and the key behind this request, and what the key may be used for.",
    replies=(
        Reply(
            status=200,
            description="You.",
            shape=MeShape,
            example={
                "organization": ORGANIZATION_EXAMPLE,
                "account": MEMBER_EXAMPLE,
                "key": {**KEY_EXAMPLE, "account": "jo@example.com"},
                "scopes": ["read", "converse"],
            },
        ),
    ),
)

CHANGE_PASSWORD = Operation(
    method="post",
    path="/me/password",
    name="changeOwnPassword",
    tag="Members",
    scope="converse",
    summary="Change your password",
    description="Keys stay as they are.",
    parameters=(KEY,),
    request=PasswordBody,
    request_example={"current_password": "correct horse", "new_password": "battery staple"},
    replies=(
        Reply(status=204, description="It is changed.", shape=None, example=None, headers=REPLAYED),
        wrong("This is not the current password.", "wrong_password", pointer="/current_password"),
    ),
)

LIST = Operation(
    method="get",
    path="/members",
    name="listMembers",
    tag="Members",
    scope="admin",
    summary="List members",
    description="People and programs of the organization, newest first.",
    parameters=(
        Parameter(
            name="kind",
            where="query",
            description="Only people, or only programs.",
            schema={"type": "string", "enum": list(get_args(AccountKind))},
        ),
        Parameter(
            name="role",
            where="query",
            description="Only those with this role.",
            schema={"type": "string", "enum": list(get_args(Role))},
        ),
        Parameter(
            name="is_active", where="query", description="Only those that are, or are not.", schema={"type": "boolean"}
        ),
        LIMIT,
        CURSOR,
    ),
    replies=(
        Reply(
            status=200,
            description="A page.",
            shape=MembersShape,
            example={"items": [MEMBER_EXAMPLE], "has_more": False, "next_cursor": None},
        ),
        wrong("The parameter 'limit' must be a whole number from 1 to 100.", "invalid", parameter="limit"),
    ),
)

CREATE = Operation(
    method="post",
    path="/members",
    name="createMember",
    tag="Members",
    scope="admin",
    summary="Add a person or a program",
    description="A person signs in with an e-mail address, unique on a server, and a password; a program with keys.",
    parameters=(KEY,),
    request=CreateMemberBody,
    request_example={"kind": "user", "email": "jo@example.com", "password": "correct horse"},
    replies=(
        Reply(
            status=201,
            description="The member.",
            shape=MemberShape,
            example=MEMBER_EXAMPLE,
            headers={**REPLAYED, **LOCATION},
        ),
        wrong("The field 'email' is missing; it is a string.", "missing", pointer="/email"),
        conflict(
            "name_taken",
            "There is an account 'jo@example.com' already; choose another name.",
            description="Another account has this name or address.",
        ),
    ),
)

GET = Operation(
    method="get",
    path="/members/{member_id}",
    name="getMember",
    tag="Members",
    scope="admin",
    summary="Get a member",
    description="One of them, active or not.",
    parameters=(_ONE,),
    replies=(Reply(status=200, description="The member.", shape=MemberShape, example=MEMBER_EXAMPLE), _NO_MEMBER),
)

CHANGE = Operation(
    method="patch",
    path="/members/{member_id}",
    name="changeMember",
    tag="Members",
    scope="admin",
    summary="Change a member's role, password, or whether it is let in",
    description="Its keys feel it at once, on every node: of a member, no key has the scope `admin`.",
    parameters=(_ONE, KEY),
    request=ChangeMemberBody,
    request_example={"role": "admin"},
    replies=(
        Reply(
            status=200,
            description="The member.",
            shape=MemberShape,
            example={**MEMBER_EXAMPLE, "role": "admin"},
            headers=REPLAYED,
        ),
        wrong("The field 'role' must be 'admin' or 'member'.", "invalid", pointer="/role"),
        _NO_MEMBER,
        _LAST,
    ),
)

DEACTIVATE = Operation(
    method="delete",
    path="/members/{member_id}",
    name="deactivateMember",
    tag="Members",
    scope="admin",
    summary="Shut a member out",
    description="Its keys are refused at once. What it wrote is kept, and it can be let in again.",
    parameters=(_ONE, KEY),
    replies=(
        Reply(
            status=200,
            description="The member, not active any more.",
            shape=MemberShape,
            example={**MEMBER_EXAMPLE, "is_active": False},
            headers=REPLAYED,
        ),
        _NO_MEMBER,
        _LAST,
    ),
)

INVITE = Operation(
    method="post",
    path="/members/{member_id}/invite",
    name="inviteMember",
    tag="Members",
    scope="admin",
    summary="Let a person in by a link",
    description="A code that signs the person in once, within an hour, to set a password: for somebody new, or who "
    "forgot it.",
    parameters=(_ONE, KEY),
    replies=(
        Reply(
            status=201,
            description="The code, which is told here and never again.",
            shape=InvitationShape,
            example={
                "code": "tkc_Vb0Wq2mYt8m2m8fW5k4kq8r0c1d2e3f4g5h6i7j8k9l",
                "path": "/sign-in#code=tkc_Vb0Wq2mYt8m2m8fW5k4kq8r0c1d2e3f4g5h6i7j8k9l",
                "expires_in_seconds": 3600,
            },
            headers=REPLAYED,
        ),
        wrong("'web shop' is a service account; these sign in with keys only.", "invalid"),
        _NO_MEMBER,
    ),
)
