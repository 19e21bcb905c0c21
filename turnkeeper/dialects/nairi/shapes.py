"""What goes over the wire: the forms of requests, checked, and the shapes of answers, in the dialect's own words."""

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

AgentId = Annotated[str, Meta(description="The agent's `cci_…` id.", examples=["cci_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0A"])]
JobId = Annotated[
    str, Meta(description="The conversation, called a job here.", examples=["job_01JZ3M4C0V7Z6R5T4W3X2Y1Z0A"])
]
AttachmentId = Annotated[str, Meta(description="An attachment.", examples=["att_01JZ3M4C2V7Z6R5T4W3X2Y1Z0C"])]
MessageId = Annotated[str, Meta(description="A message of a job.", examples=["cmsg_01JZ3M4C1V7Z6R5T4W3X2Y1Z0B"])]
Moment = Annotated[str, Meta(description="RFC 3339, UTC, with milliseconds.", examples=["2026-04-12T18:45:12.000Z"])]


class AgentShape(msgspec.Struct, kw_only=True):
    """An agent."""

    id: AgentId
    name: str
    agent_id: Annotated[str, Meta(description="The slug: lower case, `a-z0-9-` and `/`.", examples=["my-new-agent"])]
    instances_count: int
    description: str
    is_self_hosted: Annotated[bool, Meta(description="Always false: agents run inside this server.")]
    system_prompt: Annotated[str | None, Meta(description="null: the server's default instructions.")]
    data_set_id: Annotated[int | None, Meta(description="Extension: the data set that the agent searches.")]
    model: Annotated[str | None, Meta(description="Extension: `provider:model`; null takes the server's default.")]
    created_at: Moment
    updated_at: Moment


class StartedShape(msgspec.Struct, kw_only=True):
    """An accepted prompt. Poll the message until its status is `completed` or `failed`."""

    job_id: JobId
    message_id: MessageId


class CitationShape(msgspec.Struct, kw_only=True):
    """A place in the data set that an answer leans on."""

    document_id: int
    title: str
    address: str
    start: Annotated[int, Meta(description="Offset into the document's text, in characters.")]
    end: int
    quote: str
    document_version: Annotated[int, Meta(description="Which text of the document, from 1; 0 when it is not known.")]
    verified: Annotated[bool, Meta(description="Whether the server found the quote there, word for word.")]


