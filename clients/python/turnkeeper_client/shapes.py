"""What goes over the wire. Generated from the OpenAPI document by `make clients`: do not edit."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class AgentContent(TypedDict):
    """What an agent is made of."""

    name: str
    description: str | None
    data_set: str | None
    """What it may search. null also when that is gone."""
    instructions: str | None
    model: str | None
    """`provider:model`; null takes the server's default."""
    tools: list[str]
    limits: AgentLimits
    settings: AgentSettings
    """MCP servers, rules for HTTP, approvals, memory and the like: see docs/tools.md, docs/approvals.md,
    docs/memory.md. Values of headers and environments are shown as `(hidden)` to those who may not change the
    agent.
    """
    instances_count: int


class AgentDetails(TypedDict):
    """An agent as it answers now."""

    name: str
    description: str | None
    data_set: str | None
    """What it may search. null also when that is gone."""
    instructions: str | None
    model: str | None
    """`provider:model`; null takes the server's default."""
    tools: list[str]
    limits: AgentLimits
    settings: AgentSettings
    """MCP servers, rules for HTTP, approvals, memory and the like: see docs/tools.md, docs/approvals.md,
    docs/memory.md. Values of headers and environments are shown as `(hidden)` to those who may not change the
    agent.
    """
    instances_count: int
    id: str
    slug: str
    """Made from the first name; it never changes."""
    revision: int
    """The revision that answers, and that is shown here."""
    latest_revision: int
    """The newest; when it is another one, there are drafts."""
    deployed_at: str | None
    """When this revision began to answer."""
    created_at: str
    """RFC 3339, UTC."""
    updated_at: str
    """RFC 3339, UTC."""


class AgentLimitsBody(TypedDict):
    """Limits to set; what is left out has its default, or stays as it is when an agent is changed."""

    model_calls: NotRequired[int | None]
    tool_calls: NotRequired[int | None]
    tokens: NotRequired[int | None]
    cost_usd: NotRequired[float | None]
    output_tokens: NotRequired[int | None]
    history_tokens: NotRequired[int | None]
    seconds: NotRequired[float | None]
    tokens_a_day: NotRequired[int | None]
    cost_usd_a_day: NotRequired[float | None]


class AgentLimits(TypedDict):
    """What one turn, and one day, may spend; null is no limit. See docs/limits.md."""

    model_calls: int
    tool_calls: int
    tokens: int | None
    cost_usd: float | None
    output_tokens: int
    history_tokens: int
    seconds: float
    tokens_a_day: int | None
    cost_usd_a_day: float | None


class AgentRetention(TypedDict):
    """Days for one agent's conversations, in place of the organization's; None takes the organization's."""

    conversations_days: NotRequired[int | None]
    text_days: NotRequired[int | None]
    files_days: NotRequired[int | None]


class AgentSettings(TypedDict):
    """What an agent's tools may do, how it remembers and for how long, and what it does with messages that overlap."""

    mcp_servers: NotRequired[list[McpServer]]
    http: NotRequired[list[HttpRule]]
    approvals: NotRequired[ApprovalPolicy]
    memory: NotRequired[Literal["summary", "window"]]
    overlap: NotRequired[Literal["enqueue", "interrupt", "merge", "reject", "rollback", "steer"]]
    retention: NotRequired[AgentRetention]


class Agent(TypedDict):
    """The agent of a conversation."""

    id: str
    slug: str
    name: str


class AgentTools(TypedDict):
    """The tools that a turn of the agent would have now."""

    items: list[Tool]
    missing: list[str]
    """Sentences about what it should have, and has not."""


class Agents(TypedDict):
    """A part of the agents, newest first."""

    items: list[AgentDetails]
    has_more: bool
    next_cursor: str | None
    """Hand it back as `cursor`; null on the last page."""


class ApprovalAskedEvent(TypedDict):
    """A call waits for a person."""

    event: Literal["approval.asked"]
    approval_id: str
    call_id: str
    """The model's name for the call."""
    tool: str
    question: Literal["call", "outcome"]
    reason: str
    number: int
    """1, 2, 3 … in its conversation, without gaps."""
    message_id: str | None
    """The message that it is about; null when it is gone by now."""
    created_at: str
    """RFC 3339, UTC."""


class ApprovalDecidedEvent(TypedDict):
    """What became of a question."""

    event: Literal["approval.decided"]
    approval_id: str
    call_id: str
    """The model's name for the call."""
    tool: str
    state: Literal["approved", "cancelled", "denied", "expired", "waiting"]
    note: str | None
    number: int
    """1, 2, 3 … in its conversation, without gaps."""
    message_id: str | None
    """The message that it is about; null when it is gone by now."""
    created_at: str
    """RFC 3339, UTC."""


class ApprovalPolicy(TypedDict):
    """What needs a person's yes, how long it may be waited for, and what comes then.

    `on_expiry`: `deny` tells the model that nobody answered, `fail` ends the turn.
    """

    rules: NotRequired[list[ApprovalRule]]
    deciders: NotRequired[Literal["admins", "owners"]]
    expires_after_seconds: NotRequired[float | None]
    on_expiry: NotRequired[Literal["deny", "fail"]]


class ApprovalRule(TypedDict):
    """Calls that need a person's yes: those that every given field fits.

        `tool` may end with `*`. `argument` is a JSON Pointer into the arguments, such as `/amount`; a call fits
    when the value     there is above `above`, or one of `one_of`, or, with neither, when it is there at all. Where
    `above` cannot be compared,     because the value is missing or no number, the call fits: a refund without an
    amount may be a refund of everything.
    """

    tool: NotRequired[str | None]
    kinds: NotRequired[list[Literal["at_most_once", "idempotent", "keyed", "pure"]]]
    argument: NotRequired[str | None]
    above: NotRequired[float | None]
    one_of: NotRequired[list[str]]


class Approval(TypedDict):
    """What a turn asks a person about one call of a tool. It stays when it is decided."""

    id: str
    state: Literal["approved", "cancelled", "denied", "expired", "waiting"]
    """`expired`: nobody decided in time; `cancelled`: its message was cancelled or failed."""
    question: Literal["call", "outcome"]
    """`call`: may this call be made? `outcome`: it was begun and nobody knows whether it happened; may it be made
    again?
    """
    agent: str
    """The slug of the agent that wants to make the call."""
    tool: str
    arguments: dict[str, object]
    """As the model wrote them and the tool will get them."""
    reason: str
    """A sentence for the person: why this is asked."""
    conversation_id: str
    message_id: str
    call_id: str
    """The model's name for the call."""
    note: str | None
    """What the person wrote; the model reads it when the call was denied."""
    decided_by: str | None
    """null while it waits, and when no person decided."""
    created_at: str
    """RFC 3339, UTC."""
    expires_at: str | None
    """null: it waits until somebody decides."""
    decided_at: str | None


class Approvals(TypedDict):
    """A part of the approvals, newest first."""

    items: list[Approval]
    has_more: bool
    next_cursor: str | None
    """Hand it back as `cursor`; null on the last page."""


class Attached(TypedDict):
    """A file of a message."""

    id: str
    name: str
    media_type: str
    size: int
    """In bytes."""


class Attempt(TypedDict):
    """One try at a delivery."""

    number: int
    started_at: str
    """RFC 3339, UTC."""
    milliseconds: int
    status: int | None
    """Of HTTP; null when no answer came."""
    error: str | None
    """A sentence, unless the delivery was taken."""
    answer: str | None
    """The beginning of the answer's body."""


class AuditActor(TypedDict):
    """Who did it."""

    origin: Literal["command", "key", "server", "session"]
    """`key`: a request; `command`: an operator at the command line; `server`: the server by itself."""
    account_id: str | None
    account_name: str | None
    """As the account is called today; erased with the person, and never part of the log."""
    key_id: str | None


class AuditEntry(TypedDict):
    """One change."""

    number: int
    """1, 2, 3 … without gaps."""
    at: str
    """RFC 3339, UTC, with microseconds, as it is hashed."""
    actor: AuditActor
    action: str
    target: AuditTarget
    details: object
    request_id: str | None
    """The request in the server's log."""
    previous_hash: str
    """The `hash` of the entry before; 64 zeros in the first one."""
    hash: str
    """SHA-256, in hexadecimal."""


class AuditHead(TypedDict):
    """The end of the log."""

    number: int
    """How many entries there are."""
    hash: str
    """Of the last entry; 64 zeros when there is none."""
    head: str
    """Both, as `turnkeeper audit verify --head` takes them."""


class Audit(TypedDict):
    """A part of the log, newest first."""

    items: list[AuditEntry]
    has_more: bool
    next_cursor: str | None
    """Hand it back as `cursor`; null on the last page."""


class AuditTarget(TypedDict):
    """What it was done to."""

    kind: str
    id: str | None
    """Its id; of a secret and of limits of an agent, its name."""


class Begun(TypedDict):
    """A conversation and the message that it began with."""

    conversation: Conversation
    message: Message


class Call(TypedDict):
    """A call of a tool, and what it answered."""

    call_id: str
    tool: str
    arguments: str
    """JSON, as the model wrote it."""
    output: str | None
    """null when no answer was recorded."""
    failed: bool


