"""What the Enthusiast dialect promises.

The sources are the page "Run a Conversation via the API" of Enthusiast's documentation ("the page"), and what its public
source and its running server show, by resource ("the server").
"""

from collections.abc import Mapping

from tests.dialects.requirement import Requirement

PAGE = 'The page "Run a Conversation via the API"'
SERVER = "The server: "

REQUIREMENTS: Mapping[str, Requirement] = {
    "enthusiast.walk": Requirement(
        source=PAGE,
        behaviour="Create by data_set_id, send, poll until SUCCESS, read: the answer is the last of the history, with both "
        "`role` and `type`.",
    ),
    "enthusiast.create.shape": Requirement(
        source=SERVER + "conversations, create",
        behaviour="A conversation is made with an agent: 201, and its detail with an empty history.",
    ),
    "enthusiast.create.access": Requirement(
        source=SERVER + "conversations, create",
        behaviour="Without access to the agent's data set: 403 `No dataset access.`; admins have access to all.",
        divergence="The original leaves the refused conversation behind, in the caller's list; here nothing is written.",
    ),
    "enthusiast.create.unknown": Requirement(
        source=SERVER + "conversations, create",
        behaviour="An unknown or deleted agent: 404 `Agent not found.`; another organization's looks the same.",
    ),
    "enthusiast.create.no-agent": Requirement(
        source=PAGE,
        behaviour="A data set is talked to through its oldest agent; one without an agent is a field error.",
        divergence="The original's server takes only agent_id, its documentation only data_set_id; both are taken here. "
        "data_set_id does not count beside agent_id, as there.",
    ),
    "enthusiast.create.fields": Requirement(
        source=SERVER + "general wire rules, messages of DRF 3.16",
        behaviour="Missing, null and mistyped fields of a new conversation are told by field.",
    ),
    "enthusiast.own-only": Requirement(
        source=SERVER + "conversations",
        behaviour="Another's conversation is 404 to read, to list and to send to, also for admins.",
        divergence="The original lets members and staff send into others' conversations and poll any task; both are "
        "holes in its access rules.",
    ),
    "enthusiast.history": Requirement(
        source=SERVER + "conversations, detail",
        behaviour="The history is ordered by id, so the answer to the last question comes last; the first message is "
        "the summary.",
        divergence="A question stands in the history as soon as it is accepted, not only after its turn: it is kept from "
        "then on. The summary is the message on one line, cut to 1,000 characters.",
    ),
    "enthusiast.failure": Requirement(
        source=SERVER + "conversations; life of a chat turn",
        behaviour="A turn that failed is FAILURE and ends with a `system` message; the question is shown once.",
        divergence="The system message says why, without secrets, in place of one fixed sentence.",
    ),
    "enthusiast.task.states": Requirement(
        source=SERVER + "task_status",
        behaviour="A task is PENDING until it is SUCCESS or FAILURE; the answer can be read by then.",
        divergence="RETRY is never said: a retried turn is PENDING. States are kept as long as the conversation.",
    ),
    "enthusiast.task.wait": Requirement(
        source="RFC 7240; Turnkeeper's own conventions",
        behaviour="`Prefer: wait=N` answers when the task has ended or after N seconds, and says so.",
    ),
    "enthusiast.task.unknown": Requirement(
        source=SERVER + "task_status",
        behaviour="What is no task of the caller's is 404.",
        divergence="The original says PENDING for ever, so its clients poll for ever.",
    ),
    "enthusiast.send.locked": Requirement(
        source=SERVER + "conversations, send",
        behaviour="With its agent deleted a conversation can be read, and takes no message: 400 `Conversation locked.`.",
    ),
    "enthusiast.send.access": Requirement(
        source=SERVER + "conversations, send",
        behaviour="Without access to the data set any more: 403 `No dataset access.`.",
    ),
    "enthusiast.send.data-set": Requirement(
        source=SERVER + "conversations, send",
        behaviour="data_set_id is optional; given, it must be the conversation's: else 400.",
        divergence="The original answers 202 to a missing or wrong one and fails the task.",
    ),
    "enthusiast.send.forms": Requirement(
        source=SERVER + "conversations, send; general wire rules",
        behaviour="Numbers and booleans are taken as text too, texts are trimmed, unknown fields are dropped; "
        "`streaming` in the answer is false.",
        divergence="There is no WebSocket yet, so answers are never streamed; the original's providers without "
        "streaming answer the same.",
    ),
    "enthusiast.send.fields": Requirement(
        source=SERVER + "conversations, send; messages of DRF 3.16",
        behaviour="Missing, blank, null and mistyped fields of a message are all told at once, by field.",
    ),
    "enthusiast.files.upload": Requirement(
        source=SERVER + "conversations, upload",
        behaviour="One file of a form is kept: 202 with a task, whose status then has the file_id.",
        divergence="It is read before the 202, so the task has always succeeded; what cannot be read is 400 at once.",
    ),
    "enthusiast.files.refused": Requirement(
        source=SERVER + "conversations, upload",
        behaviour='No file is 400 {"error": "No file provided"}, another type 400, a body that is no form 415.',
        divergence="The bytes decide the type, not the suffix; a file above TURNKEEPER_MOST_UPLOAD_MB is 413.",
    ),
    "enthusiast.files.types": Requirement(
        source=SERVER + "supported-file-types",
        behaviour="supported-file-types lists suffixes.",
        divergence="More of them: Markdown, CSV, JSON, HTML, Word, Excel, GIF and WebP too.",
    ),
    "enthusiast.files.attach": Requirement(
        source=SERVER + "conversations, send",
        behaviour="file_ids become `file` items of the history, before their question.",
        divergence="At most 10 a message; items have a file_url.",
    ),
    "enthusiast.files.written": Requirement(
        source="Turnkeeper's own conventions",
        behaviour="Files that the agent wrote are `file` items between question and answer.",
        divergence="The original's agents write no files.",
    ),
    "enthusiast.files.download": Requirement(
        source="Turnkeeper's own conventions",
        behaviour="file_url is served to the conversation's owner, always as a download.",
        divergence="The original's file_url leads nowhere.",
    ),
    "enthusiast.files.own-only": Requirement(
        source=SERVER + "conversations, upload",
        behaviour="Conversations of others take no uploads, and show neither status nor bytes of their files: 404.",
        divergence="The original shows the status to anybody.",
    ),
    "enthusiast.send.longest": Requirement(
        source="Turnkeeper's own bounds",
        behaviour="A message of 1,000,000 characters is kept whole, a longer one is a field error.",
        divergence="The original has no bound of its own.",
    ),
    "enthusiast.body.forms": Requirement(
        source=SERVER + "general wire rules, parsers",
        behaviour="JSON, URL-encoded and multipart bodies mean the same.",
    ),
    "enthusiast.body.json": Requirement(
        source=SERVER + "general wire rules, bad JSON",
        behaviour="Malformed JSON is 400 with the place of the error; a body that is no object is told as such.",
    ),
    "enthusiast.body.type": Requirement(
        source=SERVER + "general wire rules, 415",
        behaviour="Other content types are 415, by name.",
    ),
    "enthusiast.body.size": Requirement(
        source="Turnkeeper's own bounds",
        behaviour="A body above 4,000,000 bytes is 413 in the dialect's shape, and writes nothing.",
        divergence="The original has no bound for JSON.",
    ),
    "enthusiast.auth.schemes": Requirement(
        source=SERVER + "general wire rules, auth; Turnkeeper's own conventions",
        behaviour="`Authorization: Token`, `Bearer` and `X-API-Key` mean the same.",
        divergence="The original knows `Token` only.",
    ),
    "enthusiast.auth.refused": Requirement(
        source=SERVER + "general wire rules, 401",
        behaviour="Each way to be unknown has its sentence, and `WWW-Authenticate: Token`.",
    ),
    "enthusiast.auth.first": Requirement(
        source=SERVER + "general wire rules, order of checks",
        behaviour="401 comes before the method, the body and the ids are looked at.",
    ),
    "enthusiast.list.shape": Requirement(
        source=SERVER + "conversations, list",
        behaviour="A page has count, next, previous and results: conversations without their messages, newest first.",
    ),
    "enthusiast.list.pages": Requirement(
        source=SERVER + "general wire rules, pagination",
        behaviour="25 a page, absolute links, none to page 1 with `page`, `page=last`; no such page is 404.",
    ),
    "enthusiast.list.page-size": Requirement(
        source="The original's web client, which asks for it",
        behaviour="`page_size` is honoured up to 100; one that makes no sense is ignored.",
        divergence="The original ignores it always.",
    ),
    "enthusiast.list.links-host": Requirement(
        source=SERVER + "general wire rules, pagination",
        behaviour="Links carry the host of the request's Host header.",
    ),
    "enthusiast.list.filters": Requirement(
        source=SERVER + "conversations, list",
        behaviour="agent_id and data_set_id narrow the caller's own list; what is no number is a field error.",
        divergence="The original answers 500 to a filter that is no number.",
    ),
    "enthusiast.read.malformed": Requirement(
        source=SERVER + "conversations, detail",
        behaviour="A malformed or impossibly large id is 404.",
        divergence="As JSON, where the original has an HTML page.",
    ),
    "enthusiast.http.methods": Requirement(
        source=SERVER + "general wire rules, 405",
        behaviour="Other methods are 405 with `Allow`, after signing in.",
    ),
    "enthusiast.http.unknown": Requirement(
        source=SERVER + "general wire rules, unknown path",
        behaviour="Unknown paths are 404.",
        divergence="As JSON, where the original has an HTML page.",
    ),
    "enthusiast.http.slashes": Requirement(
        source=SERVER + "general wire rules, trailing slash",
        behaviour="Every path works with and without a slash at its end.",
        divergence="The original redirects a missing slash and does not find an added one.",
    ),
    "enthusiast.http.head": Requirement(
        source=SERVER + "general wire rules, OPTIONS and HEAD",
        behaviour="HEAD works where GET does.",
        divergence="OPTIONS tells the methods only, not the original's metadata of forms.",
    ),
    "enthusiast.http.cors": Requirement(
        source=SERVER + "general wire rules, CORS",
        behaviour="Browsers of allowed origins may call, and read errors too; others may not.",
        divergence="A preflight is answered with 204 in place of 200, and more headers are allowed.",
    ),
    "enthusiast.idempotency.replay": Requirement(
        source="IETF draft httpapi-idempotency-key-header; Turnkeeper's own conventions",
        behaviour="A POST repeated with its Idempotency-Key is done once and gets the first answer, byte for byte.",
    ),
    "enthusiast.idempotency.refused": Requirement(
        source="IETF draft httpapi-idempotency-key-header; Turnkeeper's own conventions",
        behaviour="A key with another body is 422, a malformed one 400; a refused request uses no key up.",
    ),
    "enthusiast.docs": Requirement(
        source=SERVER + "general wire rules, docs",
        behaviour="The dialect describes itself to programs and people, without a key.",
        divergence="OpenAPI 3.1 and a page of our own, in place of Swagger 2.0 and Swagger UI.",
    ),
    "enthusiast.errors": Requirement(
        source=SERVER + "general wire rules",
        behaviour="Each error of the core has one status and sentence; bugs are logged and tell nothing.",
        divergence="Errors are JSON always, also 500; a database that is away is 503 with `Retry-After`.",
    ),
}
