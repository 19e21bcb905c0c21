"""An OpenAPI document as one plain page for people: no scripts, nothing from elsewhere."""

import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import TypeGuard

import msgspec

_STYLE = """
:root { --paper: light-dark(#faf9f6, #15191b); --card: light-dark(#fff, #1c2124); --sunk: light-dark(#f3f1eb, #111517);
  --ink: light-dark(#20262a, #e6e8e5); --soft: light-dark(#57626a, #a6b0b3); --line: light-dark(#e4e1d8, #2d3437);
  --accent: light-dark(#1c665c, #7fcabd); color-scheme: light dark }
body { margin: 0 auto; max-width: 62rem; padding: 2.5rem clamp(1rem, 4vw, 3rem) 5rem; background: var(--paper);
  color: var(--ink); font: 15px/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  overflow-wrap: anywhere }
h1, h2, h3 { line-height: 1.3; letter-spacing: -.012em } h1 { margin-top: 0; font-size: 1.6rem }
h2 { margin: 2.5rem 0 .75rem; font-size: 1.15rem } h3 { margin: 1.25rem 0 .4rem; font-size: 1rem }
a { color: var(--accent); text-underline-offset: .18em }
code, pre { font: .86em/1.55 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace }
pre { overflow-x: auto; padding: .7rem .9rem; border: 1px solid var(--line); border-radius: .55rem; background: var(--sunk) }
details { border: 1px solid var(--line); background: var(--card); margin: 0 0 -1px; padding: 0 1rem }
h2 + details { border-top-left-radius: .7rem; border-top-right-radius: .7rem }
details:has(+ h2), details:last-child { border-bottom-left-radius: .7rem; border-bottom-right-radius: .7rem }
details[open] { padding-bottom: 1rem }
summary { padding: .5rem 0; cursor: pointer; color: var(--soft) } summary code { color: var(--ink) }
summary b { display: inline-block; min-width: 4.2rem; color: var(--accent); font-size: .78rem; letter-spacing: .03em }
table { border-collapse: collapse; width: 100% }
td, th { text-align: left; vertical-align: top; padding: .35rem .8rem .35rem 0 }
th { color: var(--soft); font-size: .86rem; font-weight: 560 }
tr + tr td { border-top: 1px solid var(--line) }
"""


def openapi_page(title: str, schema: Mapping[str, object]) -> str:
    """The page: every operation with its parameters, bodies, answers and examples, then every shape."""
    about = _object(schema.get("info"))
    body = "".join(
        [
            f"<h1>{escape(title)}</h1>{_prose(about.get('description'))}",
            '<p>For programs: <a href="openapi.json">openapi.json</a>.</p>',
            _security(schema),
            *_operations(schema),
            *_shared_answers(schema),
            *_shapes(schema),
        ]
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>{body}</body></html>"
    )


def _security(schema: Mapping[str, object]) -> str:
    schemes = _object(_object(schema.get("components")).get("securitySchemes"))
    items = "".join(
        f"<li><b>{escape(name)}</b>: {_inline(_object(scheme).get('description', ''))}</li>"
        for name, scheme in schemes.items()
    )
    return f"<h2>Signing in</h2><ul>{items}</ul>" if items else ""


def _operations(schema: Mapping[str, object]) -> Iterator[str]:
    """The operations, under their tags in the order of the document."""
    by_tag: dict[str, list[str]] = {}
    components = _object(schema.get("components"))
    for path, methods in _object(schema.get("paths")).items():
        for method, operation in _object(methods).items():
            described = _object(operation)
            if described.get("responses") is None:
                continue
            tags = _list(described.get("tags"))
            by_tag.setdefault(str(tags[0]) if tags else "Operations", []).append(
                _operation(method, path, described, components)
            )
    for tag, operations in by_tag.items():
        yield f"<h2>{escape(tag)}</h2>{''.join(operations)}"


def _operation(method: str, path: str, operation: Mapping[str, object], components: Mapping[str, object]) -> str:
    request = _object(operation.get("requestBody"))
    replies = "".join(
        _answer(status, _object(reply), components) for status, reply in _object(operation.get("responses")).items()
    )
    return (
        f'<details id="{escape(_anchor(method, path))}"><summary><b>{escape(method.upper())}</b> '
        f"<code>{escape(path)}</code> {_inline(operation.get('summary', ''))}</summary>"
        f"{_prose(operation.get('description'))}{_parameters(operation, components)}"
        f"{'<h3>Body</h3>' + _content(request) if request else ''}<h3>Answers</h3>{replies}</details>"
    )