class ChangeAgentBody(TypedDict):
    """A JSON Merge Patch (RFC 7396): objects are merged, null brings back the default, lists are replaced as a whole."""

    name: NotRequired[str]
    description: NotRequired[str | None]
    data_set: NotRequired[str | None]
    """`ds_…`, or its name."""
    instructions: NotRequired[str | None]
    model: NotRequired[str | None]
    tools: NotRequired[list[str] | None]
    limits: NotRequired[AgentLimitsBody | None]
    settings: NotRequired[AgentSettings | None]
    """MCP servers, rules for HTTP, approvals, memory and the like: see docs/tools.md, docs/approvals.md,
    docs/memory.md. Values of headers and environments are shown as `(hidden)` to those who may not change the
    agent.
    """
    instances_count: NotRequired[int | None]
    note: NotRequired[str | None]
    """Why; kept with the revision."""


class ChangeBody(TypedDict):
    """What is to be said about a conversation; what is left out stays."""

    title: NotRequired[str | None]
    """null: the first message stands for it."""
    tags: NotRequired[list[str] | None]
    """All of them; null for none."""
    metadata: NotRequired[dict[str, str | None] | None]
    archived: NotRequired[bool]


class ChangeKeyBody(TypedDict):
    """What is to be different; what is left out stays."""

    name: NotRequired[str | None]
    requests_per_minute: NotRequired[int | None]
    """For admins only; null takes the key's own limit away."""


class ChangeMemberBody(TypedDict):
    """What is to be different; what is left out stays."""

    role: NotRequired[Literal["admin", "member"]]
    is_active: NotRequired[bool]
    password: NotRequired[str]
    """Of a person."""


class Citation(TypedDict):
    """A place in the data set that an answer leans on."""

    document_id: int
    title: str
    address: str
    start: int
    """Offset into the document's text, in characters."""
    end: int
    quote: str
    document_version: int
    """Which text of the document, from 1; 0 when it is not known."""
    verified: bool
    """Whether the server found the quote there, word for word."""
    marks: list[int]
    """The marks of the reply's text that stand for it: 33 for `[33]`. Empty where the text has none, and in replies
    from before they were kept.
    """


class Comparison(TypedDict):
    """What a revision has that another has not, and the other way round."""

    number: int
    against: int
    """0: it is the first one, and compared with nothing."""
    differences: list[Difference]


class Contents(TypedDict):
    """How much a data set holds."""

    documents: int
    products: int
    passages: int


class Conversation(TypedDict):
    """A conversation."""

    id: str
    agent: Agent
    data_set: DataSetName | None
    """What it searches and cites."""
    account_id: str
    """Whose it is."""
    status: Literal["abandoned", "active", "completed", "error"]
    mode: Literal["ask", "execute"]
    """`ask`: nothing outside is changed."""
    origin: Literal["api", "discord", "slack", "web"]
    """The kind of door at which it was born."""
    title: str
    """As given, else the first message, on one line; empty while there is neither."""
    tags: list[str]
    metadata: dict[str, str]
    archived_at: str | None
    message_count: int
    """Messages and replies."""
    usage: Usage
    """What all of its turns took that ended."""
    last_event: int
    """The number of its newest event; 0 while there is none."""
    created_at: str
    """RFC 3339, UTC."""
    updated_at: str
    """RFC 3339, UTC."""
    match: Match | None
    """In a search: what was found."""


class Conversations(TypedDict):
    """A page of conversations."""

    items: list[Conversation]
    has_more: bool
    next_cursor: str | None
    """For the next page: `?cursor=…`"""
    has_all_words: bool
    """false while older messages are still being made searchable: search again in a while."""


class CreateAgentBody(TypedDict):
    """A new agent."""

    name: str
    """The slug is made from it."""
    description: NotRequired[str | None]
    data_set: NotRequired[str | None]
    """`ds_…`, or its name."""
    instructions: NotRequired[str | None]
    model: NotRequired[str | None]
    tools: NotRequired[list[str] | None]
    """By name; left out, it can search its data set, if it has one."""
    limits: NotRequired[AgentLimitsBody | None]
    settings: NotRequired[AgentSettings | None]
    """MCP servers, rules for HTTP, approvals, memory and the like: see docs/tools.md, docs/approvals.md,
    docs/memory.md. Values of headers and environments are shown as `(hidden)` to those who may not change the
    agent.
    """
    instances_count: NotRequired[int | None]


class CreateBody(TypedDict):
    """What a conversation begins with."""

    agent: str
    """Its id, `agt_…`, or its slug."""
    data_set: NotRequired[str | None]
    """Its id, `ds_…`, or its name: takes the place of the agent's in this conversation."""
    mode: NotRequired[Literal["ask", "execute"] | None]
    """`execute` if left out."""
    title: NotRequired[str | None]
    tags: NotRequired[list[str] | None]
    metadata: NotRequired[dict[str, str] | None]
    message: NotRequired[FirstMessageBody | None]
    """With one, it is answered at once."""


class CreateKeyBody(TypedDict):
    """A key to be made."""

    name: str
    account_id: NotRequired[str | None]
    """Whose; your own without it. Others are for admins."""
    scopes: NotRequired[list[Literal["admin", "converse", "manage_agents", "manage_data", "read"]] | None]
    """All that your key has and the account's role allows, when left out."""
    expires_at: NotRequired[str | None]
    """Never, or with the key that asks, when left out."""
    requests_per_minute: NotRequired[int | None]
    """For admins only."""


class CreateMemberBody(TypedDict):
    """A member to be added: a person has `email` and `password`, a program has a `name`."""

    kind: Literal["service", "user"]
    email: NotRequired[str]
    """Of a person."""
    password: NotRequired[str]
    """Of a person: the first one."""
    name: NotRequired[str]
    """Of a program."""
    role: NotRequired[Literal["admin", "member"]]


class CurrentSession(TypedDict):
    """Who is signed in, and what a page needs to ask in the person's name."""

    session: Session
    organization: Organization
    account: Member
    scopes: list[Literal["admin", "converse", "manage_agents", "manage_data", "read"]]
    """What the account's role allows."""
    csrf_token: str
    """For the header `X-CSRF-Token`, with every change."""
    may_set_password: bool
    """Whether a password may be set without the current one."""
    most_upload_bytes: int
    """The size of the largest file that this server takes."""


class DataSetChangeBody(TypedDict):
    """What is to be changed; what is left out stays."""

    name: NotRequired[str]
    description: NotRequired[str]
    embedding_model: NotRequired[str]


class DataSetMember(TypedDict):
    """An account that a data set was opened to."""

    id: str
    kind: Literal["service", "user"]
    name: str
    """A user's e-mail address, or a service account's name."""
    role: Literal["admin", "member"]
    is_active: bool


class DataSetMembers(TypedDict):
    """A part of the accounts that a data set was opened to."""

    items: list[DataSetMember]
    has_more: bool
    next_cursor: str | None
    """Hand it back as `cursor`; null on the last page."""


class DataSetName(TypedDict):
    """The data set that a conversation is about."""

    id: str
    name: str


class DataSet(TypedDict):
    """What agents know."""

    id: str
    name: str
    description: str
    contents: Contents
    embedding: Embedding
    version: int
    """Raised by each change of name, description or model; it is the `ETag`."""
    created_at: str
    """RFC 3339, UTC."""
    updated_at: str
    """When it, or what it holds, was changed last."""


class DataSets(TypedDict):
    """A part of the data sets, newest first."""

    items: list[DataSet]
    has_more: bool
    next_cursor: str | None
    """Hand it back as `cursor`; null on the last page."""


class Database(TypedDict):
    """The database."""

    milliseconds: float
    """How long a statement takes that does nothing."""
    size_bytes: int
    connections: int
    most_connections: int
    version: str


class DecideBody(TypedDict):
    """A decision."""

    decision: Literal["approve", "deny"]
    note: NotRequired[str | None]
    """Why; the model reads it when the call is denied. At most 2,000 characters."""


class Deliveries(TypedDict):
    """A part of a webhook's deliveries, newest first."""

    items: list[Delivery]
    has_more: bool
    next_cursor: str | None
    """Hand it back as `cursor`; null on the last page."""


class Delivery(TypedDict):
    """One fact for one webhook."""

    id: str
    """Its `webhook-id`, the same at every attempt."""
    webhook_id: str
    type: str
    state: Literal["delivered", "failed", "waiting"]
    """`failed`: given up after three days, or the endpoint is gone."""
    attempts: int
    next_attempt_at: str | None
    """null when it is due, and when it came to its end."""
    body: dict[str, object] | None
    """What is sent; null before the first attempt."""
    created_at: str
    """RFC 3339, UTC."""
    ended_at: str | None
    log: NotRequired[list[Attempt]]
    """The attempts, oldest first; only in a single delivery."""


class DeployBody(TypedDict):
    """Which revision is to answer."""

    revision: NotRequired[int | None]
    """Left out: the newest."""


class Difference(TypedDict):
    """One place at which two revisions differ."""

    pointer: str
    """JSON Pointer into `content`."""
    old: dict[str, object] | list[object] | str | float | bool | None
    """null also where there was nothing."""
    new: dict[str, object] | list[object] | str | float | bool | None
    """null also where nothing is left."""
    text: str | None
    """Of texts of several lines: a unified diff."""


class DocumentMeaning(TypedDict):
    """What the meaning of the whole document says."""

    similarity: float
    scaled: float


