"""The types and functions of the TypeScript client."""

import json
import textwrap

from clients.generator.document import Document, Operation, Parameter, Schema, snake

_NOTE = "Generated from the OpenAPI document by `make clients`: do not edit."
_PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
_HEAD = f"""/** Every operation as a method. {_NOTE} */

import type * as shapes from "./shapes.js";
import {{ pathOf, uploadOr, type Options, type Request, type Upload }} from "./request.js";

export abstract class Operations {{
  /** Send a request, also more than once if need be. */
  abstract send<T>(request: Request, options: Options): Promise<T>;
"""
_RESULTS = {"text": "string", "bytes": "Blob", "nothing": "undefined"}


def typescript_shapes(document: Document) -> str:
    """The module `shapes`."""
    shapes = [_shape(document, document.name_of(name), schema) for name, schema in sorted(document.schemas.items())]
    return "\n".join(
        [f"/** What goes over the wire. {_NOTE} */\n", *shapes, f"export type Event = {' | '.join(document.events)};\n"]
    )


def typescript_operations(document: Document) -> str:
    """The module `operations`."""
    methods = [
        method
        for operation in document.operations
        for method in (_call(document, operation), _iterate(document, operation))
        if method
    ]
    return "\n".join([_HEAD, *methods]) + "}\n"


def typescript_type(document: Document, schema: Schema, prefix: str = "") -> str:
    """The type of a value, as it is written down; `unknown` where anything may stand."""
    if schema.ref:
        return prefix + document.name_of(schema.name)
    if alternatives := schema.alternatives():
        return " | ".join(dict.fromkeys(typescript_type(document, each, prefix) for each in alternatives))
    if schema.enum:
        return " | ".join(json.dumps(word) for word in schema.enum)
    if schema.type == "array":
        inner = typescript_type(document, schema.items or Schema(), prefix)
        return f"Array<{inner}>"
    if schema.type == "object":
        of = schema.additional
        return f"Record<string, {typescript_type(document, of, prefix) if isinstance(of, Schema) else 'unknown'}>"
    return _PLAIN.get(str(schema.type), "unknown")


def _shape(document: Document, name: str, schema: Schema) -> str:
    if schema.type != "object" or not schema.properties:
        return f"export type {name} = {typescript_type(document, schema)};\n"
    lines = [*_comment(schema.description, ""), f"export interface {name} {{"]
    for field, value in schema.properties.items():
        lines += _comment(value.description, "  ")
        mark = "" if field in schema.required else "?"
        lines.append(f"  {_key(field)}{mark}: {typescript_type(document, value)};")
    return "\n".join([*lines, "}", ""])


def _call(document: Document, operation: Operation) -> str:
    result = _result(document, operation)
    path = ", ".join(f"{p.name}: {_variable(p)}" for p in operation.path_parameters)
    given = [f"method: {json.dumps(operation.method)}"]
    given.append(
        f"path: pathOf({json.dumps(operation.path)}, {{ {path} }})" if path else f"path: {json.dumps(operation.path)}"
    )
    fixed = [f"{_key(name)}: {json.dumps(value)}" for name, value in operation.fixed.items()]
    query = [*fixed, *(f"{_key(p.name)}: options.{p.name}" for p in operation.query)]
    if query:
        given.append(f"query: {{ {', '.join(query)} }}")
    if operation.bodies and operation.form_field:
        given.append(f"...uploadOr(body, {json.dumps(operation.form_field)})")
    elif operation.bodies:
        given.append("body")
    elif operation.form_field:
        given.append(f"files, formField: {json.dumps(operation.form_field)}")
    if operation.changes:
        given.append("changes: true")
    if operation.gives != "json":
        given.append(f"gives: {json.dumps(operation.gives)}")
    lines = [
        *_comment(f"{operation.summary}.\n\n{operation.description}".strip(), "  "),
        f"  {operation.name}({', '.join(_arguments(document, operation))}): Promise<{result}> {{",
        f"    return this.send<{result}>({{ {', '.join(given)} }}, options);",
        "  }",
        "",
    ]
    return "\n".join(lines)


def _iterate(document: Document, operation: Operation) -> str:
    items = operation.listed(document)
    if items is None:
        return ""
    name, arguments = operation.name.replace("list", "iterate", 1), ", ".join(_arguments(document, operation))
    call = ", ".join([*(_variable(p) for p in operation.path_parameters), "{ ...options, cursor }"])
    lines = [
        f"  /** As `{operation.name}`, page after page until the last one. */",
        f"  async *{name}({arguments}): AsyncGenerator<{typescript_type(document, items, 'shapes.')}> {{",
        "    let cursor: string | undefined = undefined;",
        "    do {",
        f"      const page: {_result(document, operation)} = await this.{operation.name}({call});",
        "      yield* page.items;",
        "      cursor = page.next_cursor ?? undefined;",
        "    } while (cursor !== undefined);",
        "  }",
        "",
    ]
    return "\n".join(lines)


def _arguments(document: Document, operation: Operation) -> list[str]:
    arguments = [f"{_variable(p)}: {typescript_type(document, p.schema, 'shapes.')}" for p in operation.path_parameters]
    bodies = [typescript_type(document, body, "shapes.") for body in operation.bodies]
    if operation.bodies and operation.form_field:
        arguments.append(f"body: {' | '.join(bodies)} | Upload[]")
    elif operation.bodies:
        arguments.append(f"body: {' | '.join(bodies)}")
    elif operation.form_field:
        arguments.append("files: Upload[]" if operation.takes_many_files else "files: Upload")
    own = [
        f"{_key(p.name)}{'' if p.required else '?'}: {typescript_type(document, p.schema)} | undefined"
        for p in operation.query
    ]
    kind = f"Options & {{ {'; '.join(own)} }}" if own else "Options"
    is_needed = any(p.required for p in operation.query)
    return [*arguments, f"options: {kind}" + ("" if is_needed else " = {}")]


def _result(document: Document, operation: Operation) -> str:
    if operation.gives != "json":
        return _RESULTS[operation.gives]
    return " | ".join(dict.fromkeys(typescript_type(document, each, "shapes.") for each in operation.results))


def _comment(text: str, indent: str) -> list[str]:
    if not text:
        return []
    text = text.replace("*/", "*∕")
    lines = [line for part in text.split("\n") for line in (textwrap.wrap(part, 112) or [""])]
    if len(lines) == 1:
        return [f"{indent}/** {lines[0]} */"]
    return [f"{indent}/**", *(f"{indent} * {line}".rstrip() for line in lines), f"{indent} */"]


def _variable(parameter: Parameter) -> str:
    first, *others = snake(parameter.name).split("_")
    return first + "".join(word.capitalize() for word in others)


def _key(name: str) -> str:
    return name if name.isidentifier() else json.dumps(name)
