"""The OpenAPI document, read as far as clients need it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

JSON = "application/json"
FORM = "multipart/form-data"


class Schema(msgspec.Struct, rename={"ref": "$ref", "any_of": "anyOf", "additional": "additionalProperties"}):
    """A JSON Schema, as the server writes them."""

    ref: str = ""
    any_of: list["Schema"] = []
    type: str | list[str] = ""
    enum: list[str | int | bool | None] = []
    items: "Schema | None" = None
    properties: dict[str, "Schema"] = {}
    required: list[str] = []
    additional: "Schema | bool | None" = None
    description: str = ""

    def alternatives(self) -> list["Schema"]:
        """What it may be, each of one type; nothing when it is one."""
        if isinstance(self.type, list):
            return [msgspec.structs.replace(self, type=each) for each in self.type]
        return self.any_of

    @property
    def name(self) -> str:
        """Of a reference: the shape that it names."""
        return _last(self.ref)


class Parameter(msgspec.Struct, rename={"ref": "$ref", "where": "in"}):
    """A parameter of the path, the query string or the head; or a reference to one."""

    ref: str = ""
    name: str = ""
    where: str = ""
    schema: Schema = msgspec.field(default_factory=Schema)
    required: bool = False
    description: str = ""


class Media(msgspec.Struct):
    schema: Schema = msgspec.field(default_factory=Schema)


class Body(msgspec.Struct, rename={"ref": "$ref"}):
    """What is sent or answered; or a reference to it."""

    ref: str = ""
    content: dict[str, Media] = {}
    required: bool = True


class Described(msgspec.Struct, rename="camel"):
    operation_id: str
    summary: str
    description: str = ""
    parameters: list[Parameter] = []
    request_body: Body | None = None
    responses: dict[str, Body] = {}


class _Components(msgspec.Struct):
    schemas: dict[str, Schema]
    parameters: dict[str, Parameter] = {}
    responses: dict[str, Body] = {}

    def written_out(self, described: Described) -> Described:
        """The same, with what it shares with others in its place."""
        return msgspec.structs.replace(
            described,
            parameters=[self.parameters[_last(each.ref)] if each.ref else each for each in described.parameters],
            responses={
                status: self.responses[_last(each.ref)] if each.ref else each
                for status, each in described.responses.items()
            },
        )


class _Raw(msgspec.Struct):
    paths: dict[str, dict[str, Described]]
    components: _Components


@dataclass(frozen=True, kw_only=True, slots=True)
class Operation:
    """One thing that can be asked, as a function of a client."""

    name: str
    """In camel case."""
    method: str
    path: str
    summary: str
    description: str
    path_parameters: tuple[Parameter, ...]
    query: tuple[Parameter, ...]
    headers: frozenset[str]
    bodies: tuple[Schema, ...]
    """What may be sent as JSON."""
    form_field: str
    """Which field of a form has the files; empty where none are taken."""
    takes_many_files: bool
    results: tuple[Schema, ...]
    """What may come as JSON; none where nothing comes."""
    gives: str
    """`json`, `text`, `bytes` or `nothing`."""
    fixed: Mapping[str, str]
    """Parameters of the query that are always sent."""

    @property
    def takes_wait(self) -> bool:
        return "Prefer" in self.headers

    @property
    def changes(self) -> bool:
        """Whether it takes an Idempotency-Key."""
        return "Idempotency-Key" in self.headers

    def listed(self, document: "Document") -> Schema | None:
        """Of a list with a cursor: what its items are."""
        if len(self.results) != 1 or not any(parameter.name == "cursor" for parameter in self.query):
            return None
        items = document.schemas[self.results[0].name].properties["items"].items
        assert items is not None
        return items


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """All shapes by their names in the document, and all operations in order."""

    schemas: Mapping[str, Schema]
    operations: Sequence[Operation]

    @property
    def events(self) -> list[str]:
        """The shapes of what a log tells."""
        items = self.schemas["EventsShape"].properties["items"].items
        assert items is not None
        return [self.name_of(each.name) for each in items.any_of]

    def name_of(self, shape: str) -> str:
        """What clients call it: without `Shape` at the end, where nothing else has that name.

        Of two shapes of one name, the document tells the modules; the last part of them is kept.
        """
        if "." in shape:
            *_, module, last = shape.split(".")
            return "".join(word.capitalize() for word in module.split("_")) + last.removesuffix("Shape")
        short = shape.removesuffix("Shape")
        return shape if short in self.schemas else short


def read_document(text: bytes) -> Document:
    """The document, with one operation for each kind of answer (JSON, or text as CSV)."""
    raw = msgspec.json.decode(text, type=_Raw)
    operations = [
        operation
        for path, methods in raw.paths.items()
        for method, described in methods.items()
        for operation in _operations(raw.components.schemas, path, method, raw.components.written_out(described))
    ]
    return Document(schemas=raw.components.schemas, operations=operations)


def snake(name: str) -> str:
    """`listAgents`, `If-Match` → `list_agents`, `if_match`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace("-", "_").lower()


def _operations(schemas: Mapping[str, Schema], path: str, method: str, described: Described) -> list[Operation]:
    content = described.request_body.content if described.request_body else {}
    form = content.get(FORM)
    field = next(iter(schemas[form.schema.name].properties)) if form else ""
    replies = [body.content for status, body in described.responses.items() if status.startswith("2")]
    shapes = {msgspec.json.encode(reply[JSON].schema): reply[JSON].schema for reply in replies if JSON in reply}
    others = sorted({media for reply in replies for media in reply} - {JSON, "text/event-stream"})
    formats = [word for p in _in(described, "query") if p.name == "format" for word in p.schema.enum]
    plain = Operation(
        name=described.operation_id,
        method=method.upper(),
        path=path,
        summary=described.summary,
        description=described.description,
        path_parameters=_in(described, "path"),
        query=tuple(p for p in _in(described, "query") if not (shapes and p.name == "format")),
        headers=frozenset(p.name for p in _in(described, "header")),
        bodies=(content[JSON].schema,) if JSON in content else (),
        form_field=field,
        takes_many_files=form is not None and schemas[form.schema.name].properties[field].type == "array",
        results=tuple(shapes.values()),
        gives="json" if shapes else "bytes" if others else "nothing",
        fixed={"format": "json"} if shapes and formats else {},
    )
    texts = [
        _as_text(plain, str(word)) for word in formats if shapes and others and isinstance(word, str) and word != "json"
    ]
    return [plain, *texts]


def _last(reference: str) -> str:
    return reference.rpartition("/")[2]


def _in(described: Described, where: str) -> tuple[Parameter, ...]:
    return tuple(parameter for parameter in described.parameters if parameter.where == where)


def _as_text(plain: Operation, word: str) -> Operation:
    return replace(
        plain,
        name=f"{plain.name}{word.capitalize()}",
        summary=f"{plain.summary}, as {word.upper() if len(word) <= 3 else word.capitalize()}",
        results=(),
        gives="text",
        fixed={"format": word},
    )
