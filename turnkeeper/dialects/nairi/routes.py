"""The routes: read who asks and what, call one action, tell the result in the dialect's words."""

import msgspec
from litestar import Request, Response
from litestar.datastructures import State
from litestar.params import FromPath

from turnkeeper.actions.agents import NewAgent
from turnkeeper.actions.bundle import Actions
from turnkeeper.core.accounts import Caller
from turnkeeper.core.agents import Agent
from turnkeeper.core.errors import NotFoundError
from turnkeeper.core.idempotency import IdempotencyKey
from turnkeeper.dialects.nairi.agent_paths import agent_in
from turnkeeper.dialects.nairi.forms import agent_form, continue_form, deploy_form, start_form
from turnkeeper.dialects.nairi.progress import event_place, is_at, progress_row, timeline
from turnkeeper.dialects.nairi.queries import agent_filter, cursor_behind, jobs_query
from turnkeeper.dialects.nairi.shapes import DeploymentShape, JobsShape, StartedShape
from turnkeeper.dialects.nairi.signing_in import signed_in
from turnkeeper.dialects.nairi.translate import (
    agent_name,
    agent_shape,
    job_id,
    job_id_in,
    job_shape,
    message_id,
    message_id_in,
    message_shape,
)
from turnkeeper.http_kit.body import body_of
from turnkeeper.http_kit.headers import idempotency_key_from, request_id_from, wait_from
from turnkeeper.http_kit.lean import JsonResponse
from turnkeeper.http_kit.openapi_page import openapi_page

Asked = Request[None, None, State]

MOST_BODY_BYTES = 8_000_000
"""A text of the longest kind fits, also when every character is escaped as \\uXXXX."""
_PROGRESS_KINDS = ("turn.started", "text", "thinking", "tool.called", "tool.returned")


class AgentRoutes:
    """`/agents` and what is below."""

    def __init__(self, actions: Actions) -> None:
        self._actions = actions

    async def list_agents(self, request: Asked) -> Response[bytes]:
        """All agents that the caller may use, newest first."""
        caller = await signed_in(self._actions.signin, request, "read")
        return _answer([agent_shape(agent) for agent in await self._actions.agents.list(caller)])

    async def create_agent(self, request: Asked) -> Response[bytes]:
        """Make an agent."""
        caller = await signed_in(self._actions.signin, request, "manage_agents")
        body = await _body(request)
        form = agent_form(body, request.headers.get("content-type"))
        new = NewAgent(
            name=form.name,
            description=form.description,
            data_set_id=form.data_set_id,
            instructions=form.system_prompt,
            model=form.model,
            instances_count=form.instances_count,
        )
        made = await self._actions.agents.create(caller, new, key=_key(request, body))
        return _answer(agent_shape(made.value), status=201, replayed=made.replayed)

    async def get_agent(self, request: Asked, agent: FromPath[str]) -> Response[bytes]:
        """One agent."""
        caller = await signed_in(self._actions.signin, request, "read")
        return _answer(agent_shape(await _agent(self._actions, caller, agent_in(agent))))

    async def deploy_agent(self, request: Asked, agent: FromPath[str]) -> Response[bytes]:
        """Have the agent answer with its newest revision; there is nothing to wait for."""
        caller = await signed_in(self._actions.signin, request, "manage_agents")
        name = agent_name(_without_nul(agent_in(agent)))
        body = await _body(request)
        deploy_form(body, request.headers.get("content-type"))
        deployed = await self._actions.revisions.deploy(
            caller, name.public_id or name.slug or "", key=_key(request, body)
        )
        return _answer(DeploymentShape(status="deploying"), status=202, replayed=deployed.replayed)

    async def list_jobs(self, request: Asked, agent: FromPath[str]) -> Response[bytes]:
        """The conversations of an agent that the caller may see."""
        caller = await signed_in(self._actions.signin, request, "read")
        query = jobs_query(request.scope["query_string"])
        found = await _agent(self._actions, caller, agent_in(agent))
        wanted = agent_filter(query, agent_id=found.id)
        jobs = await self._actions.conversations.list_of_agent(caller, wanted)
        shown = jobs[: query.limit]
        return _answer(
            JobsShape(
                conversations=[job_shape(job) for job in shown],
                next_cursor=cursor_behind(shown[-1], query.sort) if len(jobs) > len(shown) else None,
            )
        )


