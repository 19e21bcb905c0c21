"""One method for each operation, for the client that waits and for the one that awaits."""

import keyword

from clients.generator.document import Document, Operation, Parameter, Schema, snake
from clients.generator.python_shapes import docstring, python_type

_HEAD = '''"""Every operation as a method. Generated from the OpenAPI document by `make clients`: do not edit."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import {collections}
from typing import Literal, TypeVar

from turnkeeper_client import shapes
from turnkeeper_client.requests import Request, Upload, path_of

T = TypeVar("T")


class {name}(ABC):
    """The plain operations; how a request is sent is said by `send`."""

    @abstractmethod
    {prefix}def send(self, request: Request[T]) -> T:
        """Send a request, also more than once if need be."""
'''
_KEY_NOTE = "`idempotency_key`: your name for this request, one is made if left out."
_WAIT_NOTE = "`wait`: seconds, at most 60, to wait for the end of what it begins."
_MATCH_NOTE = "`if_match`: only if this is still the version, see `etag_of`."
_FILES_NOTE = "Files are paths, or `File`s in memory."


def python_operations(document: Document, *, is_async: bool) -> str:
    """The module with the methods."""
    head = _HEAD.format(
        collections="AsyncIterator, Mapping, Sequence" if is_async else "Iterator, Mapping, Sequence",
        name="AsyncOperations" if is_async else "Operations",
        prefix="async " if is_async else "",
    )
    methods = [
        method(document, operation, is_async=is_async)
        for operation in document.operations
        for method in ((_call, _iterate) if operation.listed(document) else (_call,))
    ]
    return head + "\n".join(methods)


def _call(document: Document, operation: Operation, *, is_async: bool) -> str:
    result = _result(document, operation)
    prefix, waits = ("async ", "await ") if is_async else ("", "")
    path_arguments = "".join(f", {_name(p)}={_name(p)}" for p in operation.path_parameters)
    given = [f"method={operation.method!r}", f"path=path_of({operation.path!r}{path_arguments})"]
    query = [f"{name!r}: {value!r}" for name, value in operation.fixed.items()]
    query += [f"{p.name!r}: {_name(p)}" for p in operation.query]
    if query:
        given.append(f"query={{{', '.join(query)}}}")
    if operation.bodies:
        given.append("body=body")
    if operation.form_field:
        given += [f"files={_files(operation)}", f"form_field={operation.form_field!r}"]
    if operation.changes:
        given.append("idempotency_key=idempotency_key, changes=True")
    if "If-Match" in operation.headers:
        given.append("if_match=if_match")
    if operation.takes_wait:
        given.append("wait=wait")
    if operation.gives != "json":
        given.append(f"gives={operation.gives!r}")
    return (
        f"    {prefix}def {snake(operation.name)}({', '.join(_arguments(document, operation))}) -> {result}:\n"
        f"{_documentation(operation)}\n"
        f"        return {waits}self.send(Request[{result}]({', '.join(given)}))\n"
    )


def _iterate(document: Document, operation: Operation, *, is_async: bool) -> str:
    items = operation.listed(document)
    assert items is not None
    prefix, waits = ("async ", "await ") if is_async else ("", "")
    iterator = "AsyncIterator" if is_async else "Iterator"
    name = snake(operation.name)
    call = [_name(p) for p in operation.path_parameters]
    call += [f"{_name(p)}={_name(p)}" for p in operation.query]
    each = "for item in page['items']:\n                yield item" if is_async else "yield from page['items']"
    arguments = [part for part in _arguments(document, operation) if not part.startswith("cursor:")]
    return (
        f"    {prefix}def {name.replace('list_', 'iterate_', 1)}({', '.join(arguments)}) "
        f"-> {iterator}[{_type(document, items)}]:\n"
        f'        """As `{name}`, page after page until the last one."""\n'
        f"        cursor: str | None = None\n"
        f"        while True:\n"
        f"            page = {waits}self.{name}({', '.join(call)})\n"
        f"            {each}\n"
        f"            cursor = page['next_cursor']\n"
        f"            if cursor is None:\n"
        f"                return\n"
    )


def _arguments(document: Document, operation: Operation) -> list[str]:
    arguments = ["self"]
    arguments += [f"{_name(p)}: {_type(document, p.schema)}" for p in operation.path_parameters]
    if operation.bodies and operation.form_field:
        kinds = " | ".join(_type(document, body) for body in operation.bodies)
        arguments.append(f"body: {kinds} | None = None")
    elif operation.bodies:
        arguments.append(f"body: {' | '.join(_type(document, body) for body in operation.bodies)}")
    named = [_file_argument(operation)] if operation.form_field else []
    required = [p for p in operation.query if p.required]
    named += [f"{_name(p)}: {_query_type(document, p.schema)}" for p in required]
    named += [f"{_name(p)}: {_query_type(document, p.schema)} | None = None" for p in operation.query if not p.required]
    if "If-Match" in operation.headers:
        named.append("if_match: str | None = None")
    if operation.takes_wait:
        named.append("wait: int | None = None")
    if operation.changes:
        named.append("idempotency_key: str | None = None")
    return [*arguments, "*", *named] if named else arguments


def _file_argument(operation: Operation) -> str:
    if operation.takes_many_files:
        return "files: Sequence[Upload]" + (" = ()" if operation.bodies else "")
    return "file: Upload" + (" | None = None" if operation.bodies else "")


def _files(operation: Operation) -> str:
    if operation.takes_many_files:
        return "files"
    return "() if file is None else (file,)" if operation.bodies else "(file,)"


def _documentation(operation: Operation) -> str:
    notes = [
        note
        for is_there, note in (
            (operation.form_field, _FILES_NOTE),
            ("If-Match" in operation.headers, _MATCH_NOTE),
            (operation.takes_wait, _WAIT_NOTE),
            (operation.changes, _KEY_NOTE),
        )
        if is_there
    ]
    text = f"{operation.summary}.\n\n{operation.description}" if operation.description else f"{operation.summary}."
    return docstring("\n\n".join([text, *(["\n\n".join(notes)] if notes else [])]), "        ")


def _result(document: Document, operation: Operation) -> str:
    words = {"text": "str", "bytes": "bytes", "nothing": "None"}
    if operation.gives != "json":
        return words[operation.gives]
    return " | ".join(dict.fromkeys(_type(document, schema) for schema in operation.results))


def _type(document: Document, schema: Schema) -> str:
    return _prefixed(python_type(document, schema)) if schema.ref else python_type(document, schema)


def _query_type(document: Document, schema: Schema) -> str:
    kind = python_type(document, schema)
    return kind.replace("list[", "Sequence[", 1).replace("dict[", "Mapping[", 1)


def _prefixed(kind: str) -> str:
    return " | ".join(f"shapes.{part}" for part in kind.split(" | "))


def _name(parameter: Parameter) -> str:
    name = snake(parameter.name)
    return f"{name}_" if keyword.iskeyword(name) else name
