"""The operations on agents and their revisions."""

from collections.abc import Mapping

from turnkeeper.core.agents import AgentSettings, ApprovalPolicy, ApprovalRule, HttpRule
from turnkeeper.core.revisions import plain
from turnkeeper.dialects.native.operations.parameters import CURSOR, ETAG, IF_MATCH, KEY, LIMIT, LOCATION, REPLAYED
from turnkeeper.dialects.native.operations.problems import ID, OUTDATED, missing, problem, wrong
from turnkeeper.dialects.native.shapes.agents import (
    AgentDetailsShape,
    AgentsShape,
    ChangeAgentBody,
    ComparisonShape,
    CreateAgentBody,
    DeployBody,
    RevisionShape,
    RevisionsShape,
    RollBackBody,
)
from turnkeeper.http_kit.openapi import Operation, Parameter, Reply

AGENT = Parameter(name="agent_id", where="path", description="The agent: `agt_…`, or its slug if that has no slash.")
NO_AGENT = missing("agent", f"agt_{ID}")
NOT_ALLOWED = problem(
    403,
    "not_allowed",
    "Only admins may change agents; ask one, or use an admin's key.",
    description="The key's account is no admin; or `scope_missing`.",
)
_REVISION = Parameter(
    name="revision",
    where="path",
    description="The number of the revision.",
    schema={"type": "integer", "minimum": 1},
)
_NO_REVISION = problem(
    404,
    "not_found",
    "There is no revision 7 for you.",
    description="You have no such agent, or it has no such revision.",
)
_WRONG = wrong(
    "There is no tool 'nothing'. The tools of this server: search_documents, search_products.",
    "invalid",
    pointer="/tools",
)
_CHANGES_HEADERS: Mapping[str, str] = {**ETAG, **REPLAYED}

_SETTINGS = plain(
    AgentSettings(
        http=(
            HttpRule(
                host="api.payments.example",
                methods=("GET", "POST"),
                kind="keyed",
                headers={"Authorization": "Bearer vault:PAYMENTS_TOKEN"},
            ),
        ),
        approvals=ApprovalPolicy(rules=(ApprovalRule(tool="http_request", argument="/json/amount", above=1000.0),)),
    )
)
_LIMITS: Mapping[str, object] = {
    "model_calls": 12,
    "tool_calls": 50,
    "tokens": None,
    "cost_usd": 0.25,
    "output_tokens": 8192,
    "history_tokens": 24000,
    "seconds": 300.0,
    "tokens_a_day": None,
    "cost_usd_a_day": None,
}
_CONTENT: Mapping[str, object] = {
    "name": "Refunds",
    "description": "Looks at charges and refunds them.",
    "data_set": "ds_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0H",
    "instructions": "Answer in two sentences.\nNever promise a refund before it is made.",
    "model": "openai:gpt-4.1-mini",
    "tools": ["search_documents"],
    "limits": _LIMITS,
    "settings": _SETTINGS,
    "instances_count": 1,
}
_EXAMPLE: Mapping[str, object] = {
    **_CONTENT,
    "id": "agt_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0E",
    "slug": "refunds",
    "revision": 2,
    "latest_revision": 3,
    "deployed_at": "2026-04-12T18:45:12.000Z",
    "created_at": "2026-04-02T09:00:00.000Z",
    "updated_at": "2026-04-13T08:30:00.000Z",
}
_REVISION_EXAMPLE: Mapping[str, object] = {
    "number": 2,
    "content": _CONTENT,
    "note": "Shorter answers.",
    "based_on": 1,
    "author": "acc_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0D",
    "is_deployed": True,
    "created_at": "2026-04-12T18:45:12.000Z",
    "deployed_at": "2026-04-12T18:45:12.000Z",
}


def _agent(status: int, description: str, headers: Mapping[str, str]) -> Reply:
    return Reply(status=status, description=description, shape=AgentDetailsShape, example=_EXAMPLE, headers=headers)


LIST = Operation(
    method="get",
    path="/agents",
    name="listAgents",
    tag="Agents",
    scope="read",
    summary="The agents that you may talk to",
    description="Newest first.",
    parameters=(
        Parameter(name="data_set", where="query", description="Only those with this data set: `ds_…`."),
        Parameter(name="model", where="query", description="Only those that name this model: `provider:model`."),
        Parameter(
            name="search",
            where="query",
            description="Only those with this in their name, slug or description, in any case.",
        ),
        LIMIT,
        CURSOR,
    ),
    replies=(
        Reply(
            status=200,
            description="A page.",
            shape=AgentsShape,
            example={"items": [_EXAMPLE], "has_more": False, "next_cursor": None},
        ),
        wrong("The parameter 'limit' must be a whole number from 1 to 100.", "invalid", parameter="limit"),
    ),
)

CREATE = Operation(
    method="post",
    path="/agents",
    name="createAgent",
    tag="Agents",
    scope="manage_agents",
    summary="Make an agent",
    description=(
        "It can be talked to at once, with its first revision. What would let it into the server's own machine or network "
        "(MCP servers by command, private addresses) is for operators, unless the server says otherwise."
    ),
    parameters=(KEY,),
    request=CreateAgentBody,
    request_example={
        "name": "Refunds",
        "data_set": "shop",
        "instructions": "Answer in two sentences.",
        "limits": {"cost_usd": 0.25},
        "settings": _SETTINGS,
    },
    replies=(_agent(201, "The agent.", {**LOCATION, **_CHANGES_HEADERS}), _WRONG, NOT_ALLOWED),
)

GET = Operation(
    method="get",
    path="/agents/{agent_id}",
    name="getAgent",
    tag="Agents",
    scope="read",
    summary="Get an agent",
    description="As it answers now.",
    parameters=(AGENT,),
    replies=(_agent(200, "The agent.", ETAG), NO_AGENT),
)