class ConversationRoutes:
    """`/conversations` and `/messages`."""

    def __init__(self, actions: Actions) -> None:
        self._actions = actions

    async def start(self, request: Asked) -> Response[bytes]:
        """Begin a job with its first prompt."""
        caller = await signed_in(self._actions.signin, request, "converse")
        body = await _body(request)
        form = start_form(body, request.headers.get("content-type"))
        started = await self._actions.conversations.start(
            caller,
            agent=await _agent(self._actions, caller, form.agent),
            text=form.prompt,
            mode="ask" if form.ask_mode else "execute",
            origin="api",
            attached=form.attachments,
            key=_key(request, body),
            request_id=request_id_from(request.headers),
        )
        return _answer(
            StartedShape(
                job_id=job_id(started.value.conversation_public_id),
                message_id=message_id(started.value.message_public_id),
            ),
            status=201,
            replayed=started.replayed,
        )

    async def carry_on(self, request: Asked, job: FromPath[str]) -> Response[bytes]:
        """Add a prompt to a job."""
        caller = await signed_in(self._actions.signin, request, "converse")
        conversation = job_id_in(job)
        body = await _body(request)
        form = continue_form(body, request.headers.get("content-type"))
        sent = await self._actions.conversations.send(
            caller,
            conversation=conversation,
            text=form.prompt,
            origin="api",
            attached=form.attachments,
            key=_key(request, body),
            request_id=request_id_from(request.headers),
        )
        return _answer(
            StartedShape(
                job_id=job_id(sent.value.conversation_public_id),
                message_id=message_id(sent.value.message_public_id),
            ),
            replayed=sent.replayed,
        )

    async def list_messages(self, request: Asked, job: FromPath[str]) -> Response[bytes]:
        """The timeline of a job."""
        caller = await signed_in(self._actions.signin, request, "read")
        talk, log = await self._actions.conversations.read_with_events(
            caller, conversation=job_id_in(job), kinds=_PROGRESS_KINDS
        )
        return _answer(timeline(talk.messages, log))

    async def get_message(self, request: Asked) -> Response[bytes]:
        """One row of a timeline; with `Prefer: wait=N` not before it is finished or N seconds are over."""
        message = request.path_params["message"]
        caller = await signed_in(self._actions.signin, request, "read")
        public_id = message_id_in(message)
        wait_seconds = wait_from(request.headers)
        place = event_place(public_id)
        if place is None:
            found = await self._actions.conversations.message(caller, message=public_id, wait_seconds=wait_seconds)
            return _answer(message_shape(found), waited=wait_seconds)
        about, event = await self._actions.conversations.event(
            caller, conversation_id=place.conversation_id, number=place.number
        )
        row = progress_row(about, event)
        if row is None or not is_at(event, place):
            raise NotFoundError("message", message)
        return _answer(row, waited=wait_seconds)


class AboutRoutes:
    """What the door says of itself; no key is needed."""

    def __init__(self, document: dict[str, object]) -> None:
        self._json = msgspec.json.encode(document)
        self._page = openapi_page("Turnkeeper: Nairi dialect", document).encode()

    async def openapi(self) -> Response[bytes]:
        """The OpenAPI document."""
        return Response(content=self._json, media_type="application/json")

    async def page(self) -> Response[bytes]:
        """The same for people."""
        return Response(content=self._page, media_type="text/html; charset=utf-8")


async def _agent(actions: Actions, caller: Caller, text: str) -> Agent:
    name = agent_name(_without_nul(text))
    return await actions.agents.get(caller, public_id=name.public_id, slug=name.slug)


async def _body(request: Asked) -> bytes:
    return await body_of(request.receive, most_bytes=MOST_BODY_BYTES)


def _key(request: Asked, body: bytes) -> IdempotencyKey | None:
    return idempotency_key_from(request.headers, method=request.method, path=request.scope["path"], body=body)


def _without_nul(slug: str) -> str:
    if "\x00" in slug:
        raise NotFoundError("agent", slug)
    return slug


def _answer(content: object, *, status: int = 200, replayed: bool = False, waited: int = 0) -> Response[bytes]:
    headers: dict[str, str] = {}
    if replayed:
        headers["Idempotency-Replayed"] = "true"
    if waited:
        headers["Preference-Applied"] = f"wait={waited}"
    return JsonResponse(msgspec.json.encode(content), status=status, headers=headers)