class Document(TypedDict):
    """One readable thing of a data set; a product has one too, its companion."""

    id: str
    kind: Literal["document", "product"]
    address: str
    """Where it came from; unique in the data set."""
    title: str
    size: int
    """Of its text, in bytes."""
    passages: int
    version: int
    """How many texts it has had, from 1."""
    created_at: str
    """RFC 3339, UTC."""
    updated_at: str
    """RFC 3339, UTC."""


class DocumentText(TypedDict):
    """A document with a stretch of its text. Offsets count characters."""

    id: str
    kind: Literal["document", "product"]
    address: str
    title: str
    size: int
    passages: int
    version: int
    is_changed: bool | None
    """Whether its text is another one than in the `version` that was asked for; null without."""
    length: int
    """Of the whole text."""
    start: int
    end: int
    text: str
    """From `start` to `end`."""
    created_at: str
    """RFC 3339, UTC."""
    updated_at: str
    """RFC 3339, UTC."""


class Documents(TypedDict):
    """A part of the documents, newest first."""

    items: list[Document]
    has_more: bool
    next_cursor: str | None
    """Hand it back as `cursor`; null on the last page."""


class EditBody(TypedDict):
    """Other words."""

    text: str


class EmbeddingModel(TypedDict):
    """A model for the vectors of data sets."""

    name: str
    problem: str | None
    """What keeps your organization from using it."""


class Embedding(TypedDict):
    """By which vectors a data set is searched."""

    model: str
    """The model of the vectors that serve."""
    waiting: int
    """Passages that have no vector of it yet: they are found by their words only."""
    change: ModelChange | None
    """How far another model is. Once all of its vectors are there they serve, at once."""
    trouble: str | None
    """Why vectors could not be made at the last attempt."""


class EndUserBody(TypedDict):
    """An end user, as the metadata of conversations name him."""

    name: str
    value: str


class Entries(TypedDict):
    """A page of a talk: each message is followed by its reply."""

    items: list[Entry]
    has_more: bool
    next_cursor: str | None
    """For the next page: `?cursor=…`"""


class Entry(TypedDict):
    """One entry of the talk: a message, or a reply."""

    id: str
    conversation_id: str
    role: Literal["assistant", "system", "user"]
    """`user`: a message. `assistant`: its answer. `system`: why there is none."""
    status: Literal["cancelled", "completed", "failed", "pending", "queued"]
    """Of a message; a reply is always `completed`."""
    text: str
    answers: str | None
    """Of a reply: the message that it is the reply to."""
    answered_with: str | None
    """The earlier message whose turn took this one in: its reply answers both."""
    left_out: Literal["rolled_back", "superseded"] | None
    """Why the agent does not remember it."""
    feedback: list[Feedback]
    """Of a reply: what people think of it."""
    model: str | None
    """Of a reply."""
    usage: Usage | None
    """Of a reply."""
    citations: list[Citation]
    """Of a reply."""
    files: list[Attached]
    """What was attached; of a reply, what the agent wrote."""
    created_at: str
    """RFC 3339, UTC."""
    updated_at: str
    """RFC 3339, UTC."""


class ErasureBody(TypedDict):
    """What is to be erased: one of these."""

    conversation_id: NotRequired[str | None]
    """A conversation."""
    account_id: NotRequired[str | None]
    """A person or program, with all conversations."""
    end_user: NotRequired[EndUserBody | None]
    """All conversations with this value under this name of their metadata."""


class Erasure(TypedDict):
    """An erasure; once it is completed, its receipt."""

    id: str
    kind: Literal["conversation", "end_user", "person"]
    conversation_id: str | None
    account_id: str | None
    end_user_name: str | None
    """The name in the metadata; the value is not kept."""
    state: Literal["completed", "queued", "running"]
    removed: dict[str, int]
    """How much was removed so far, by kind; `bytes` are those of files."""
    created_at: str
    """RFC 3339, UTC."""
    ended_at: str | None
    audit_number: int | None
    """The entry of the audit log that tells that it is done."""
    hash: str | None
    """SHA-256 over the receipt, in hexadecimal."""


class Erasures(TypedDict):
    """A part of the erasures, newest first."""

    items: list[Erasure]
    has_more: bool
    next_cursor: str | None
    """Hand it back as `cursor`; null on the last page."""


class Events(TypedDict):
    """A part of a log, in order."""

    items: list[
        MessageQueuedEvent
        | TurnStartedEvent
        | TextEvent
        | ThinkingEvent
        | ToolCalledEvent
        | ToolReturnedEvent
        | ModelReturnedEvent
        | ApprovalAskedEvent
        | ApprovalDecidedEvent
        | MessageCancelledEvent
        | MessageAbsorbedEvent
        | MessagesSupersededEvent
        | MessageCompletedEvent
        | MessageFailedEvent
    ]
    has_more: bool
    next_after: int
    """Hand it back as `after`, also when there is no more yet."""


class Explanation(TypedDict):
    """Why a passage has its score, from the figures by which it was ranked."""

    words: Words | None
    meaning: Meaning | None
    """null where there is no vector: the words stand in."""
    document: DocumentMeaning | None
    """null where there is no vector."""
    meaning_share: float
    document_share: float
    own: float
    """(1 - meaning_share) · words + meaning_share · meaning, both scaled."""
    fused: float
    """(own + document_share · document) / (1 + document_share)."""
    support: float
    """What other passages of the document add to its best one; 0 for the others."""
    scale: float
    """The score is (fused + support) / scale, which keeps it below 1."""


class FailedSignInsList(TypedDict):
    """The last 90 days, newest first."""

    items: list[FailedSignIns]


class FailedSignIns(TypedDict):
    """How often a key was no good, on one day for one reason."""

    day: str
    """Of UTC."""
    reason: str
    count: int


class Failure(TypedDict):
    """A turn that failed."""

    message_id: str
    conversation_id: str
    agent: str
    """The slug."""
    at: str
    """RFC 3339, UTC."""
    reason: str
    """What its people were told."""


class Fault(TypedDict):
    """One thing to mend, and where it is."""

    detail: str
    code: str
    pointer: NotRequired[str]
    """JSON Pointer into the body."""
    parameter: NotRequired[str]
    """The query parameter."""
    header: NotRequired[str]
    """The header."""


class FeedbackBody(TypedDict):
    """Your opinion of a reply."""

    rating: Literal["down", "up"]
    comment: NotRequired[str | None]
    """At most 2,000 characters."""


class Feedback(TypedDict):
    """What somebody thinks of a reply."""

    account_id: str | None
    """null when it came with an imported conversation."""
    rating: Literal["down", "up"]
    comment: str | None
    updated_at: str
    """RFC 3339, UTC."""


class FileForm(TypedDict):
    """The form of one file."""

    file: str
    """The file, with its name."""


class File(TypedDict):
    """A file of a message."""

    id: str
    name: str
    """For display only."""
    media_type: str
    """What the bytes are, whatever was said of them."""
    size: int
    """In bytes."""
    written_by: Literal["agent", "person"]
    """`agent`: it came with a reply."""
    created_at: str
    """RFC 3339, UTC."""


class FilesForm(TypedDict):
    """The form of an upload: the field `file` once or more often, each with a file name."""

    file: list[str]
    """Files, or ZIP archives of folders. The name of a file is its address."""


class Files(TypedDict):
    """A part of a conversation's files, newest first."""

    items: list[PlacedFile]
    has_more: bool
    next_cursor: str | None
    """Hand it back as `cursor`; null on the last page."""


class FirstMessageBody(TypedDict):
    """The message that a conversation begins with."""

    text: str
    files: NotRequired[list[str] | None]
    """Uploaded before."""
    overlap: NotRequired[Literal["enqueue", "interrupt", "merge", "reject", "rollback", "steer"] | None]
    """Of no weight here: there is nothing that it could overlap."""


class ForkBody(TypedDict):
    """Where a conversation is to be forked."""

    message: str
    """The last message, or its reply, that the fork has."""
    title: NotRequired[str | None]


class FoundPassage(TypedDict):
    """A passage that a search found; its text stands in the output."""

    mark: int
    """The number by which the model cites it."""
    document_id: int
    """0 in an imported conversation."""
    title: str
    address: str
    start: int
    """Offset into the document's text, in characters."""
    end: int
    score: float
    """Comparable within one search only; higher is better."""


class Found(TypedDict):
    """A passage that fits."""

    rank: int
    score: float
    """0 to 1; comparable within one search only."""
    document_id: str
    document_version: int
    """Which text of the document the offsets count in."""
    title: str
    address: str
    start: int
    end: int
    text: str
    explanation: NotRequired[Explanation]


class Head(TypedDict):
    """The conversation itself."""

    agent: str
    """Its slug."""
    data_set: str | None
    """Its name."""
    mode: Literal["ask", "execute"]
    origin: Literal["api", "discord", "slack", "web"]
    status: Literal["abandoned", "active", "completed", "error"]
    title: str | None
    tags: list[str]
    metadata: dict[str, str]
    usage: Spent | None
    memory: Memory | None
    created_at: str
    """RFC 3339, to the microsecond."""
    updated_at: str
    """RFC 3339, to the microsecond."""
    archived_at: str | None