CHANGE = Operation(
    method="patch",
    path="/agents/{agent_id}",
    name="changeAgent",
    tag="Agents",
    scope="manage_agents",
    summary="Change an agent",
    description=(
        "The body is a JSON Merge Patch (RFC 7396): objects are merged, `null` brings back the default, lists are replaced. "
        "The change is one more revision, which answers from now on; with `deploy=false` it is a draft. Turns under way go "
        "on with the revision that they began with. A change of nothing makes no revision."
    ),
    parameters=(
        AGENT,
        Parameter(
            name="deploy",
            where="query",
            description="`false` keeps the change as a draft.",
            schema={"type": "boolean", "default": True},
        ),
        Parameter(
            name="base",
            where="query",
            description="Which revision to go on from. Left out: the one that answers or, for a draft, the newest.",
            schema={"type": "integer", "minimum": 1},
        ),
        IF_MATCH,
        KEY,
    ),
    request=ChangeAgentBody,
    request_example={
        "instructions": "Answer in one sentence.",
        "limits": {"model_calls": 5},
        "note": "Shorter answers.",
    },
    replies=(_agent(200, "The agent as it answers now.", _CHANGES_HEADERS), _WRONG, NOT_ALLOWED, NO_AGENT, OUTDATED),
)

DELETE = Operation(
    method="delete",
    path="/agents/{agent_id}",
    name="deleteAgent",
    tag="Agents",
    scope="manage_agents",
    summary="Take an agent out of use",
    description="Nothing more can be sent to it. What was accepted is still answered, and its conversations stay.",
    parameters=(AGENT, IF_MATCH, KEY),
    replies=(
        Reply(status=204, description="It is done.", shape=None, example=None, headers=REPLAYED),
        NOT_ALLOWED,
        NO_AGENT,
        OUTDATED,
    ),
)

REVISIONS = Operation(
    method="get",
    path="/agents/{agent_id}/revisions",
    name="listRevisions",
    tag="Agents",
    scope="read",
    summary="What was changed, by whom and why",
    description="Newest first; for admins.",
    parameters=(AGENT, LIMIT, CURSOR),
    replies=(
        Reply(
            status=200,
            description="A page.",
            shape=RevisionsShape,
            example={"items": [_REVISION_EXAMPLE], "has_more": False, "next_cursor": None},
        ),
        wrong("The parameter 'limit' must be a whole number from 1 to 100.", "invalid", parameter="limit"),
        NOT_ALLOWED,
        NO_AGENT,
    ),
)

REVISION = Operation(
    method="get",
    path="/agents/{agent_id}/revisions/{revision}",
    name="getRevision",
    tag="Agents",
    scope="read",
    summary="Get a revision",
    description="What the agent was made of then; for admins.",
    parameters=(AGENT, _REVISION),
    replies=(
        Reply(status=200, description="The revision.", shape=RevisionShape, example=_REVISION_EXAMPLE),
        NOT_ALLOWED,
        _NO_REVISION,
    ),
)

COMPARE = Operation(
    method="get",
    path="/agents/{agent_id}/revisions/{revision}/diff",
    name="compareRevisions",
    tag="Agents",
    scope="read",
    summary="Compare two revisions",
    description="Field by field, and line by line in texts; for admins.",
    parameters=(
        AGENT,
        _REVISION,
        Parameter(
            name="against",
            where="query",
            description="The revision to compare with. Left out: the one that this one is based on.",
            schema={"type": "integer", "minimum": 1},
        ),
    ),
    replies=(
        Reply(
            status=200,
            description="The differences; none when both are the same.",
            shape=ComparisonShape,
            example={
                "number": 2,
                "against": 1,
                "differences": [
                    {
                        "pointer": "/instructions",
                        "old": "Be kind.\nAnswer at length.",
                        "new": "Be kind.\nAnswer in two sentences.",
                        "text": "--- old\n+++ new\n@@ -1,2 +1,2 @@\n Be kind.\n-Answer at length.\n"
                        "+Answer in two sentences.",
                    },
                    {"pointer": "/limits/model_calls", "old": 12, "new": 5, "text": None},
                ],
            },
        ),
        wrong("The parameter 'against' must be a whole number from 1 to 2147483647.", "invalid", parameter="against"),
        NOT_ALLOWED,
        _NO_REVISION,
    ),
)

ROLL_BACK = Operation(
    method="post",
    path="/agents/{agent_id}/rollback",
    name="rollBackAgent",
    tag="Agents",
    scope="manage_agents",
    summary="Go back to an earlier revision",
    description="Makes one more revision with the content of that one, which answers from now on.",
    parameters=(AGENT, IF_MATCH, KEY),
    request=RollBackBody,
    request_example={"revision": 1, "note": "The short answers were too short."},
    replies=(
        _agent(200, "The agent as it answers now.", _CHANGES_HEADERS),
        _WRONG,
        NOT_ALLOWED,
        _NO_REVISION,
        OUTDATED,
    ),
)

DEPLOY = Operation(
    method="post",
    path="/agents/{agent_id}/deploy",
    name="deployAgent",
    tag="Agents",
    scope="manage_agents",
    summary="Have the agent answer with a revision",
    description=(
        "With a draft, or an earlier one. The body may be empty: the newest. When it answers with that one already nothing "
        "changes."
    ),
    parameters=(AGENT, IF_MATCH, KEY),
    request=DeployBody,
    request_example={"revision": 3},
    replies=(
        _agent(200, "The agent as it answers now.", _CHANGES_HEADERS),
        _WRONG,
        NOT_ALLOWED,
        _NO_REVISION,
        OUTDATED,
    ),
)
