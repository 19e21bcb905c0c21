"""The shapes of the wire as TypedDicts."""

import keyword
import textwrap
from collections.abc import Mapping

from clients.generator.document import Document, Schema

_PLAIN: Mapping[str, str] = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_HEAD = '''"""What goes over the wire. Generated from the OpenAPI document by `make clients`: do not edit."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

'''
_WIDTH = 116


def python_shapes(document: Document) -> str:
    """The module `shapes`."""
    shapes = [_shape(document, document.name_of(name), schema) for name, schema in sorted(document.schemas.items())]
    return _HEAD + "\n\n".join([*shapes, f"Event = {' | '.join(document.events)}\n"])


def python_type(document: Document, schema: Schema) -> str:
    """The type of a value, as it is written down; `object` where anything may stand."""
    if schema.ref:
        return document.name_of(schema.name)
    if alternatives := schema.alternatives():
        return " | ".join(dict.fromkeys(python_type(document, each) for each in alternatives))
    if schema.enum:
        return f"Literal[{', '.join(repr(word) for word in schema.enum)}]"
    if schema.type == "array":
        return f"list[{python_type(document, schema.items or Schema())}]"
    if schema.type == "object":
        of = schema.additional
        return f"dict[str, {python_type(document, of) if isinstance(of, Schema) else 'object'}]"
    return _PLAIN.get(str(schema.type), "object")


def docstring(text: str, indent: str) -> str:
    """A docstring, wrapped, with the quotes."""
    paragraphs = [textwrap.fill(part, _WIDTH - len(indent), break_long_words=False) for part in text.split("\n\n")]
    body = "\n\n".join(paragraphs)
    body = body.replace("\\", "\\\\").replace('"""', "'''")
    if "\n" in body:
        return textwrap.indent(f'"""{body}\n"""', indent)
    return f'{indent}"""{body}"""'


def _shape(document: Document, name: str, schema: Schema) -> str:
    if schema.type != "object" or not schema.properties:
        return f"{name} = {python_type(document, schema)}\n"
    fields = {
        field: _field_type(document, value, is_required=field in schema.required)
        for field, value in schema.properties.items()
    }
    if any(not field.isidentifier() or keyword.iskeyword(field) for field in fields):
        return (
            f"{name} = TypedDict({name!r}, {{{', '.join(f'{field!r}: {kind!r}' for field, kind in fields.items())}}})"
        )
    lines = [f"class {name}(TypedDict):"]
    if schema.description:
        lines += [docstring(schema.description, "    "), ""]
    for field, value in schema.properties.items():
        lines.append(f"    {field}: {fields[field]}")
        if value.description:
            lines.append(docstring(value.description, "    "))
    return "\n".join(lines) + "\n"


def _field_type(document: Document, schema: Schema, *, is_required: bool) -> str:
    kind = python_type(document, schema)
    return kind if is_required else f"NotRequired[{kind}]"