class HttpRule(TypedDict):
    """A host that the agent's HTTP tools may speak to.

        `host` is a name, or `*.name` for all below it, with a port behind a colon where it is not the usual one;
    `*` alone is     every public host. `kind` is that of calls that are not GET or HEAD: `keyed` where the host
    takes an `Idempotency-Key`     header. Values of `headers` may be secrets, as those of `McpServer`.
    """

    host: str
    methods: NotRequired[list[str]]
    kind: NotRequired[Literal["at_most_once", "idempotent", "keyed", "pure"]]
    headers: NotRequired[dict[str, str]]
    allows_private_addresses: NotRequired[bool]


class Invitation(TypedDict):
    """A way in for one person, once."""

    code: str | None
    """Null when the same request was made before: no code is stored."""
    path: str | None
    """Behind the server's address it is a link that signs in."""
    expires_in_seconds: int


class KeptEvent(TypedDict):
    """An event; its number is where it stands, counted from 1."""

    message: int
    """A message or reply by where it stands, counted from 1."""
    at: str
    """RFC 3339, to the microsecond."""
    kind: str
    body: dict[str, object]
    """As in the event log; `approval_id`, `into` and `by` are places, and `reply_id` is left out."""


class KeptFile(TypedDict):
    """A file."""

    name: str
    media_type: str
    size: int
    sha256: str
    created_at: str
    """RFC 3339, to the microsecond."""
    content: NotRequired[str]
    """The bytes in base 64, with `files=inline`."""


class KeptMessage(TypedDict):
    """A message or a reply."""

    role: Literal["assistant", "system", "user"]
    status: Literal["cancelled", "completed", "failed", "pending", "queued"]
    text: str
    answers: int | None
    """Of a reply: the message that it answers."""
    model: str | None
    usage: Spent | None
    citations: list[Quote]
    rounds: list[Round]
    """Of a message: what was done to answer it."""
    overlap: Literal["enqueue", "interrupt", "merge", "reject", "rollback", "steer"] | None
    """By which policy it was accepted; null for the usual one."""
    answered_with: int | None
    """The earlier message whose turn took this one in: its reply answers both."""
    joined_call: int | None
    """Before which call of the model of that turn."""
    left_out: Literal["rolled_back", "superseded"] | None
    """Why the agent does not remember it."""
    feedback: list[Opinion]
    """Of a reply: what people think of it; not who."""
    created_at: str
    """RFC 3339, to the microsecond."""
    updated_at: str
    """RFC 3339, to the microsecond."""
    files: list[KeptFile]
    """The last member, so that bytes can follow piece by piece."""


class Key(TypedDict):
    """A key; its secret is told once, when it is new."""

    id: str
    name: str
    prefix: str
    """What its secret begins with."""
    state: Literal["expired", "live", "revoked"]
    """Only a `live` key opens anything."""
    account_id: str
    account: str
    """The e-mail address, or the service account's name."""
    scopes: list[Literal["admin", "converse", "manage_agents", "manage_data", "read"]]
    """What it was given; what its account's role does not allow does not count."""
    requests_per_minute: int | None
    """The most; null is the server's default."""
    created_at: str
    """RFC 3339, UTC."""
    expires_at: str | None
    """null: it does not expire."""
    last_used_at: str | None
    """To some 10 seconds."""
    revoked_at: str | None
    old_secret_until: str | None
    """Until when the secret before the last rotation is good too."""


class Keys(TypedDict):
    """A part of the keys, newest first."""

    items: list[Key]
    has_more: bool
    next_cursor: str | None
    """Hand it back as `cursor`; null on the last page."""


class LimitsBody(TypedDict):
    """All limits: what is left out is no limit."""

    model_calls: NotRequired[int | None]
    """Calls of the model a turn."""
    tool_calls: NotRequired[int | None]
    """Calls of tools a turn."""
    tokens: NotRequired[int | None]
    """Tokens a turn, in and out."""
    cost_usd: NotRequired[float | None]
    """US dollars a turn."""
    seconds: NotRequired[float | None]
    """A turn's length."""
    tokens_a_day: NotRequired[int | None]
    """Tokens a day of UTC, all agents."""
    cost_usd_a_day: NotRequired[float | None]
    """US dollars a day of UTC, all agents."""


class Limits(TypedDict):
    """What the organization allows its agents; null is no limit. Of an agent's own limit and this the lower one
    counts.
    """

    model_calls: NotRequired[int | None]
    """Calls of the model a turn."""
    tool_calls: NotRequired[int | None]
    """Calls of tools a turn."""
    tokens: NotRequired[int | None]
    """Tokens a turn, in and out."""
    cost_usd: NotRequired[float | None]
    """US dollars a turn."""
    seconds: NotRequired[float | None]
    """A turn's length."""
    tokens_a_day: NotRequired[int | None]
    """Tokens a day of UTC, all agents."""
    cost_usd_a_day: NotRequired[float | None]
    """US dollars a day of UTC, all agents."""


class LiveTurn(TypedDict):
    """The turn of a message that is being answered, or that waits for people."""

    message_id: str
    attempt: int
    said: list[Said]
    open_calls: list[OpenCall]


class MadeWebhook(TypedDict):
    """A webhook with its secret, which is shown now and never again."""

    id: str
    url: str
    """Begins with https://."""
    description: str | None
    types: list[
        Literal[
            "*",
            "agent.*",
            "agent.changed",
            "approval.*",
            "approval.asked",
            "approval.decided",
            "conversation.*",
            "conversation.archived",
            "conversation.created",
            "conversation.deleted",
            "conversation.updated",
            "data_set.*",
            "data_set.synced",
            "message.*",
            "message.absorbed",
            "message.cancelled",
            "message.completed",
            "message.failed",
            "message.queued",
            "message.started",
            "message.superseded",
            "tool.*",
            "tool.called",
            "tool.returned",
            "webhook.*",
            "webhook.disabled",
        ]
    ]
    """What it subscribes to."""
    agents: list[str] | None
    """Only facts about these agents: `agt_…`. null: about all. What is about no agent is sent all the same."""
    enabled: bool
    disabled_reason: Literal["asked", "failing", "gone"] | None
    """`asked`: by a person; `gone`: it answered 410; `failing`: it failed for five days."""
    failing_since: str | None
    """The first failure after the last success."""
    waiting: int
    """Deliveries that are not made yet."""
    old_secret_until: str | None
    """Until when an older secret signs too."""
    created_at: str
    """RFC 3339, UTC."""
    updated_at: str
    """RFC 3339, UTC."""
    secret: str
    """What deliveries are signed with."""


class Match(TypedDict):
    """Where a search found its words."""

    message_id: str
    """The newest message that has them."""
    snippet: str
    """What stands around the words, each between `**`."""


class McpServer(TypedDict):
    """A server of tools, by a command that is started or an address; exactly one of both.

        The program `python` is the Python that Turnkeeper itself runs with. Values of `environment` and `headers`
    may be     `vault:NAME`, or end with it after a blank as in `Bearer vault:NAME`, for a secret of the
    organization. The kind of a     tool is the one in `kinds`, else what the server's annotations say, else
    `at_most_once`.

        An address that is written as a private one is reached as it is. A name that may be public must lead to the
    public     internet unless `allows_private_addresses` says otherwise.
    """

    name: str
    command: NotRequired[list[str]]
    url: NotRequired[str | None]
    environment: NotRequired[dict[str, str]]
    headers: NotRequired[dict[str, str]]
    tools: NotRequired[list[str] | None]
    kinds: NotRequired[dict[str, Literal["at_most_once", "idempotent", "keyed", "pure"]]]
    seconds: NotRequired[float]
    allows_private_addresses: NotRequired[bool]


class Me(TypedDict):
    """Who asks, and with what."""

    organization: Organization
    account: Member
    key: Key
    scopes: list[Literal["admin", "converse", "manage_agents", "manage_data", "read"]]
    """What this key may be used for, given its account's role."""


class Meaning(TypedDict):
    """What the meaning of the question says."""

    similarity: float
    """The cosine of the vectors."""
    rank: int | None
    """Among the best 100 by meaning; null: found by words, and compared by meaning too."""
    scaled: float
    """The similarity over that of the best."""


class Member(TypedDict):
    """A person, or a program, of the organization."""

    id: str
    kind: Literal["service", "user"]
    """`user`: a person; `service`: a program, which signs in with keys only."""
    name: str
    """The e-mail address of a person."""
    role: Literal["admin", "member"]
    """`admin` sees and changes all of the organization."""
    is_active: bool
    """The keys of an account that is not are refused."""
    is_operator: bool
    """Whether it may make organizations, as long as it is an admin."""
    created_at: str
    """RFC 3339, UTC."""


class Members(TypedDict):
    """A part of the members, newest first."""

    items: list[Member]
    has_more: bool
    next_cursor: str | None
    """Hand it back as `cursor`; null on the last page."""


class Memory(TypedDict):
    """The running summary of what is long ago."""

    up_to: int
    """A message or reply by where it stands, counted from 1."""
    text: str
    model: str


class MessageAbsorbedEvent(TypedDict):
    """The turn of an earlier message took this one in: it has the same reply, and ends when the turn does."""

    event: Literal["message.absorbed"]
    into: str
    """The message that the turn answers."""
    model_call: int
    """Before which model call of that turn."""
    how: Literal["merge", "steer"]
    number: int
    """1, 2, 3 … in its conversation, without gaps."""
    message_id: str | None
    """The message that it is about; null when it is gone by now."""
    created_at: str
    """RFC 3339, UTC."""


