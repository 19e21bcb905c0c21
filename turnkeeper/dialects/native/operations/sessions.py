"""The operations on sessions of browsers."""

from collections.abc import Mapping

from turnkeeper.dialects.native.operations.members import MEMBER_EXAMPLE
from turnkeeper.dialects.native.operations.organizations import ORGANIZATION_EXAMPLE
from turnkeeper.dialects.native.operations.parameters import KEY, LOCATION, REPLAYED
from turnkeeper.dialects.native.operations.problems import missing, problem, wrong
from turnkeeper.dialects.native.shapes.sessions import CurrentSessionShape, SessionsShape, SignInBody
from turnkeeper.http_kit.openapi import Operation, Parameter, Reply

_ID = "ses_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0K"
_TAG = "Sessions"
_SESSION_EXAMPLE: Mapping[str, object] = {
    "id": _ID,
    "browser": "Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0",
    "is_current": True,
    "created_at": "2026-04-12T18:45:12.000Z",
    "last_used_at": "2026-04-12T19:02:40.000Z",
    "expires_at": "2026-04-26T19:02:40.000Z",
}
_CURRENT_EXAMPLE: Mapping[str, object] = {
    "session": _SESSION_EXAMPLE,
    "organization": ORGANIZATION_EXAMPLE,
    "account": MEMBER_EXAMPLE,
    "scopes": ["read", "converse", "manage_agents", "manage_data"],
    "csrf_token": "5b0f3c6c1a8c1d7a1f0c4a2f6d5e8b9c7a6f5e4d3c2b1a09f8e7d6c5b4a39281",
    "may_set_password": False,
    "most_upload_bytes": 25_000_000,
}
_NO_SESSION = missing("session", _ID)

START = Operation(
    method="post",
    path="/sessions",
    name="signIn",
    tag=_TAG,
    is_open=True,
    summary="Sign in with a browser",
    description="For pages of this server: hands a cookie to the browser, in the place of a key. With `email` and "
    "`password`, or with a one-time `code`. Whoever asks this way says `csrf_token` in `X-CSRF-Token` with every change.",
    request=SignInBody,
    request_example={"email": "jo@example.com", "password": "correct horse"},
    replies=(
        Reply(
            status=201,
            description="You are signed in.",
            shape=CurrentSessionShape,
            example=_CURRENT_EXAMPLE,
            headers={**LOCATION, "Set-Cookie": "`turnkeeper_session`, not readable by scripts."},
        ),
        wrong("The field 'email' is missing; it is a string.", "missing", pointer="/email"),
        problem(
            401,
            "wrong_password",
            "There is no such name with this password.",
            description="Codes `wrong_password`; `code_used`, also when the code is too old.",
            headers={"WWW-Authenticate": "`Bearer`"},
        ),
        problem(
            403,
            "other_origin",
            "A browser's session is for pages of this server only; elsewhere use an API key.",
            description="A page of another origin asks.",
        ),
    ),
)

LIST = Operation(
    method="get",
    path="/sessions",
    name="listSessions",
    tag=_TAG,
    scope="read",
    summary="List your sessions",
    description="Those of your account that are not over, newest first; there are at most 50.",
    replies=(
        Reply(
            status=200,
            description="All of them.",
            shape=SessionsShape,
            example={"items": [_SESSION_EXAMPLE], "has_more": False, "next_cursor": None},
        ),
    ),
)

CURRENT = Operation(
    method="get",
    path="/sessions/current",
    name="getCurrentSession",
    tag=_TAG,
    scope="read",
    summary="Who is signed in",
    description="The person, the organization, and the token that changes need. With a key there is none: see `GET /me`.",
    replies=(
        Reply(status=200, description="You.", shape=CurrentSessionShape, example=_CURRENT_EXAMPLE),
        missing("session", "current"),
    ),
)

SIGN_OUT = Operation(
    method="delete",
    path="/sessions/current",
    name="signOut",
    tag=_TAG,
    scope="converse",
    summary="Sign out",
    description="The session ends at once, on every node, and with it its event streams.",
    parameters=(KEY,),
    replies=(
        Reply(status=204, description="You are signed out.", shape=None, example=None, headers=REPLAYED),
        missing("session", "current"),
    ),
)

END = Operation(
    method="delete",
    path="/sessions/{session_id}",
    name="endSession",
    tag=_TAG,
    scope="converse",
    summary="End one of your sessions",
    description="It ends at once, on every node, and with it its event streams.",
    parameters=(Parameter(name="session_id", where="path", description="The session: `ses_…`."), KEY),
    replies=(
        Reply(status=204, description="It is over.", shape=None, example=None, headers=REPLAYED),
        _NO_SESSION,
    ),
)