def _answer(status: str, reply: Mapping[str, object], components: Mapping[str, object]) -> str:
    """An answer; one that operations share is only named, and linked to where it is told."""
    name = _named(reply)
    if name is None:
        return f"<h4>{escape(status)} · {_inline(reply.get('description', ''))}</h4>{_content(reply)}"
    told = _object(_object(components.get("responses")).get(name))
    return (
        f"<h4>{escape(status)} · {_inline(told.get('description', ''))} "
        f'<a href="#answer-{escape(name)}">Example</a></h4>'
    )


def _shared_answers(schema: Mapping[str, object]) -> Iterator[str]:
    answers = _object(_object(schema.get("components")).get("responses"))
    if answers:
        yield "<h2>Answers that operations share</h2>"
    for name, answer in answers.items():
        described = _object(answer)
        yield (
            f'<details id="answer-{escape(name)}"><summary>{_inline(described.get("description", ""))}</summary>'
            f"{_content(described)}</details>"
        )


def _parameters(operation: Mapping[str, object], components: Mapping[str, object]) -> str:
    shared = _object(components.get("parameters"))
    parameters = map(_object, _list(operation.get("parameters")))
    rows = "".join(
        f"<tr><td><code>{escape(str(parameter.get('name', '')))}</code></td><td>{escape(str(parameter.get('in', '')))}"
        f"</td><td>{_inline(parameter.get('description', ''))}</td></tr>"
        for parameter in (_object(shared.get(_named(each) or "")) or each for each in parameters)
    )
    return f"<table><tr><th>Parameter</th><th>in</th><th></th></tr>{rows}</table>" if rows else ""


def _content(body: Mapping[str, object]) -> str:
    """The shapes and examples of a body, for each media type."""
    parts: list[str] = []
    for media_type, content in _object(body.get("content")).items():
        described = _object(content)
        example = described.get("example")
        if example is None:
            examples = _object(described.get("examples"))
            example = next((_object(each).get("value") for each in examples.values()), None)
        parts.append(f"<p><code>{escape(media_type)}</code> {_type(described.get('schema'))}</p>")
        if example is not None:
            parts.append(f"<pre>{escape(_pretty(example))}</pre>")
    return "".join(parts)


def _shapes(schema: Mapping[str, object]) -> Iterator[str]:
    shapes = _object(_object(schema.get("components")).get("schemas"))
    if shapes:
        yield "<h2>Shapes</h2>"
    for name, shape in shapes.items():
        described = _object(shape)
        required = {str(each) for each in _list(described.get("required"))}
        rows = "".join(
            f"<tr><td><code>{escape(field)}</code>{'' if field in required else ' <i>optional</i>'}</td>"
            f"<td>{_type(kind)}</td><td>{_inline(_object(kind).get('description', ''))}</td></tr>"
            for field, kind in _object(described.get("properties")).items()
        )
        yield (
            f'<details id="shape-{escape(name)}"><summary><code>{escape(name)}</code></summary>'
            f"{_prose(described.get('description'))}<table>{rows}</table></details>"
        )


def _type(schema: object) -> str:
    described = _object(schema)
    name = _named(described)
    if name is not None:
        return f'<a href="#shape-{escape(name)}">{escape(name)}</a>'
    options = _list(described.get("anyOf")) or _list(described.get("oneOf"))
    if options:
        return " or ".join(_type(option) for option in options)
    if described.get("type") == "array":
        return f"array of {_type(described.get('items'))}"
    kind = described.get("type", "")
    return escape(" or ".join(str(each) for each in _list(kind)) or str(kind))


def _named(said: Mapping[str, object]) -> str | None:
    """What a reference refers to; None of what is no reference."""
    reference = said.get("$ref")
    return reference.rpartition("/")[2] if isinstance(reference, str) else None


def _prose(text: object) -> str:
    paragraphs = str(text or "").strip().split("\n\n")
    return "".join(f"<p>{_inline(paragraph)}</p>" for paragraph in paragraphs if paragraph)


def _inline(text: object) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(str(text or "")))


def _anchor(method: str, path: str) -> str:
    return f"{method}-{re.sub(r'[^A-Za-z0-9]+', '-', path).strip('-')}"


def _pretty(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def _object(value: object) -> Mapping[str, object]:
    return value if _is_object(value) else {}


def _list(value: object) -> list[object]:
    return value if _is_list(value) else []


def _is_object(value: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(value, Mapping)


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)