class MessageCancelledEvent(TypedDict):
    """The message ended before its answer did; the reply keeps what was said. Nothing about this message follows."""

    event: Literal["message.cancelled"]
    reply_id: str | None
    """The reply; null when it is gone by now."""
    how: Literal["cancelled", "interrupted", "rolled_back"]
    """`cancelled` by somebody; `interrupted` by the message that follows; `rolled_back` by it: the agent does not
    remember this one.
    """
    number: int
    """1, 2, 3 … in its conversation, without gaps."""
    message_id: str | None
    """The message that it is about; null when it is gone by now."""
    created_at: str
    """RFC 3339, UTC."""


class MessageCompletedEvent(TypedDict):
    """The reply stands. Nothing about this message follows."""

    event: Literal["message.completed"]
    reply_id: str | None
    """The reply; null when it is gone by now."""
    model: str
    usage: Usage
    number: int
    """1, 2, 3 … in its conversation, without gaps."""
    message_id: str | None
    """The message that it is about; null when it is gone by now."""
    created_at: str
    """RFC 3339, UTC."""


class MessageFailedEvent(TypedDict):
    """There is no answer; the reply says why. Nothing about this message follows."""

    event: Literal["message.failed"]
    reply_id: str | None
    """The reply; null when it is gone by now."""
    code: str
    reason: str
    number: int
    """1, 2, 3 … in its conversation, without gaps."""
    message_id: str | None
    """The message that it is about; null when it is gone by now."""
    created_at: str
    """RFC 3339, UTC."""


class MessageQueuedEvent(TypedDict):
    """A message was accepted."""

    event: Literal["message.queued"]
    overlap: Literal["enqueue", "interrupt", "merge", "reject", "rollback", "steer"]
    """What was done with it, as others were unfinished."""
    number: int
    """1, 2, 3 … in its conversation, without gaps."""
    message_id: str | None
    """The message that it is about; null when it is gone by now."""
    created_at: str
    """RFC 3339, UTC."""


class Message(TypedDict):
    """A message and what came of it."""

    id: str
    conversation_id: str
    role: Literal["assistant", "system", "user"]
    status: Literal["cancelled", "completed", "failed", "pending", "queued"]
    """`queued` → `pending` → `completed`, `failed` or `cancelled`."""
    text: str
    is_parked: bool
    """Whether it waits for people: it goes on when one of `waits_for` is decided."""
    waits_for: list[str]
    """The approvals that nobody decided yet, oldest first."""
    error: str | None
    """Why it failed: a stable code; the reply has the sentence."""
    reply: Reply | None
    """null until the message is finished; of a cancelled one, what was said."""
    answers: str | None
    """Of a reply: the message that it is the reply to."""
    answered_with: str | None
    """The earlier message whose turn took this one in: they end together and have the same reply."""
    overlap: Literal["enqueue", "interrupt", "merge", "reject", "rollback", "steer"]
    """What was done with it when it came, as others were unfinished: `enqueue` also where another policy was wanted
    and could not be applied.
    """
    left_out: Literal["rolled_back", "superseded"] | None
    """Why the agent does not remember it: a newer message rolled it back, or stands in its place. null: it does."""
    queue: Queue | None
    """Of a queued message: what is before it."""
    feedback: list[Feedback]
    """Of a reply: what people think of it, oldest first."""
    model: str | None
    """Of a reply."""
    usage: Usage | None
    """Of a reply."""
    citations: list[Citation]
    """Of a reply."""
    files: list[File]
    """What was attached; of a reply, what the agent wrote."""
    agent_revision: int | None
    """The revision of the agent that answers; null until it begins to."""
    created_at: str
    """RFC 3339, UTC."""
    updated_at: str
    """RFC 3339, UTC."""


class MessagesSupersededEvent(TypedDict):
    """The talk from this message on was left behind: another message stands in its place."""

    event: Literal["messages.superseded"]
    by: str
    count: int
    """How many messages and replies were left behind."""
    number: int
    """1, 2, 3 … in its conversation, without gaps."""
    message_id: str | None
    """The message that it is about; null when it is gone by now."""
    created_at: str
    """RFC 3339, UTC."""


class ModelAsked(TypedDict):
    """What a model was asked with, and why it ended."""

    messages: int
    """How many it was given: the talk as the agent remembers it."""
    tools: int
    """How many it was offered."""
    max_output_tokens: int
    finish_reason: str


class ModelChange(TypedDict):
    """An embedding model that is to take the place of the one that serves."""

    model: str
    done: int
    """Passages that have its vector."""
    total: int


class ModelReturnedEvent(TypedDict):
    """A call of the model ended and took so much."""

    event: Literal["model.returned"]
    model_call: int
    """Which model call of the turn: 1, 2, 3 …"""
    model: str
    usage: Usage
    timing: Timing | None
    """null in logs of before there were times."""
    asked: ModelAsked | None
    """null in logs of before it was noted."""
    number: int
    """1, 2, 3 … in its conversation, without gaps."""
    message_id: str | None
    """The message that it is about; null when it is gone by now."""
    created_at: str
    """RFC 3339, UTC."""


class Model(TypedDict):
    """A model that is known by name."""

    name: str
    """As agents name it."""
    title: str | None
    context_tokens: int | None
    is_deprecated: bool
    price: Price | None
    """null: it has none by the token."""


class Models(TypedDict):
    """Which models there are."""

    default: str
    """The model of agents that name none."""
    providers: list[Provider]
    embedding_models: list[EmbeddingModel]
    """The usual ones; others of the same providers can be used too."""


class NewDataSetBody(TypedDict):
    """A data set to be made."""

    name: str
    """1 to 200 printable characters; unique in the organization."""
    description: NotRequired[str]
    embedding_model: NotRequired[str]
    """`minilm` (the default, on this machine), `openai:NAME` or `ollama:NAME`."""


class NewKey(TypedDict):
    """A key with its new secret."""

    id: str
    name: str
    prefix: str
    """What its secret begins with."""
    state: Literal["expired", "live", "revoked"]
    """Only a `live` key opens anything."""
    account_id: str
    account: str
    """The e-mail address, or the service account's name."""
    scopes: list[Literal["admin", "converse", "manage_agents", "manage_data", "read"]]
    """What it was given; what its account's role does not allow does not count."""
    requests_per_minute: int | None
    """The most; null is the server's default."""
    created_at: str
    """RFC 3339, UTC."""
    expires_at: str | None
    """null: it does not expire."""
    last_used_at: str | None
    """To some 10 seconds."""
    revoked_at: str | None
    old_secret_until: str | None
    """Until when the secret before the last rotation is good too."""
    secret: str | None
    """Told here and never again; null on the repeated answer to an Idempotency-Key: it is not stored."""


class NewMemberBody(TypedDict):
    """Whom a data set is to be opened to."""

    account: str
    """`acc_…`, an e-mail address, or a service account's name."""


class NewOrganization(TypedDict):
    """A new organization, and how one gets in."""

    id: str
    name: str
    created_at: str
    """RFC 3339, UTC."""
    key: NewKey
    """A key of its first admin, a service account; it may do everything there."""


class NewScheduleBody(TypedDict):
    """A schedule to be."""

    name: str
    agent: str
    """The agent: its slug, or `agt_…`."""
    cron: str
    """Five fields (minute, hour, day of the month, month, day of the week), or `@hourly`, `@daily`, `@weekly`,
    `@monthly`, `@yearly`.
    """
    timezone: NotRequired[str | None]
    """UTC if left out."""
    text: str
    """The message that is sent."""
    mode: NotRequired[Literal["ask", "execute"] | None]
    """`execute` if left out."""
    conversation: NotRequired[Literal["new", "one"] | None]
    """`new` if left out."""


class NewWebhookBody(TypedDict):
    """A webhook to be."""

    url: str
    """Begins with https://."""
    description: NotRequired[str | None]
    types: NotRequired[
        list[
            Literal[
                "*",
                "agent.*",
                "agent.changed",
                "approval.*",
                "approval.asked",
                "approval.decided",
                "conversation.*",
                "conversation.archived",
                "conversation.created",
                "conversation.deleted",
                "conversation.updated",
                "data_set.*",
                "data_set.synced",
                "message.*",
                "message.absorbed",
                "message.cancelled",
                "message.completed",
                "message.failed",
                "message.queued",
                "message.started",
                "message.superseded",
                "tool.*",
                "tool.called",
                "tool.returned",
                "webhook.*",
                "webhook.disabled",
            ]
        ]
        | None
    ]
    agents: NotRequired[list[str] | None]
    """Only facts about these agents: `agt_…`. null: about all. What is about no agent is sent all the same."""
    enabled: NotRequired[bool | None]


class Node(TypedDict):
    """A process."""

    name: str
    """Its host and process id."""
    kind: Literal["serve", "work"]
    version: str
    started_at: str
    """RFC 3339, UTC."""
    connections: int
    """To the database."""
    running: int | None
    """Tasks that it works on; null when it only serves."""
    last_heartbeat_at: str | None
    """When its worker was last heard of."""
    is_alive: bool


class Nodes(TypedDict):
    """The server as a whole."""

    items: list[Node]
    database: Database
    queue: Tasks
    embedder_is_ready: bool | None
    """In the process that answers; null when it does not load it at its start."""


