"""What goes over the wire: the dialect's objects, and the forms that it takes.

Source: reference, sections 3.5 and 3.6; the page "Run a Conversation via the API".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from turnkeeper.actions.accepting import LONGEST_TEXT
from turnkeeper.dialects.enthusiast.fields import LARGEST_ID, Fields, Json, boolean, integer, integers, text

MessageType = Literal["human", "ai", "system", "file"]
Role = Literal["user", "agent", "system"]
State = Literal["PENDING", "SUCCESS", "FAILURE"]


class AgentShape(Struct, frozen=True, kw_only=True):
    """The agent of a conversation."""

    id: int
    name: str
    description: str
    dataset: Annotated[int | None, Meta(description="The data set that it searches.")]
    agent_type: str
    created_at: datetime
    updated_at: datetime
    deleted_at: Annotated[
        datetime | None, Meta(description="Set when it was deleted; the conversation is locked then.")
    ]
    corrupted: bool


class HistoryItem(Struct, frozen=True, kw_only=True):
    """One message. The last one is the agent's answer, or a `system` message that says why there is none."""

    id: int
    text: str
    type: MessageType
    role: Annotated[Role, Meta(description="The same as `type`, in the words of the documentation.")]
    file_type: Annotated[str | None, Meta(description="Of a file: its suffix without the dot.")]
    file_name: Annotated[str | None, Meta(description="Of a file: `conversations/<id>/` and its name without suffix.")]
    file_url: Annotated[str | UnsetType, Meta(description="An addition, of files only: where to download it.")] = UNSET


class ConversationRow(Struct, frozen=True, kw_only=True):
    """A conversation in a list."""

    id: int
    started_at: datetime
    summary: Annotated[str | None, Meta(description="The beginning of its first message.")]
    agent: AgentShape


class ConversationDetail(Struct, frozen=True, kw_only=True):
    """A conversation with all its messages."""

    id: int
    started_at: datetime
    summary: Annotated[str | None, Meta(description="The beginning of its first message.")]
    history: Annotated[list[HistoryItem], Meta(description="Ordered by id.")]
    agent: AgentShape
    is_execution_conversation: bool


class ConversationPage(Struct, frozen=True, kw_only=True):
    """A page of conversations, newest first."""

    count: Annotated[int, Meta(description="How many there are on all pages.")]
    next: Annotated[str | None, Meta(description="The address of the next page.")]
    previous: Annotated[str | None, Meta(description="The address of the page before.")]
    results: list[ConversationRow]


class Sent(Struct, frozen=True, kw_only=True):
    """A message was accepted and will be answered."""

    task_id: Annotated[UUID, Meta(description="For `GET /api/task_status/{task_id}`.")]
    streaming: bool


class TaskStatus(Struct, frozen=True, kw_only=True):
    """How far the answer to a message is."""

    state: Annotated[
        State, Meta(description="PENDING until it ends; then read the conversation: its last message is the answer.")
    ]


class ConversationForm(Struct, frozen=True, kw_only=True):
    """What begins a conversation: one of the two."""

    agent_id: Annotated[int | UnsetType, Meta(description="The agent to talk to.")] = UNSET
    data_set_id: Annotated[
        int | UnsetType, Meta(description="The data set to ask about; does not count beside `agent_id`.")
    ] = UNSET


class MessageForm(Struct, frozen=True, kw_only=True):
    """A message to send."""

    question_message: Annotated[str, Meta(description="The text; white space around it is dropped.")]
    data_set_id: Annotated[int | UnsetType, Meta(description="Not needed; if it comes, the conversation's.")] = UNSET
    streaming: Annotated[bool, Meta(description="Does not count yet: answers are polled.")] = False
    file_ids: Annotated[list[int], Meta(description="At most 10 files that were uploaded to this conversation.")] = []


class FileForm(Struct, frozen=True, kw_only=True):
    """The form of an upload."""

    file: Annotated[str, Meta(description="The file, with its name.", extra_json_schema={"format": "binary"})]


Bytes = Annotated[str, Meta(extra_json_schema={"format": "binary"})]


class UploadAccepted(Struct, frozen=True, kw_only=True):
    """A file was kept."""

    task_id: Annotated[UUID, Meta(description="For `GET /api/file-upload-status/{task_id}`.")]


class UploadedFile(Struct, frozen=True, kw_only=True):
    """The file of an upload."""

    id: int
    filename: str
    file_url: Annotated[str, Meta(description="Where to download it, with a key.")]
    content_type: Annotated[str, Meta(description="What the bytes are, whatever the upload said.")]


class UploadResult(Struct, frozen=True, kw_only=True):
    """What an upload came to."""

    status: Literal["SUCCESS"]
    conversation_id: int
    uploaded_file: UploadedFile
    file_id: Annotated[int, Meta(description="For the `file_ids` of a message.")]


class UploadStatus(Struct, frozen=True, kw_only=True):
    """How far an upload is."""

    task_id: UUID
    status: Literal["SUCCESS"]
    result: UploadResult


class SupportedTypes(Struct, frozen=True, kw_only=True):
    """What may be uploaded."""

    supported_extensions: list[str]


class FileProblem(Struct, frozen=True, kw_only=True):
    """Why an upload was refused; `detail` says the same where the form itself cannot be read."""

    error: str
    detail: str | UnsetType = UNSET


class Detail(Struct, frozen=True, kw_only=True):
    """What went wrong, in a sentence."""

    detail: str


WrongFields = dict[str, str | list[str] | dict[str, list[str]]]
"""What is wrong with the form, by field; or one `detail`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewConversation:
    """The form that begins a conversation: with an agent, or else with the agent of a data set."""

    agent_id: int | None
    data_set_id: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class NewMessage:
    """The form that sends a message."""

    text: str
    data_set_id: int | None
    file_ids: tuple[int, ...]


def new_conversation(values: Mapping[str, Json]) -> NewConversation:
    """Read the form; `data_set_id` counts only without `agent_id`.

    Raises:
        FormError: fields are wrong.
    """
    fields = Fields(values)
    if "agent_id" in values or "data_set_id" not in values:
        new = NewConversation(agent_id=fields.required("agent_id", _id, None), data_set_id=None)
    else:
        new = NewConversation(agent_id=None, data_set_id=fields.required("data_set_id", _id, None))
    fields.check()
    return new


def new_message(values: Mapping[str, Json]) -> NewMessage:
    """Read the form. Whether the answer is streamed is not the client's to say yet: `streaming` is only checked.

    Raises:
        FormError: fields are wrong.
    """
    fields = Fields(values)
    question = partial(text, blank="Query message cannot be blank.", most=LONGEST_TEXT)
    file_ids = tuple(dict.fromkeys(fields.optional("file_ids", integers, [])))
    new = NewMessage(
        text=fields.required("question_message", question, ""),
        data_set_id=fields.optional("data_set_id", _id, None, null="Data Set ID cannot be blank"),
        file_ids=file_ids,
    )
    fields.optional("streaming", boolean, False)
    impossible = tuple(file_id for file_id in file_ids if not 0 < file_id <= LARGEST_ID)
    if impossible:
        fields.problems["file_ids"] = [unknown_files(impossible)]
    fields.check()
    return new


def unknown_files(files: Sequence[object]) -> str:
    """The sentence about files that cannot be attached."""
    named = ", ".join(str(file) for file in files)
    return f"The following file IDs do not belong to the conversation: [{named}]"


def _id(value: Json) -> int | None:
    """A number that could be an id, else 0, which no row has."""
    number = integer(value)
    return number if 0 < number <= LARGEST_ID else 0
