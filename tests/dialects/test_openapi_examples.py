"""Every example of the committed descriptions is one of its schema, to a validator that knows nothing of our shapes."""

from collections.abc import Iterator
from pathlib import Path

import jsonschema_rs
import msgspec
import pytest

FOLDER = Path(__file__).parents[2] / "docs" / "dialects"
NAME = "urn:described"
"""Where schemas find each other."""


class Media(msgspec.Struct):
    schema: dict[str, object]
    example: object = msgspec.UNSET


class Body(msgspec.Struct, rename={"ref": "$ref"}):
    ref: str = ""
    content: dict[str, Media] = {}


class Operation(msgspec.Struct, rename="camel"):
    operation_id: str
    responses: dict[str, Body]
    request_body: Body | None = None


class Components(msgspec.Struct):
    schemas: dict[str, object]
    responses: dict[str, Body] = {}


class Document(msgspec.Struct):
    paths: dict[str, dict[str, Operation]]
    components: Components

    def bodies(self) -> Iterator[tuple[str, str, Media]]:
        """Whose it is, of what kind, and the body."""
        for methods in self.paths.values():
            for operation in methods.values():
                for body in (operation.request_body, *operation.responses.values()):
                    known = self.components.responses[body.ref.rpartition("/")[2]] if body and body.ref else body
                    for kind, media in known.content.items() if known else ():
                        yield operation.operation_id, kind, media


@pytest.mark.parametrize("door", ["native", "nairi", "enthusiast"])
def test_every_body_has_an_example_and_it_is_valid(door: str) -> None:
    document = msgspec.json.decode((FOLDER / f"{door}.openapi.json").read_bytes(), type=Document)
    shared = {"components": {"schemas": document.components.schemas}}
    registry = jsonschema_rs.Registry([(NAME, shared)])
    checked = 0
    for name, kind, media in document.bodies():
        if kind.endswith("json"):
            assert media.example is not msgspec.UNSET, name
            schema = msgspec.json.encode(media.schema).replace(b'"#/', f'"{NAME}#/'.encode())
            validator = jsonschema_rs.Draft202012Validator(msgspec.json.decode(schema), registry=registry)
            assert [error.message for error in validator.iter_errors(media.example)] == [], name
            checked += 1

    assert checked > 20
