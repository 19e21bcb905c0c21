"""A smaller way to run the MiniLM network: its numbers stay 8-bit integers in memory, where the packaged one widens them.

The packaged network stores its tables and weights as 8-bit numbers with a scale for each row or column, and makes floats of
all of them when it is loaded: 90 MB for the life of the process. Two things are rewritten.

- Tables of 30,522 tokens and 512 places: a token's numbers are looked up first, and only those are widened. That gives the
  same vectors.
- The weights of products: `MatMulNBits` of onnxruntime multiplies by them as they are. What is multiplied becomes 8-bit
  numbers for the moment, too, with a scale for each 64 of a row, so vectors change by 0.0003 (one less their cosine).

The file is in ONNX's protocol buffers; only nodes and weights are rewritten here, so the few fields below are all that must
be known of them.

Source: onnx/onnx.proto (ModelProto, GraphProto, NodeProto, TensorProto, AttributeProto); protobuf's encoding guide;
docs/ContribOperators.md of onnxruntime (MatMulNBits).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

_VARINT, _BYTES = 0, 2
_MODEL_GRAPH, _MODEL_OPSET = 7, 8
_GRAPH_NODE, _GRAPH_TENSOR = 1, 5
_NODE_INPUT, _NODE_OUTPUT, _NODE_NAME, _NODE_KIND, _NODE_ATTRIBUTE, _NODE_DOMAIN = 1, 2, 3, 4, 5, 7
_TENSOR_SIZE, _TENSOR_TYPE, _TENSOR_NAME, _TENSOR_CONTENT = 1, 2, 8, 9
_TYPE_FLOAT, _TYPE_UINT8 = 1, 2
_ATTRIBUTE_NAME, _ATTRIBUTE_INTEGER, _ATTRIBUTE_TYPE = 1, 3, 20
_TYPE_INTEGER = 2
_OPSET_DOMAIN, _OPSET_VERSION = 1, 2

_OF_ONNXRUNTIME = "com.microsoft"
_NUMBERS_A_BLOCK = 64
"""Of what is multiplied, so many have a scale of their own: more are faster by little and less exact."""
_AS_INTEGERS = 4
"""`accuracy_level` of `MatMulNBits`: what is multiplied becomes 8-bit numbers; as floats it takes five times as long."""
_ZERO = 128
"""What stands for zero in unsigned numbers."""


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


@dataclass(frozen=True, kw_only=True, slots=True)
class _Tensor:
    """Numbers that the network was delivered with."""

    sizes: tuple[int, ...]
    content: memoryview
    raw: memoryview


@dataclass(frozen=True, kw_only=True, slots=True)
class _Product:
    """A product by a matrix that is made of small numbers, column by column, by two operations: cast and scaling."""

    node: _Node
    cast: _Node
    scaling: _Node

    @property
    def weights(self) -> str:
        """The small numbers."""
        return self.cast.inputs[0]

    @property
    def scales(self) -> str:
        """A number for each column."""
        return self.scaling.inputs[1]

    @property
    def blocks(self) -> str:
        """What its numbers are called in the new network."""
        return f"{self.weights}_blocks"

    @property
    def block_scales(self) -> str:
        """What its scales are called there."""
        return f"{self.weights}_scales"


def in_small_numbers(model: bytes, *, products: bool) -> bytes:
    """The same network with its look-ups before the widening, and, if wanted, with its products by small numbers."""
    parts: list[bytes | memoryview] = []
    for field in _fields(memoryview(model)):
        if field.number == _MODEL_GRAPH:
            parts.append(_encoded(_MODEL_GRAPH, _rewritten_graph(field.content, products=products)))
        else:
            parts.append(field.raw)
    if products:
        domain = _encoded(_OPSET_DOMAIN, _OF_ONNXRUNTIME.encode()) + _encoded_integer(_OPSET_VERSION, 1)
        parts.append(_encoded(_MODEL_OPSET, domain))
    return b"".join(parts)


def _rewritten_graph(graph: memoryview, *, products: bool) -> bytes:
    fields = list(_fields(graph))
    nodes = [_node(field.content) for field in fields if field.number == _GRAPH_NODE]
    tensors = dict(_tensor(field) for field in fields if field.number == _GRAPH_TENSOR)
    found = _products(nodes, tensors) if products else {}
    needless = {name for product in found.values() for name in (product.weights, product.scales)}
    rewritten = list(_rewritten(nodes, found, tensors))
    kept = (tensor.raw for name, tensor in tensors.items() if name not in needless)
    made = (raw for product in found.values() for raw in _blocks(product, tensors))
    others = (field.raw for field in fields if field.number not in (_GRAPH_NODE, _GRAPH_TENSOR))
    return b"".join([*(_encoded(_GRAPH_NODE, node) for node in rewritten), *kept, *made, *others])


def _products(nodes: Sequence[_Node], tensors: Mapping[str, _Tensor]) -> dict[str, _Product]:
    """The products that can be made by small numbers, by what they result in."""
    makers = {node.outputs[0]: node for node in nodes if node.outputs}
    found: dict[str, _Product] = {}
    for node in nodes:
        widening = _widening(makers, node.inputs[1]) if node.kind == "MatMul" else None
        if widening is not None and widening[0].inputs[0] in tensors:
            found[node.outputs[0]] = _Product(node=node, cast=widening[0], scaling=widening[1])
    return found


def _blocks(product: _Product, tensors: Mapping[str, _Tensor]) -> Iterator[bytes]:
    """The weights column by column, in blocks, as unsigned numbers; and a scale for each block."""
    weights, scales = tensors[product.weights], tensors[product.scales]
    rows, columns = weights.sizes
    numbers = np.frombuffer(weights.content, dtype=np.int8).reshape(rows, columns)
    unsigned = np.ascontiguousarray(numbers.T).view(np.uint8) ^ _ZERO
    blocks = rows // _NUMBERS_A_BLOCK
    repeated = np.repeat(np.frombuffer(scales.content, dtype=np.float32), blocks)
    sizes = (columns, blocks, _NUMBERS_A_BLOCK)
    yield _encoded_tensor(product.blocks, sizes, _TYPE_UINT8, unsigned.tobytes())
    yield _encoded_tensor(product.block_scales, (columns * blocks,), _TYPE_FLOAT, repeated.tobytes())


def _rewritten(
    nodes: Sequence[_Node], products: Mapping[str, _Product], tensors: Mapping[str, _Tensor]
) -> Iterator[bytes]:
    makers = {node.outputs[0]: node for node in nodes if node.outputs}
    lookups = {
        node.outputs[0]: widening
        for node in nodes
        if node.kind == "Gather" and (widening := _widening(makers, node.inputs[0]))
    }
    needless = {made.outputs[0] for widening in lookups.values() for made in widening}
    needless |= {made.outputs[0] for product in products.values() for made in (product.cast, product.scaling)}
    for node in nodes:
        found, product = lookups.get(node.outputs[0]), products.get(node.outputs[0])
        if found is not None:
            yield from _lookup_then_widen(node, *found)
        elif product is not None:
            yield _product_of_small_numbers(product, tensors[product.weights].sizes)
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


def _product_of_small_numbers(product: _Product, sizes: Sequence[int]) -> bytes:
    settings = {
        "K": sizes[0],
        "N": sizes[1],
        "bits": 8,
        "block_size": _NUMBERS_A_BLOCK,
        "accuracy_level": _AS_INTEGERS,
    }
    inputs = (product.node.inputs[0], product.blocks, product.block_scales)
    attributes = [_encoded_setting(name, value) for name, value in settings.items()]
    node = _encoded_node("MatMulNBits", inputs, product.node.outputs[0], attributes)
    return node + _encoded(_NODE_DOMAIN, _OF_ONNXRUNTIME.encode())


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


def _tensor(field: _Field) -> tuple[str, _Tensor]:
    """Its name, and the tensor."""
    parts = list(_fields(field.content))
    contents = {part.number: part.content for part in parts}
    sizes = tuple(_read_varint(part.content, 0)[0] for part in parts if part.number == _TENSOR_SIZE)
    tensor = _Tensor(sizes=sizes, content=contents.get(_TENSOR_CONTENT, memoryview(b"")), raw=field.raw)
    return bytes(contents[_TENSOR_NAME]).decode(), tensor


def _encoded_tensor(name: str, sizes: Sequence[int], kind: int, content: bytes) -> bytes:
    parts = [_encoded_integer(_TENSOR_SIZE, size) for size in sizes]
    parts += [_encoded_integer(_TENSOR_TYPE, kind), _encoded(_TENSOR_NAME, name.encode())]
    return _encoded(_GRAPH_TENSOR, b"".join([*parts, _encoded(_TENSOR_CONTENT, content)]))


def _encoded_setting(name: str, value: int) -> bytes:
    integer = _encoded_integer(_ATTRIBUTE_INTEGER, value) + _encoded_integer(_ATTRIBUTE_TYPE, _TYPE_INTEGER)
    return _encoded(_ATTRIBUTE_NAME, name.encode()) + integer


def _encoded_node(kind: str, inputs: Sequence[str], output: str, attributes: Sequence[bytes] = ()) -> bytes:
    parts = [_encoded(_NODE_INPUT, name.encode()) for name in inputs]
    parts += [_encoded(_NODE_OUTPUT, output.encode()), _encoded(_NODE_NAME, f"{output}_node".encode())]
    parts += [_encoded(_NODE_KIND, kind.encode()), *(_encoded(_NODE_ATTRIBUTE, each) for each in attributes)]
    return b"".join(parts)


def _encoded_integer(number: int, value: int) -> bytes:
    return _varint(number << 3 | _VARINT) + _varint(value)


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