class OpenCall(TypedDict):
    """A call of a tool that has not returned."""

    call_id: str
    """The model's name for the call."""
    tool: str
    arguments: dict[str, object]
    """As the model wrote them."""


class Opinion(TypedDict):
    """What somebody thinks of a reply."""

    rating: Literal["down", "up"]
    comment: str | None
    updated_at: str
    """RFC 3339, to the microsecond."""


class OrganizationBody(TypedDict):
    """What an organization is to be called."""

    name: str


class Organization(TypedDict):
    """A tenant: nothing is ever visible across two of them."""

    id: str
    name: str
    created_at: str
    """RFC 3339, UTC."""


class Organizations(TypedDict):
    """A part of the organizations, newest first."""

    items: list[Organization]
    has_more: bool
    next_cursor: str | None
    """Hand it back as `cursor`; null on the last page."""


Overview = TypedDict(
    "Overview",
    {
        "from": "str",
        "to": "str",
        "by": "Literal['day', 'hour']",
        "total": "TurnSums",
        "items": "list[Stretch]",
        "failures": "list[Failure]",
        "queue": "QueueNow",
        "is_cut": "bool",
    },
)


class Passage(TypedDict):
    """A piece of a document that search can find."""

    start: int
    """Offset into the document's text, in characters."""
    end: int
    text: str
    context: str
    """The title and the headings above it, by which it is found too."""
    has_vector: bool
    """Whether it is found by its meaning too."""


class Passages(TypedDict):
    """A part of the passages of a document, in its order."""

    document_version: int
    items: list[Passage]
    has_more: bool
    next_cursor: str | None
    """Hand it back as `cursor`; null on the last page."""


class PasswordBody(TypedDict):
    """A new password for oneself."""

    current_password: NotRequired[str]
    """Not needed in a session that was begun with a one-time code less than an hour ago."""
    new_password: str


class PlacedFile(TypedDict):
    """A file, and where it is."""

    id: str
    name: str
    """For display only."""
    media_type: str
    """What the bytes are, whatever was said of them."""
    size: int
    """In bytes."""
    written_by: Literal["agent", "person"]
    """`agent`: it came with a reply."""
    created_at: str
    """RFC 3339, UTC."""
    message_id: str | None
    """The first message that has it; null while none has."""
    conversation_id: str | None
    """The conversation of that message."""


class Price(TypedDict):
    """US dollars per million tokens; where the price grows with the prompt, the lowest."""

    input: float
    output: float
    cache_read: float
    cache_write: float


class Problem(TypedDict):
    """What went wrong (RFC 9457). Programs go by `code`, people read `detail`."""

    type: str
    """`urn:turnkeeper:problem:` and the code."""
    title: str
    status: int
    detail: str
    instance: str
    """The path of the request."""
    code: str
    request_id: NotRequired[str]
    """The request in the server's log."""
    errors: NotRequired[list[Fault]]
    """Every fault of the request."""
    retry_after: NotRequired[int]
    """Seconds after which to try again."""


class Product(TypedDict):
    """One thing that is sold."""

    id: str
    entry_id: str
    """The shop's own id."""
    name: str
    slug: str
    sku: str
    description: str
    properties: str
    """One `name: value` a line."""
    categories: str
    price: float | None
    """In the shop's own currency."""
    document_id: str
    """Its readable companion, which answers cite."""
    updated_at: str
    """RFC 3339, UTC."""


class Products(TypedDict):
    """A part of the products that fit."""

    items: list[Product]
    has_more: bool
    next_cursor: str | None
    """Hand it back as `cursor`; null on the last page."""
    total: int
    """How many fit."""


class Provider(TypedDict):
    """A provider of models."""

    name: str
    """What stands before the colon of a model's name."""
    title: str
    problem: str | None
    """What keeps your organization from using it; null when nothing does."""
    needs_key: bool
    key_from: Literal["server", "vault"] | None
    """Whose key is used: your organization's own, or the server's. Keys are never shown."""
    secret: str | None
    """Under which name your organization keeps a key of its own."""
    models: list[Model]
    """Those known by name, with prices; others can be used too."""


class QueueNow(TypedDict):
    """The organization's turns that are not done."""

    waiting: int
    running: int
    oldest_seconds: float
    """How long the first of those has waited that could begin."""


class Queue(TypedDict):
    """Where a queued message stands."""

    ahead_in_conversation: int
    """Unfinished messages of its conversation before it; counted up to 1,000."""
    ahead_in_queue: int | None
    """Tasks of its organization before its own, counted up to 1,000; null while it has none, because an earlier
    message waits for people.
    """


class Quote(TypedDict):
    """A place in the data set that a reply leans on."""

    address: str
    """The document, by its address in the data set."""
    title: str
    document_version: int
    start: int
    end: int
    quote: str
    verified: bool
    marks: NotRequired[list[int]]
    """The numbers in brackets by which the reply's text points here."""


class Removed(TypedDict):
    """What was removed with a conversation. Nothing is left of it but what its turns cost, in the sums of the days."""

    id: str
    messages: int
    """Messages and replies."""
    events: int
    effects: int
    """Records of calls that touched the world; what they did stays done."""
    approvals: int
    files: int
    """Links to files. A file that nothing else has goes within days."""


class ReplayBody(TypedDict):
    """What is to be sent again."""

    since: str
    """RFC 3339, UTC."""
    only_failed: NotRequired[bool | None]
    """true if left out: only what was given up."""


class Replayed(TypedDict):
    """How much is sent again."""

    deliveries: int
    """At most 10,000: the oldest."""


class Reply(TypedDict):
    """What came of a message."""

    id: str
    role: Literal["assistant", "system", "user"]
    """`assistant`: the answer. `system`: there is none, and the text says why."""
    text: str
    model: str | None
    usage: Usage | None
    citations: list[Citation]
    feedback: list[Feedback]
    """What people think of it, oldest first."""
    files: list[File]
    """What the agent wrote while it answered."""
    agent_revision: int | None
    """The revision of the agent that answered."""
    created_at: str
    """RFC 3339, UTC."""


class Retention(TypedDict):
    """How long things are kept; null for as long as the server keeps them."""

    conversations_days: NotRequired[int | None]
    """Conversations untouched for so long are deleted."""
    text_days: NotRequired[int | None]
    """In conversations untouched for so long the log's pieces of text become empty; replies stay."""
    files_days: NotRequired[int | None]
    """Files go, also from the messages that have them."""
    webhook_deliveries_days: NotRequired[int | None]
    """30 days at most, whatever this says."""
    idempotency_hours: NotRequired[int | None]
    """Results kept for repeated requests: 24 to 48 hours."""


class Revision(TypedDict):
    """One revision. It never changes, but for `deployed_at`."""

    number: int
    """From 1, without gaps."""
    content: AgentContent
    note: str | None
    based_on: int | None
    """What was changed, or is brought back; null of the first one."""
    author: str | None
    """Who made it; null when that is not known, or gone."""
    is_deployed: bool
    """Whether it is the one that answers."""
    created_at: str
    """RFC 3339, UTC."""
    deployed_at: str | None
    """When it last began to answer; null: it never did."""


class Revisions(TypedDict):
    """A part of the revisions, newest first."""

    items: list[Revision]
    has_more: bool
    next_cursor: str | None
    """Hand it back as `cursor`; null on the last page."""


class RollBackBody(TypedDict):
    """Which revision to bring back."""

    revision: int
    note: NotRequired[str | None]
    """Why."""


class RotateBody(TypedDict):
    """How a secret is replaced."""

    grace_hours: NotRequired[float | None]
    """How long the older secrets sign too: 24 hours if left out."""


class RotateKeyBody(TypedDict):
    """How a secret is replaced."""

    grace_seconds: NotRequired[int]
    """How long the old secret is good too: none when left out, 7 days at most."""


class Round(TypedDict):
    """A reply of the model that called tools."""

    model_call: int
    text: str
    calls: list[Call]


class Run(TypedDict):
    """What came of one tick, or of being asked to run."""

    tick_at: str | None
    """The tick, earlier than `fired_at` where no server ran; null when somebody asked for the run."""
    fired_at: str
    """RFC 3339, UTC."""
    outcome: Literal["accepted", "refused", "skipped"]
    """`skipped`: the message before was not answered yet; `refused`: it could not be sent."""
    reason: str | None
    """A sentence, unless the message was accepted."""
    conversation_id: str | None
    message_id: str | None
    """The message that was sent."""


class Runs(TypedDict):
    """A part of a schedule's runs, newest first."""

    items: list[Run]
    has_more: bool
    next_cursor: str | None
    """Hand it back as `cursor`; null on the last page."""


class Said(TypedDict):
    """What one model call has said so far, without what is void."""

    model_call: int
    """Which model call of the turn: 1, 2, 3 …"""
    text: str
    thinking: str


class ScheduleBody(TypedDict):
    """What is to be changed; what is left out stays."""

    name: NotRequired[str]
    agent: NotRequired[str]
    """The agent: its slug, or `agt_…`."""
    cron: NotRequired[str]
    """Five fields (minute, hour, day of the month, month, day of the week), or `@hourly`, `@daily`, `@weekly`,
    `@monthly`, `@yearly`.
    """
    timezone: NotRequired[str]
    """The IANA name of a time zone."""
    text: NotRequired[str]
    """The message that is sent."""
    mode: NotRequired[Literal["ask", "execute"]]
    conversation: NotRequired[Literal["new", "one"]]
    """`new`: each message begins a conversation; `one`: all go into one, and a tick is skipped while the message
    before is not answered.
    """


