"""What the door says of itself is what it does."""

from html import unescape

import msgspec
import pytest
from inline_snapshot import external_file

from tests.dialects.conftest import Stage
from tests.dialects.nairi.client import PREFIX, Nairi
from turnkeeper.dialects.nairi.door import application
from turnkeeper.dialects.nairi.forms import agent_form, continue_form, deploy_form, start_form
from turnkeeper.dialects.nairi.operations import description

FORMS = {"start": start_form, "continue": continue_form, "agents": agent_form, "deploy": deploy_form}


class Content(msgspec.Struct):
    schema: dict[str, object]
    example: object


class Body(msgspec.Struct):
    content: dict[str, Content] = {}


class Operation(msgspec.Struct):
    summary: str
    description: str
    responses: dict[str, Body]
    request: Body | None = msgspec.field(name="requestBody", default=None)


class Components(msgspec.Struct):
    schemas: dict[str, dict[str, object]]


class Document(msgspec.Struct):
    openapi: str
    paths: dict[str, dict[str, Operation]]
    components: Components


async def document(stage: Stage) -> Document:
    answer = await Nairi(stage, None).get("/openapi.json")
    assert answer.status == 200
    return msgspec.json.decode(answer.body, type=Document)


@pytest.mark.requirement("nairi.openapi")
def test_the_committed_description_is_the_one_that_is_served() -> None:
    # After a change that is meant: make openapi
    assert description(PREFIX) == external_file("../../../docs/dialects/nairi.openapi.json")


@pytest.mark.requirement("nairi.openapi")
async def test_every_route_is_described_and_every_description_is_a_route(stage: Stage) -> None:
    described = {
        (method.upper(), path.replace("_id}", "}"))
        for path, methods in (await document(stage)).paths.items()
        for method in methods
    }
    served = {
        (str(method), route.path_format)
        for route in application(stage.turnkeeper.actions).routes
        for method in route.methods
        if method != "OPTIONS"
    }
    assert served - described == {("GET", f"{PREFIX}/openapi.json"), ("GET", f"{PREFIX}/docs")}
    assert described <= served


@pytest.mark.requirement("nairi.openapi")
async def test_every_operation_has_examples_that_are_true(stage: Stage) -> None:
    described = await document(stage)
    assert described.openapi == "3.1.0"
    for path, methods in described.paths.items():
        for method, operation in methods.items():
            assert operation.summary
            assert {"401", "503"} <= operation.responses.keys()
            if method == "post":
                assert operation.request is not None
                if path.endswith("/attachments"):
                    assert operation.request.content.keys() == {"multipart/form-data"}
                    continue
                example = operation.request.content["application/json"].example
                FORMS[path.rpartition("/")[2]](msgspec.json.encode(example), "application/json")


@pytest.mark.requirement("nairi.openapi")
async def test_the_page_for_people_names_every_operation_and_needs_nothing_from_elsewhere(stage: Stage) -> None:
    page = await Nairi(stage, None).get("/docs")
    text = unescape(page.body.decode())
    assert page.headers["Content-Type"].startswith("text/html")
    for path, methods in (await document(stage)).paths.items():
        for operation in methods.values():
            assert path in text
            assert operation.summary in text
    assert "<script" not in text
    assert "http://" not in text
    assert "https://" not in text
