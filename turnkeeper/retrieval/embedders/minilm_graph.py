"""A smaller way to run the MiniLM network: look up a token's numbers first, and widen only those to floats.

The packaged network stores its tables of 30,522 tokens and 512 places as 8-bit numbers and widens each whole table when it
is loaded, which costs 47 MB for the life of the process. Widening after the look-up gives the same numbers. The file is in
ONNX's protocol buffers; only nodes are rewritten here, so the few fields below are all that must be known of them.

Source: onnx/onnx.proto (ModelProto, GraphProto, NodeProto); protobuf's encoding guide.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_BYTES = 2
_MODEL_GRAPH = 7
_GRAPH_NODE = 1
_NODE_INPUT, _NODE_OUTPUT, _NODE_NAME, _NODE_KIND, _NODE_ATTRIBUTE = 1, 2, 3, 4, 5


@dataclass(frozen=True, kw_only=True, slots=True)
class _Field:
    """One field of a message: its number, its whole encoding, and what is inside when it is a string or a message."""

    number: int
    raw: memoryview
    content: memoryview


@dataclass(frozen=True, kw_only=True, slots=True)
class _Node:
    """One operation of the network."""

    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: tuple[bytes, ...]
    raw: bytes


def widen_after_lookup(model: bytes) -> bytes:
    """The same network with its look-ups before the widening; other operations stay as they are, byte by byte."""
    parts: list[bytes | memoryview] = []
    for field in _fields(memoryview(model)):
        if field.number == _MODEL_GRAPH:
            parts.append(_encoded(_MODEL_GRAPH, _rewritten_graph(field.content)))
        else:
            parts.append(field.raw)
    return b"".join(parts)


def _rewritten_graph(graph: memoryview) -> bytes:
    fields = list(_fields(graph))
    nodes = _rewritten([_node(field.content) for field in fields if field.number == _GRAPH_NODE])
    others = (field.raw for field in fields if field.number != _GRAPH_NODE)
    return b"".join([*(_encoded(_GRAPH_NODE, node) for node in nodes), *others])


def _rewritten(nodes: Sequence[_Node]) -> Iterator[bytes]:
    makers = {node.outputs[0]: node for node in nodes if node.outputs}
    lookups = {
        node.outputs[0]: widening
        for node in nodes
        if node.kind == "Gather" and (widening := _widening(makers, node.inputs[0]))
    }
    needless = {made.outputs[0] for widening in lookups.values() for made in widening}
    for node in nodes:
        found = lookups.get(node.outputs[0])
        if found is not None:
            yield from _lookup_then_widen(node, *found)
        elif node.outputs[0] not in needless:
            yield node.raw


def _widening(makers: dict[str, _Node], table: str) -> tuple[_Node, _Node] | None:
    """The two operations, cast and scaling, that make this table of floats out of small numbers."""
    scaling = makers.get(table)
    if scaling is None or scaling.kind != "Mul":
        return None
    cast = makers.get(scaling.inputs[0])
    return (cast, scaling) if cast is not None and cast.kind == "Cast" else None


def _lookup_then_widen(lookup: _Node, cast: _Node, scaling: _Node) -> Iterator[bytes]:
    result, places = lookup.outputs[0], lookup.inputs[1]
    small, wide, scale = f"{result}_small", f"{result}_wide", f"{result}_scale"
    yield _encoded_node("Gather", (cast.inputs[0], places), small, lookup.attributes)
    yield _encoded_node("Cast", (small,), wide, cast.attributes)
    yield _encoded_node("Gather", (scaling.inputs[1], places), scale, lookup.attributes)
    yield _encoded_node("Mul", (wide, scale), result)


def _node(message: memoryview) -> _Node:
    fields = list(_fields(message))

    def texts(number: int) -> tuple[str, ...]:
        return tuple(bytes(field.content).decode() for field in fields if field.number == number)

    return _Node(
        kind=texts(_NODE_KIND)[0],
        inputs=texts(_NODE_INPUT),
        outputs=texts(_NODE_OUTPUT),
        attributes=tuple(bytes(field.content) for field in fields if field.number == _NODE_ATTRIBUTE),
        raw=bytes(message),
    )


def _encoded_node(kind: str, inputs: Sequence[str], output: str, attributes: Sequence[bytes] = ()) -> bytes:
    parts = [_encoded(_NODE_INPUT, name.encode()) for name in inputs]
    parts += [_encoded(_NODE_OUTPUT, output.encode()), _encoded(_NODE_NAME, f"{output}_node".encode())]
    parts += [_encoded(_NODE_KIND, kind.encode()), *(_encoded(_NODE_ATTRIBUTE, each) for each in attributes)]
    return b"".join(parts)


def _encoded(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | _BYTES) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def _fields(message: memoryview) -> Iterator[_Field]:
    """The fields of a message, in order.

    Raises:
        ValueError: the bytes are no protocol buffer.
    """
    at = 0
    while at < len(message):
        start = at
        key, at = _read_varint(message, at)
        content = at
        match key & 7:
            case 0:
                _, at = _read_varint(message, at)
            case 1:
                at += 8
            case 2:
                length, content = _read_varint(message, at)
                at = content + length
            case 5:
                at += 4
            case kind:
                raise ValueError(f"unknown wire type {kind}")
        yield _Field(number=key >> 3, raw=message[start:at], content=message[content:at])


def _read_varint(message: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