class Schedule(TypedDict):
    """A message that is sent at every tick, in the name of who made the schedule."""

    id: str
    name: str
    agent: str
    """The agent's slug."""
    account_id: str
    """In whose name its messages are sent."""
    cron: str
    """Five fields (minute, hour, day of the month, month, day of the week), or `@hourly`, `@daily`, `@weekly`,
    `@monthly`, `@yearly`.
    """
    timezone: str
    """The IANA name of a time zone."""
    text: str
    """The message that is sent."""
    mode: Literal["ask", "execute"]
    conversation: Literal["new", "one"]
    """`new`: each message begins a conversation; `one`: all go into one, and a tick is skipped while the message
    before is not answered.
    """
    conversation_id: str | None
    """The one that goes on, once there is one."""
    paused_reason: Literal["account_inactive", "agent_gone", "asked", "no_more_ticks"] | None
    """null while it is active. `asked`: by a person; `agent_gone`: the agent was deleted or is closed to the account;
    `account_inactive`; `no_more_ticks`.
    """
    next_at: str | None
    """The next tick; null while it is paused."""
    next_ticks: NotRequired[list[str]]
    """The next five; only in a single schedule."""
    created_at: str
    """RFC 3339, UTC."""
    updated_at: str
    """RFC 3339, UTC."""


class Schedules(TypedDict):
    """A part of the schedules, newest first."""

    items: list[Schedule]
    has_more: bool
    next_cursor: str | None
    """Hand it back as `cursor`; null on the last page."""


class SearchBody(TypedDict):
    """What is looked for."""

    query: str
    """A question or keywords; what stands behind 2,000 characters is left out."""
    limit: NotRequired[int | None]
    explain: NotRequired[bool | None]
    """Whether each passage comes with the reasons of its rank."""
    filters: NotRequired[SearchFilters | None]


class SearchFilters(TypedDict):
    """Only passages of documents that fit all of it."""

    kind: NotRequired[Literal["document", "product"] | None]
    address_prefix: NotRequired[str | None]
    documents: NotRequired[list[str] | None]
    """At most 100."""


class Search(TypedDict):
    """The passages that fit best, best first."""

    items: list[Found]


class SecretBody(TypedDict):
    """The value of a secret. It goes in and never comes out again, but to the model or tool that needs it."""

    value: str
    """At most 16,384 bytes."""


class Secret(TypedDict):
    """A secret, without its value."""

    name: str
    set_by: str | None
    """The account that set it last; null when that is gone."""
    created_at: str
    """RFC 3339, UTC."""
    updated_at: str
    """RFC 3339, UTC."""


class Secrets(TypedDict):
    """A part of the secrets, oldest first."""

    items: list[Secret]
    has_more: bool
    next_cursor: str | None
    """Hand it back as `cursor`; null on the last page."""


class SendBody(TypedDict):
    """A message."""

    text: str
    files: NotRequired[list[str] | None]
    """Uploaded before."""
    overlap: NotRequired[Literal["enqueue", "interrupt", "merge", "reject", "rollback", "steer"] | None]
    """What becomes of it while another one is being answered; the agent's default if left out."""
    agent_revision: NotRequired[int | None]
    """To try a revision of the agent, a draft too: it answers this message, and what is deployed stays. For those who
    may change the agent. The `overlap` then is `enqueue` if left out.
    """


class Server(TypedDict):
    """An MCP server of an agent at this moment."""

    name: str
    transport: Literal["http", "stdio"]
    """`stdio`: a program that the server starts."""
    state: Literal["away", "connected"]
    problem: str | None
    """Why it is away: a sentence."""
    tools: list[Tool]
    seconds: float
    """How long it took to find out."""


class Servers(TypedDict):
    """The MCP servers of an agent, in their order."""

    items: list[Server]


class Session(TypedDict):
    """Somebody who is signed in with a browser."""

    id: str
    """`ses_…`"""
    browser: str
    """What the browser calls itself."""
    is_current: bool
    """Whether it is the one that asks."""
    created_at: str
    """RFC 3339, UTC."""
    last_used_at: str
    """RFC 3339, UTC."""
    expires_at: str
    """When it ends, if it is not used until then."""


class Sessions(TypedDict):
    """One's own sessions, newest first: all of them, of which there are at most 50."""

    items: list[Session]
    has_more: bool
    next_cursor: str | None


class SignInBody(TypedDict):
    """`email` and `password`, or a one-time `code`."""

    email: NotRequired[str]
    password: NotRequired[str]
    code: NotRequired[str]
    """From a link: `turnkeeper accounts link` prints one."""


class Snapshot(TypedDict):
    """A conversation at one moment."""

    last_event: int
    """Follow the events after this number: nothing is missing or repeated."""
    conversation: Conversation
    messages: list[Message]
    """The newest, oldest first, each with its reply."""
    turn: LiveTurn | None
    approvals: list[Approval]
    """Those that wait, newest first."""


class Spent(TypedDict):
    """What was spent."""

    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    cost_usd: str | None
    """US dollars, as text, exact."""
    unpriced_calls: int


class Spread(TypedDict):
    """How long something took, in milliseconds: half, 95 and 99 of a hundred were no slower."""

    p50: float
    p95: float
    p99: float


class Stretch(TypedDict):
    """The turns of an hour or a day."""

    turns: int
    """Those that are not done yet, too."""
    completed: int
    failed: int
    cancelled: int
    waited: Spread | None
    """From acceptance to the first start."""
    answered: Spread | None
    """From acceptance to the answer, of those that waited for nobody's decision."""
    input_tokens: int
    output_tokens: int
    cost_usd: float | None
    """Null when no price is known."""
    at: str
    """When it begins."""


class SyncError(TypedDict):
    """Something that a run could not read."""

    address: str
    detail: str
    """A sentence that says why, and what to do."""


class SyncErrors(TypedDict):
    """A part of what a run could not read, in its order."""

    items: list[SyncError]
    has_more: bool
    next_cursor: str | None
    """Hand it back as `cursor`; null on the last page."""


class SyncFailure(TypedDict):
    """Why a run failed."""

    code: str
    detail: str


class Sync(TypedDict):
    """One run that brings a data set up to date. Readers see all of it, once it is completed, or nothing."""

    id: str
    data_set_id: str
    state: Literal["cancelled", "completed", "failed", "queued", "running"]
    mode: Literal["merge", "remove", "replace"]
    """`merge`: what is not named stays; `replace`: the data set is made equal to what came; `remove`: what is named
    goes.
    """
    origin: Literal["command", "upload"]
    """`upload`: by this API; `command`: by `turnkeeper data-sets import`."""
    files: int
    """What it was given; an archive counts as one."""
    found: int
    """Sources: files, with those inside archives."""
    skipped: int
    """Files inside archives that are never worth reading, such as pictures and style sheets."""
    to_read: int | None
    """Sources that are new or changed; null until that is known."""
    read: int
    """How many of `to_read` were read so far."""
    added: int
    """New sources, with those of which nothing could be read."""
    changed: int
    unchanged: int
    removed: int
    """Sources that are gone; of a `remove`, documents."""
    unreadable: int
    """Things that could not be read; `…/errors` has them."""
    documents: int
    """Documents that were read."""
    products: int
    """Products that were read."""
    passages: int
    """Passages that were made of them."""
    vectors_waiting: int
    """Passages that are found by their words and not yet by their meaning; goes down to 0."""
    error: SyncFailure | None
    requested_by: str | None
    created_at: str
    """RFC 3339, UTC."""
    started_at: str | None
    ended_at: str | None


class Syncs(TypedDict):
    """A part of the runs, newest first."""

    items: list[Sync]
    has_more: bool
    next_cursor: str | None
    """Hand it back as `cursor`; null on the last page."""


class Tasks(TypedDict):
    """The queue of all organizations, with every kind of task."""

    waiting: int
    running: int
    oldest_seconds: float


class Term(TypedDict):
    """What one word of the question adds to a passage's score by words."""

    word: str
    """Its stem."""
    holding: int
    """How many passages of the data set have it: the fewer, the more it weighs."""
    weight: float
    frequency: int
    """How often this passage has it; in a heading it counts twice."""
    score: float
    """weight · f / (f + a + b · length): BM25."""


class TestToolBody(TypedDict):
    """A call to try."""

    arguments: NotRequired[dict[str, object]]
    """As a model would give them."""
    confirm: NotRequired[bool]
    """Needed for a call that may change something: it really happens."""


class TextBody(TypedDict):
    """A document as a text. One of `text`, `markdown` and `html` is there."""

    address: NotRequired[str]
    """What it is called in the data set: a path or a URL. Needed, where the query has none."""
    title: NotRequired[str]
    """The first heading, or the address, when it is left out."""
    text: NotRequired[str]
    markdown: NotRequired[str]
    html: NotRequired[str]


class TextEvent(TypedDict):
    """The model wrote a piece of text: join the pieces of one model call as they are."""

    event: Literal["text"]
    text: str
    model_call: int
    """Which model call of the turn: 1, 2, 3 …"""
    number: int
    """1, 2, 3 … in its conversation, without gaps."""
    message_id: str | None
    """The message that it is about; null when it is gone by now."""
    created_at: str
    """RFC 3339, UTC."""