class MessageShape(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One row of a job's timeline."""

    id: MessageId
    job_id: JobId
    role: Annotated[str, Meta(description="`user`, `assistant`, `system` or `progress`.")]
    content: Annotated[str, Meta(description="The text; of a `progress` row an envelope, as a JSON string.")]
    status: Annotated[str, Meta(description="`queued` → `pending` → `completed` or `failed`.")]
    created_at: Moment
    updated_at: Moment
    attachment_ids: Annotated[
        list[AttachmentId] | UnsetType,
        Meta(description="What was attached; of an assistant's or system's row, what the agent wrote. Else left out."),
    ] = UNSET
    cost_usd: Annotated[
        float | UnsetType, Meta(description="With the token counts, when the price of every model call is known.")
    ] = UNSET
    input_tokens: int | UnsetType = UNSET
    output_tokens: int | UnsetType = UNSET
    cache_read_tokens: int | UnsetType = UNSET
    cache_write_tokens: int | UnsetType = UNSET
    model: Annotated[str | UnsetType, Meta(description="With the token counts, when the model reported usage.")] = UNSET
    citations: Annotated[
        list[CitationShape] | UnsetType, Meta(description="Extension: what an assistant's row leans on.")
    ] = UNSET
    progress_type: Annotated[
        str | UnsetType, Meta(description="`text`, `thinking` or `tool_use`; progress rows only.")
    ] = UNSET
    tool_name: str | UnsetType = UNSET
    tool_status: Annotated[str | UnsetType, Meta(description="`running`, `completed` or `error`.")] = UNSET
    tool_use_id: Annotated[str | UnsetType, Meta(description="Joins a call's two rows.")] = UNSET


class FileForm(msgspec.Struct, kw_only=True):
    """The form of an upload."""

    file: Annotated[str, Meta(description="The file, with its name.", extra_json_schema={"format": "binary"})]


class UploadedShape(msgspec.Struct, kw_only=True):
    """A file that is kept."""

    attachment_id: AttachmentId


class AttachmentShape(msgspec.Struct, kw_only=True):
    """An attachment with its bytes."""

    id: AttachmentId
    filename: str
    content_type: Annotated[str, Meta(description="Extension: what the bytes are, whatever the upload said.")]
    size: Annotated[int, Meta(description="Extension: in bytes.")]
    created_at: Moment
    data: Annotated[str, Meta(description="The bytes in base64.")]


class EnvelopeShape(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The content of a `progress` row, as a JSON string; keys without a value are left out."""

    job_id: JobId
    processed_message_id: MessageId
    progress_type: str
    text_delta: str | UnsetType = UNSET
    tool_name: str | UnsetType = UNSET
    tool_input: str | UnsetType = UNSET
    tool_output: str | UnsetType = UNSET
    tool_status: str | UnsetType = UNSET
    tool_use_id: str | UnsetType = UNSET


class TimelineShape(msgspec.Struct, kw_only=True):
    """The messages of a job, oldest first; each prompt is followed by its progress and its reply."""

    messages: list[MessageShape]


class JobShape(msgspec.Struct, kw_only=True):
    """A job in the list of an agent's conversations."""

    id: JobId
    status: Annotated[str, Meta(description="`active`, `completed`, `error` or `abandoned`.")]
    agent_id: Annotated[str, Meta(description="The agent's slug.")]
    title: Annotated[str, Meta(description="The first prompt, on one line; empty while there is none.")]
    mode: Annotated[str, Meta(description="`execute` or `ask`.")]
    job_type: Annotated[str, Meta(description="Where it was born: `api`, `slack`, `discord` or `app`.")]
    created_at: Moment
    updated_at: Moment


class JobsShape(msgspec.Struct, kw_only=True):
    """A part of an agent's conversations."""

    conversations: list[JobShape]
    next_cursor: Annotated[str | None, Meta(description="Hand it back as `cursor`; null on the last page.")]


class DeploymentShape(msgspec.Struct, kw_only=True):
    """The answer to a deployment."""

    status: Annotated[str, Meta(examples=["deploying"])]


def moment(at: datetime) -> str:
    """A moment as this dialect writes it, whatever zone the database speaks in."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class StartBody(msgspec.Struct, kw_only=True):
    """The body of `conversations/start`. Members that are not named here are ignored."""

    agent_id: Annotated[str, Meta(description="The agent's slug or its `cci_…` id.")]
    prompt: Annotated[str, Meta(description="At most 1,000,000 characters, not blank.")]
    ask_mode: Annotated[bool | None, Meta(description="Read-only: no tool that changes anything is called.")] = False
    attachment_ids: Annotated[list[AttachmentId] | None, Meta(description="At most 10 uploads of yours.")] = None


class ContinueBody(msgspec.Struct, kw_only=True):
    """The body of `continue`."""

    prompt: Annotated[str, Meta(description="At most 1,000,000 characters, not blank.")]
    attachment_ids: Annotated[list[AttachmentId] | None, Meta(description="At most 10 uploads of yours.")] = None


class AgentBody(msgspec.Struct, kw_only=True):
    """The body of `POST /agents`."""

    name: Annotated[str, Meta(description="At most 255 characters; the slug is made of it.")]
    instances_count: Annotated[int, Meta(ge=1, le=1000)] | None = None
    description: str | None = None
    system_prompt: Annotated[str | None, Meta(description="null takes the server's default instructions.")] = None
    data_set_id: Annotated[int | None, Meta(description="Extension: the data set that the agent searches.")] = None
    model: Annotated[str | None, Meta(description="Extension: `provider:model`.")] = None


class DeployBody(msgspec.Struct, kw_only=True):
    """The body of `deploy`; it may be left out."""

    update_config_only: Annotated[bool | None, Meta(description="Accepted; a deployment here changes nothing.")] = False
