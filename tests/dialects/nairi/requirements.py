"""What the Nairi dialect promises. Sources: the public documentation of nairi.ai, its quickstart, its own client."""

from collections.abc import Mapping

from tests.dialects.requirement import Requirement

_DOCS = "https://nairi.ai/docs"
_QUICKSTART = f"{_DOCS}/api/quickstart/drive-a-conversation"
_CLIENT = "nairiai/pi-nairi-provider index.ts"

REQUIREMENTS: Mapping[str, Requirement] = {
    "nairi.start.returns-ids": Requirement(
        source=_QUICKSTART,
        behaviour="POST conversations/start answers with job_id and message_id once the message is kept.",
    ),
    "nairi.start.agent-by-id": Requirement(
        source=f"{_DOCS}/api/conversations/start",
        behaviour="agent_id of a body is a slug or a cci_ id.",
    ),
    "nairi.start.ask-mode": Requirement(
        source=f"{_DOCS}/api/conversations/overview",
        behaviour="ask_mode makes the whole job read-only.",
        divergence="One page says that no tool is called; tools that only read are, as in its daemon.",
    ),
    "nairi.start.attachments": Requirement(
        source=f"{_DOCS}/api/attachments",
        behaviour="attachment_ids that are not the organization's, or more than 10, are 400, before a message exists.",
        divergence="An upload is the uploading account's alone until a message has it.",
    ),
    "nairi.attachments.upload": Requirement(
        source=f"{_DOCS}/api/attachments/upload",
        behaviour="POST attachments keeps the part `file` of a form and answers 201 with attachment_id.",
        divergence="The bytes decide the type; what no model could be shown is 400. One nobody uses is forgotten in a day.",
    ),
    "nairi.attachments.size": Requirement(
        source=f"{_DOCS}/api/attachments",
        behaviour="A file that is too large is 400, received in bounded memory.",
        divergence="25 MB unless TURNKEEPER_MOST_UPLOAD_MB says otherwise; the original takes 50 MB.",
    ),
    "nairi.attachments.bad-forms": Requirement(
        source="ours",
        behaviour="A form that is none, broken, empty or without the part `file` is 400, and nothing is kept.",
    ),
    "nairi.attachments.download": Requirement(
        source=f"{_DOCS}/api/attachments/get",
        behaviour="GET attachments/{id} is one JSON document with id, filename and data in base64.",
        divergence="content_type, size and created_at are there too.",
    ),
    "nairi.attachments.on-messages": Requirement(
        source=f"{_DOCS}/api/conversations/message-reference",
        behaviour="attachment_ids stand on the user row that has them and on the reply that the agent wrote files for.",
    ),
    "nairi.attachments.own": Requirement(
        source=f"{_DOCS}/api/attachments",
        behaviour="Another organization's attachment is 404, as if it were not there.",
    ),
    "nairi.continue.history": Requirement(
        source=_QUICKSTART, behaviour="A follow-up is answered with full context of the prior turns."
    ),
    "nairi.continue.only-api-jobs": Requirement(
        source=_QUICKSTART, behaviour="Continuing a job from another door is 400 `job is not an API job`."
    ),
    "nairi.continue.not-active": Requirement(
        source=f"{_DOCS}/help/communicating-with-agents/system-events",
        behaviour="A job that is completed or abandoned, or whose agent is gone, takes no more messages: 400.",
        divergence="The original says only that such messages are not picked up; a refusal is better than silence.",
    ),
    "nairi.messages.status": Requirement(
        source=f"{_DOCS}/api/conversations/message-reference",
        behaviour="A user message is queued until a worker takes it, then pending, then completed or failed.",
    ),
    "nairi.messages.wait": Requirement(
        source="RFC 7240",
        behaviour="Prefer: wait=N on GET messages/{id} answers at the end of the message or after N seconds.",
        divergence="An addition: the original is polled only.",
    ),
    "nairi.messages.timeline": Requirement(
        source=f"{_DOCS}/api/conversations/list-messages",
        behaviour="The timeline is oldest first: each message, its progress, its reply.",
    ),
    "nairi.messages.reply-no-later-than-completed": Requirement(
        source=_CLIENT,
        behaviour="Who sees a message completed or failed finds its reply behind it in the next list.",
    ),
    "nairi.messages.failure": Requirement(
        source=f"{_DOCS}/api/conversations/message-reference",
        behaviour="A failed message has a system row that says why, the job is in error, and a further message retries.",
    ),
    "nairi.messages.progress": Requirement(
        source=f"{_DOCS}/api/conversations/message-reference",
        behaviour="Progress rows carry an envelope as a JSON string; a tool call has two, running and its end.",
        divergence="Of the progress types only text and tool_use occur.",
    ),
    "nairi.messages.progress-text": Requirement(
        source=_CLIENT,
        behaviour="Text deltas of a finished turn hold its reply verbatim, without what a crash cut off.",
    ),
    "nairi.messages.get-any": Requirement(
        source=f"{_DOCS}/api/conversations/get-message",
        behaviour="GET messages/{id} gives every row of a timeline, the same object as the list.",
    ),
    "nairi.messages.usage": Requirement(
        source="https://nairi.ai/changelog/2026-06-03-per-message-cost-and-tokens",
        behaviour="Assistant rows carry model, token counts and cost together, and none of them when no usage was reported.",
        divergence="cost_usd alone is left out when the price of a model call is not known.",
    ),
    "nairi.ids": Requirement(
        source=f"{_DOCS}/api",
        behaviour="Ids are prefixed ULIDs; j_ is understood for job_; a malformed one is 400, an unknown one 404.",
    ),
    "nairi.moments": Requirement(
        source=f"{_DOCS}/api/agents/get", behaviour="Moments are RFC 3339 in UTC with milliseconds and Z."
    ),
    "nairi.agents.list": Requirement(
        source=f"{_DOCS}/api/agents/list", behaviour="GET agents is a bare array, newest first, with slugs as agent_id."
    ),
    "nairi.agents.create": Requirement(
        source=f"{_DOCS}/api/agents/create",
        behaviour="POST agents answers 201 with the agent; the slug follows from the name; a taken one gets -2.",
        divergence="description, system_prompt, data_set_id and model are taken too: there is no other way to set them yet.",
    ),
    "nairi.agents.slugs-with-slashes": Requirement(
        source="https://nairi.ai/changelog/2026-06-10-public-api-hardening",
        behaviour="A slug with slashes works raw and as %2F on every route that names an agent.",
    ),
    "nairi.agents.deploy": Requirement(
        source=f"{_DOCS}/api/agents/deploy",
        behaviour="POST deploy is 202 with a status.",
        divergence="Agents run in the server: a deployment is noted and changes nothing.",
    ),
    "nairi.agents.only-admins-change": Requirement(
        source="ours",
        behaviour="A member's key may not create or deploy agents: 403.",
        divergence="The original's keys have no scopes.",
    ),
    "nairi.jobs.filter-and-sort": Requirement(
        source=f"{_DOCS}/api/conversations/list-for-agent",
        behaviour="Conversations of an agent: filters status and updated_after, four sorts, limit and offset.",
        divergence="updated_after is compared in milliseconds: a moment that was shown never brings its row again.",
    ),
    "nairi.jobs.cursor": Requirement(
        source=_QUICKSTART,
        behaviour="next_cursor of a page, handed back as cursor, gives what follows, without gap or repeat.",
        divergence="The reference documents only limit and offset; both ways work, together they are 400.",
    ),
    "nairi.jobs.own": Requirement(
        source="ours",
        behaviour="An admin's key sees every job of the organization, a member's its own.",
        divergence="The original's keys see the whole organization.",
    ),
    "nairi.errors.table": Requirement(
        source=f"{_DOCS}/api", behaviour='Every error is {"error": "…"} with one status for each kind.'
    ),
    "nairi.errors.sign-in": Requirement(
        source=f"{_DOCS}/api",
        behaviour="No key, an unknown, expired or revoked one is 401; Bearer, Token and X-API-Key mean the same.",
    ),
    "nairi.errors.other-organization": Requirement(
        source=f"{_DOCS}/api", behaviour="What belongs to another organization is 404, as if it were not there."
    ),
    "nairi.errors.bad-bodies": Requirement(
        source=f"{_DOCS}/api",
        behaviour="A body that cannot be used is 400 with all its faults, and nothing is written.",
    ),
    "nairi.errors.large-bodies": Requirement(
        source="ours",
        behaviour="A body of more than 8 MB is 400, read in bounded memory, and nothing is written.",
        divergence="413 does not stand in the original's table of statuses.",
    ),
    "nairi.errors.routes": Requirement(
        source="ours", behaviour="An unknown route is 404 and a wrong method 405 with Allow, in the dialect's shape."
    ),
    "nairi.idempotency": Requirement(
        source="draft-ietf-httpapi-idempotency-key-header",
        behaviour="A POST with the same Idempotency-Key gets the first answer, byte for byte; with another body 422.",
        divergence="An addition: the original has none.",
    ),
    "nairi.openapi": Requirement(
        source="ours",
        behaviour="openapi.json describes every route of the door, and docs shows it to people.",
        divergence="No OpenAPI document of the original is known.",
    ),
}
