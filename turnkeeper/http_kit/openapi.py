"""The description of a door: an OpenAPI 3.1 document from a table of operations and the shapes on the wire."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from turnkeeper.core.accounts import Scope
from turnkeeper.http_kit.openapi_shelf import Shelf

_REFERENCE = "#/components/schemas/{name}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameter:
    """A part of the path, the query or the headers."""

    name: str
    where: Literal["path", "query", "header"]
    description: str
    schema: Mapping[str, object] = field(default_factory=lambda: {"type": "string"})
    style: Literal["deepObject"] | None = None
    """How a value that is no single text is written, where it is not as usual: `name[key]=value`."""


IDEMPOTENCY_KEY = Parameter(
    name="Idempotency-Key",
    where="header",
    description="Your name for this request: sent again, it gets the first answer again.",
    schema={"type": "string", "pattern": "^[!-~]{1,255}$"},
)
"""As `headers.idempotency_key_from` reads it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """One answer that an operation gives; its body is of the type `shape`, or there is none."""

    status: int
    description: str
    shape: object
    example: object
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    """Names and what they say."""
    media: str = "application/json"
    text_media: Mapping[str, str] = field(default_factory=dict[str, str])
    """Other kinds that the same answer comes as, each with an example: texts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestBody:
    """A body of a request, of the type `shape`."""

    shape: object
    example: object
    media: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation:
    """One method of one path. `request` is the type of its body, if it takes one."""

    method: Literal["get", "post", "put", "patch", "delete"]
    path: str
    name: str
    summary: str
    description: str
    tag: str
    replies: Sequence[Reply]
    parameters: Sequence[Parameter] = ()
    request: object = None
    request_example: object = None
    request_media: str = "application/json"
    needs_request: bool = True
    """Whether it cannot do without a body; else none means an empty one."""
    other_request: "RequestBody | None" = None
    """What the body may be instead."""
    scope: Scope | None = None
    """What the key must be good for, where the door says so."""
    is_open: bool = False
    """Whether no key is needed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Description:
    """What is said of a door as a whole."""

    title: str
    version: str
    text: str
    security: Mapping[str, Mapping[str, str]]
    """Ways to sign in, by name: OpenAPI's security schemes. Any one of them is enough."""


def openapi_document(about: Description, operations: Sequence[Operation], *, prefix: str = "") -> dict[str, object]:
    """The OpenAPI 3.1 document, paths behind `prefix`; the same table gives the same document."""
    types = [
        kind
        for operation in operations
        for kind in (operation.request, _other_shape(operation), *(reply.shape for reply in operation.replies))
        if kind is not None
    ]
    unique = list({repr(kind): kind for kind in types}.values())
    schemas, components = msgspec.json.schema_components(unique, ref_template=_REFERENCE)
    writer = _Writer(about, operations, dict(zip(map(repr, unique), schemas, strict=True)))
    paths: dict[str, dict[str, object]] = {}
    for operation in operations:
        paths.setdefault(prefix + operation.path, {})[operation.method] = writer.operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": about.title, "version": about.version, "description": about.text},
        "security": [{name: []} for name in about.security],
        "paths": paths,
        "components": {
            "schemas": {name: _shape(each) for name, each in components.items()},
            **{shelf.kind: shelf.components for shelf in writer.shelves if shelf.components},
            "securitySchemes": about.security,
        },
    }


class _Writer:
    """Writes operations; parameters, headers and answers that several of them share are put on shelves."""

    def __init__(self, about: Description, operations: Sequence[Operation], by_type: Mapping[str, object]) -> None:
        self._about = about
        self._by_type = by_type
        replies = [reply for operation in operations for reply in operation.replies]
        parameters = [parameter for operation in operations for parameter in operation.parameters]
        self._parameters = Shelf("parameters", ((each.name, _parameter(each)) for each in parameters))
        self._headers = Shelf("headers", ((name, _header(text)) for r in replies for name, text in r.headers.items()))
        self._replies = Shelf("responses", ((each.description, self._reply(each)) for each in replies))
        self.shelves = (self._parameters, self._headers, self._replies)

    def operation(self, operation: Operation) -> dict[str, object]:
        described: dict[str, object] = {
            "operationId": operation.name,
            "tags": [operation.tag],
            "summary": operation.summary,
            "description": operation.description,
            "parameters": [self._parameters.take(_parameter(parameter)) for parameter in operation.parameters],
            "responses": {str(reply.status): self._replies.take(self._reply(reply)) for reply in operation.replies},
        }
        if operation.is_open:
            described["security"] = []
        elif operation.scope is not None:
            described["security"] = [{name: [operation.scope]} for name in self._about.security]
        if operation.request is not None:
            content = self._content(operation.request_media, operation.request, operation.request_example)
            other = operation.other_request
            if other is not None:
                content |= self._content(other.media, other.shape, other.example)
            described["requestBody"] = {"required": operation.needs_request, "content": content}
        return described

    def _reply(self, reply: Reply) -> dict[str, object]:
        described: dict[str, object] = {"description": reply.description}
        if reply.shape is not None:
            described["content"] = self._content(reply.media, reply.shape, reply.example) | {
                media: {"schema": {"type": "string"}, "example": example} for media, example in reply.text_media.items()
            }
        if reply.headers:
            described["headers"] = {name: self._headers.take(_header(text)) for name, text in reply.headers.items()}
        return described

    def _content(self, media: str, shape: object, example: object) -> dict[str, object]:
        return {media: {"schema": self._by_type[repr(shape)], "example": example}}


def _shape(component: Mapping[str, object]) -> object:
    """The schema as JSON has it, without the title, which only says the name again."""
    # Encoded and decoded: the defaults of nouns are tuples, which JSON does not have.
    return msgspec.json.decode(msgspec.json.encode({key: told for key, told in component.items() if key != "title"}))


def _other_shape(operation: Operation) -> object:
    return None if operation.other_request is None else operation.other_request.shape


def _header(text: str) -> dict[str, object]:
    return {"description": text, "schema": {"type": "string"}}


def _parameter(parameter: Parameter) -> dict[str, object]:
    return {
        "name": parameter.name,
        "in": parameter.where,
        "required": parameter.where == "path",
        "description": parameter.description,
        **({} if parameter.style is None else {"style": parameter.style, "explode": True}),
        "schema": parameter.schema,
    }