class ThinkingEvent(TypedDict):
    """The model thought aloud; pieces, like those of text, and no part of the answer."""

    event: Literal["thinking"]
    text: str
    model_call: int
    """Which model call of the turn: 1, 2, 3 …"""
    number: int
    """1, 2, 3 … in its conversation, without gaps."""
    message_id: str | None
    """The message that it is about; null when it is gone by now."""
    created_at: str
    """RFC 3339, UTC."""


class Ticks(TypedDict):
    """When a schedule would send its message."""

    next_ticks: list[str]
    """The next five."""


class Timing(TypedDict):
    """When it ran, in milliseconds after the `turn.started` before it, by the clock of the worker.

    Events are written some together: `created_at` is when, and says less.
    """

    began_ms: int
    first_ms: int | None
    """When a model said the first thing; null for tools."""
    ended_ms: int


class ToolCalledEvent(TypedDict):
    """The model called a tool. The same `call_id` again means that the call is made again after a crash."""

    event: Literal["tool.called"]
    call_id: str
    """The model's name for the call."""
    tool: str
    arguments: dict[str, object]
    """As the model wrote them."""
    number: int
    """1, 2, 3 … in its conversation, without gaps."""
    message_id: str | None
    """The message that it is about; null when it is gone by now."""
    created_at: str
    """RFC 3339, UTC."""


class ToolReturnedEvent(TypedDict):
    """A tool answered."""

    event: Literal["tool.returned"]
    call_id: str
    """The model's name for the call."""
    tool: str
    outcome: Literal["completed", "error"]
    output: str
    """What the model reads."""
    timing: Timing | None
    """null in logs of before there were times."""
    passages: list[FoundPassage]
    """Of a search: what it found, best first."""
    number: int
    """1, 2, 3 … in its conversation, without gaps."""
    message_id: str | None
    """The message that it is about; null when it is gone by now."""
    created_at: str
    """RFC 3339, UTC."""


class Tool(TypedDict):
    """A tool."""

    name: str
    kind: Literal["at_most_once", "idempotent", "keyed", "pure"]
    """What a second call would do: nothing (`pure`), the same (`idempotent`, `keyed`), or more."""
    description: str
    """What a model is told of it."""
    parameters: dict[str, object]
    """JSON Schema of the arguments."""
    source: Literal["http", "mcp", "plugin", "server"]
    """`plugin`: another package brings it. `http`: agents have it by their rules for HTTP, and need not name it.
    `mcp`: an MCP server of the agent has it.
    """


class Tools(TypedDict):
    """The tools that agents may use here, by name."""

    items: list[Tool]


class Transcript(TypedDict):
    """A conversation, whole."""

    format: Literal["turnkeeper.conversation"]
    version: Literal[1]
    conversation: Head
    messages: list[KeptMessage]
    events: list[KeptEvent]


class Trial(TypedDict):
    """What came of a try."""

    tool: str
    kind: Literal["at_most_once", "idempotent", "keyed", "pure"]
    outcome: Literal["completed", "error", "unknown"]
    """`unknown`: it may or may not have happened."""
    output: str
    """As a model would read it; at most 32,000 characters."""
    seconds: float


class TurnStartedEvent(TypedDict):
    """A worker began to answer. It begins again after a crash, a retry or a decision of people."""

    event: Literal["turn.started"]
    attempt: int
    """1, 2, 3 …"""
    resumes_at: int
    """The first model call that this attempt makes. Drop the text and the thoughts of this call and of later ones, as
    far as they came before this event: they are void.
    """
    number: int
    """1, 2, 3 … in its conversation, without gaps."""
    message_id: str | None
    """The message that it is about; null when it is gone by now."""
    created_at: str
    """RFC 3339, UTC."""


class TurnSums(TypedDict):
    """What came of some turns, by when they were accepted."""

    turns: int
    """Those that are not done yet, too."""
    completed: int
    failed: int
    cancelled: int
    waited: Spread | None
    """From acceptance to the first start."""
    answered: Spread | None
    """From acceptance to the answer, of those that waited for nobody's decision."""
    input_tokens: int
    output_tokens: int
    cost_usd: float | None
    """Null when no price is known."""


class UploadBody(TypedDict):
    """A form with one file."""

    file: str
    """The bytes, with a file name."""


UsageReport = TypedDict(
    "UsageReport",
    {
        "from": "str",
        "to": "str",
        "group_by": "list[Literal['account', 'agent', 'day', 'model']]",
        "total": "UsageSum",
        "items": "list[UsageSum]",
        "is_cut": "bool",
    },
)


class Usage(TypedDict):
    """What an answer took, over all its model calls."""

    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    cost_usd: float | None
    """US dollars, over the calls whose price is known; null when none is."""
    unpriced_calls: int
    """Calls that `cost_usd` lacks: the real cost is higher."""


class UsageSum(TypedDict):
    """What was spent on something; it is named by what `group_by` has, and the total by nothing."""

    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    cost_usd: float | None
    """US dollars, over the calls whose price is known; null when none is."""
    unpriced_calls: int
    """Calls that `cost_usd` lacks: the real cost is higher."""
    turns: int
    """Turns that ended and took any tokens, failed ones too."""
    day: NotRequired[str]
    """A day of UTC."""
    agent: NotRequired[str]
    """The slug; `#12` when the agent is gone."""
    agent_id: NotRequired[str | None]
    """`agt_…`; null when the agent is gone."""
    model: NotRequired[str]
    account: NotRequired[str]
    """The e-mail address or name; `#12` when the account is gone."""
    account_id: NotRequired[str | None]
    """null when the account is gone."""


class Verified(TypedDict):
    """What a walk through the log found."""

    holds: bool
    head: str
    """The last entry that holds, as it is noted."""
    entries: int
    """How many hold."""
    broken_at: int | None
    """The number of the first entry that does not hold."""
    why: str | None
    """What is wrong with it."""


class WebhookBody(TypedDict):
    """What is to be changed; what is left out stays."""

    url: NotRequired[str]
    """Begins with https://."""
    description: NotRequired[str | None]
    types: NotRequired[
        list[
            Literal[
                "*",
                "agent.*",
                "agent.changed",
                "approval.*",
                "approval.asked",
                "approval.decided",
                "conversation.*",
                "conversation.archived",
                "conversation.created",
                "conversation.deleted",
                "conversation.updated",
                "data_set.*",
                "data_set.synced",
                "message.*",
                "message.absorbed",
                "message.cancelled",
                "message.completed",
                "message.failed",
                "message.queued",
                "message.started",
                "message.superseded",
                "tool.*",
                "tool.called",
                "tool.returned",
                "webhook.*",
                "webhook.disabled",
            ]
        ]
    ]
    agents: NotRequired[list[str] | None]
    """Only facts about these agents: `agt_…`. null: about all. What is about no agent is sent all the same."""
    enabled: NotRequired[bool]
    """Switched on, it is sent what waits, but not what it missed."""


class Webhook(TypedDict):
    """An address that is told what happens in the organization."""

    id: str
    url: str
    """Begins with https://."""
    description: str | None
    types: list[
        Literal[
            "*",
            "agent.*",
            "agent.changed",
            "approval.*",
            "approval.asked",
            "approval.decided",
            "conversation.*",
            "conversation.archived",
            "conversation.created",
            "conversation.deleted",
            "conversation.updated",
            "data_set.*",
            "data_set.synced",
            "message.*",
            "message.absorbed",
            "message.cancelled",
            "message.completed",
            "message.failed",
            "message.queued",
            "message.started",
            "message.superseded",
            "tool.*",
            "tool.called",
            "tool.returned",
            "webhook.*",
            "webhook.disabled",
        ]
    ]
    """What it subscribes to."""
    agents: list[str] | None
    """Only facts about these agents: `agt_…`. null: about all. What is about no agent is sent all the same."""
    enabled: bool
    disabled_reason: Literal["asked", "failing", "gone"] | None
    """`asked`: by a person; `gone`: it answered 410; `failing`: it failed for five days."""
    failing_since: str | None
    """The first failure after the last success."""
    waiting: int
    """Deliveries that are not made yet."""
    old_secret_until: str | None
    """Until when an older secret signs too."""
    created_at: str
    """RFC 3339, UTC."""
    updated_at: str
    """RFC 3339, UTC."""


class Webhooks(TypedDict):
    """A part of the webhooks, newest first."""

    items: list[Webhook]
    has_more: bool
    next_cursor: str | None
    """Hand it back as `cursor`; null on the last page."""


class Words(TypedDict):
    """What the words of the question say."""

    score: float
    """BM25: the sum over `terms`."""
    rank: int | None
    """Among the best 100 by words; null: found by meaning, and scored by words too."""
    scaled: float
    """The score over that of the best."""
    terms: list[Term]


Event = (
    MessageQueuedEvent
    | TurnStartedEvent
    | TextEvent
    | ThinkingEvent
    | ToolCalledEvent
    | ToolReturnedEvent
    | ModelReturnedEvent
    | ApprovalAskedEvent
    | ApprovalDecidedEvent
    | MessageCancelledEvent
    | MessageAbsorbedEvent
    | MessagesSupersededEvent
    | MessageCompletedEvent
    | MessageFailedEvent
)
