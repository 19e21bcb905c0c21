"""What the door says of itself is what it does."""

from html import unescape
from pathlib import Path

import msgspec
import pytest
from inline_snapshot import external_file

from tests.dialects.conftest import Stage
from tests.dialects.native.client import PREFIX, Native
from turnkeeper.dialects import native
from turnkeeper.dialects.native.forms import decide_form
from turnkeeper.dialects.native.operations import description
from turnkeeper.dialects.native.shapes import (
    ApprovalShape,
    ApprovalsShape,
    ConversationShape,
    MessageShape,
    Problem,
)

PAGE = Path(__file__).parents[3] / "docs" / "dialects" / "native.md"
SHAPES: dict[str, type[msgspec.Struct]] = {
    shape.__name__: shape for shape in (ApprovalShape, ApprovalsShape, ConversationShape, MessageShape, Problem)
}


class Reference(msgspec.Struct):
    to: str = msgspec.field(name="$ref")


class Content(msgspec.Struct):
    schema: Reference
    example: dict[str, object]


class Body(msgspec.Struct):
    content: dict[str, Content]


class Operation(msgspec.Struct):
    summary: str
    responses: dict[str, Body]
    request: Body | None = msgspec.field(name="requestBody", default=None)


class Document(msgspec.Struct):
    openapi: str
    paths: dict[str, dict[str, Operation]]


@pytest.mark.requirement("native.openapi")
def test_the_committed_description_is_the_one_that_is_served() -> None:
    # After a change that is meant: pytest --inline-snapshot=fix
    assert description(PREFIX) == external_file("../../../docs/dialects/native.openapi.json")


@pytest.mark.requirement("native.openapi")
async def test_every_route_is_described_and_every_description_is_a_route(stage: Stage) -> None:
    described = {
        (method.upper(), path.replace("_id}", "}"))
        for path, methods in (await document(stage)).paths.items()
        for method in methods
    }
    served = {
        (str(method), route.path_format)
        for route in native.build(stage.turnkeeper.actions).routes
        for method in route.methods
        if method not in {"OPTIONS", "HEAD"}
    }
    assert served - described == {("GET", f"{PREFIX}/openapi.json"), ("GET", f"{PREFIX}/docs")}
    assert described <= served


@pytest.mark.requirement("native.openapi")
async def test_every_operation_has_examples_that_are_true(stage: Stage) -> None:
    described = await document(stage)
    assert described.openapi == "3.1.0"
    for methods in described.paths.values():
        for operation in methods.values():
            assert {"200", "400", "401", "503"} <= operation.responses.keys()
            for status, reply in operation.responses.items():
                ((media_type, content),) = reply.content.items()
                assert media_type == ("application/json" if status == "200" else "application/problem+json")
                shape = SHAPES[content.schema.to.rpartition("/")[2]]
                again = msgspec.json.encode(msgspec.json.decode(msgspec.json.encode(content.example), type=shape))
                assert msgspec.json.decode(again) == content.example
                assert shape is not Problem or content.example["status"] == int(status)
            if operation.request is not None:
                example = operation.request.content["application/json"].example
                decide_form(msgspec.json.encode(example), "application/json")


@pytest.mark.requirement("native.openapi")
async def test_the_page_for_people_names_every_operation_and_needs_nothing_from_elsewhere(stage: Stage) -> None:
    page = await Native(stage, None).get("/docs")
    text = unescape(page.body.decode())
    assert page.headers["Content-Type"].startswith("text/html")
    for path, methods in (await document(stage)).paths.items():
        for operation in methods.values():
            assert path in text
            assert operation.summary in text
    for absent in ("<script", "http://", "https://"):
        assert absent not in text


@pytest.mark.requirement("native.openapi")
async def test_the_page_in_the_docs_lists_exactly_the_operations(stage: Stage) -> None:
    listed = {line.split("`")[1] for line in PAGE.read_text().splitlines() if line.startswith(("| `GET", "| `POST"))}
    described = (await document(stage)).paths
    assert listed == {f"{method.upper()} {path}" for path, methods in described.items() for method in methods}


async def document(stage: Stage) -> Document:
    answer = await Native(stage, None).get("/openapi.json")
    assert answer.status == 200
    return msgspec.json.decode(answer.body, type=Document)
