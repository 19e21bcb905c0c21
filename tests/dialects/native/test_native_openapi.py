"""What the door says of itself is what it does."""

import re
from html import unescape
from pathlib import Path

import msgspec
import pytest
from inline_snapshot import external_file

from tests.dialects.conftest import Stage
from tests.dialects.native.client import PREFIX, Native
from turnkeeper.core.accounts import ALL_SCOPES
from turnkeeper.dialects import native
from turnkeeper.dialects.native.operations.about import description
from turnkeeper.dialects.native.operations.problems import whole

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
PAGE = Path(__file__).parents[3] / "docs" / "dialects" / "native.md"


class Operation(msgspec.Struct):
    summary: str
    security: list[dict[str, list[str]]]


class SharingOperation(msgspec.Struct):
    responses: dict[str, dict[str, object]]
    parameters: list[dict[str, object]] = []


class Shared(msgspec.Struct):
    paths: dict[str, dict[str, SharingOperation]]
    components: dict[str, dict[str, object]]


class Document(msgspec.Struct):
    openapi: str
    paths: dict[str, dict[str, Operation]]


@pytest.mark.requirement("native.openapi")
async def test_the_committed_description_is_the_one_that_is_served(stage: Stage) -> None:
    # After a change that is meant: pytest --inline-snapshot=fix
    operations = [endpoint.operation for endpoint in native.endpoints(stage.turnkeeper.actions)]
    assert description(operations, PREFIX) == external_file("../../../docs/dialects/native.openapi.json")


@pytest.mark.requirement("native.openapi")
async def test_every_route_is_described_and_every_description_is_a_route(stage: Stage) -> None:
    described = {
        (method.upper(), path) for path, methods in (await document(stage)).paths.items() for method in methods
    }
    served = {
        (method, path)
        for path, methods in native.route_table(stage.turnkeeper.actions).served().items()
        for method in methods
        if method != "HEAD"
    }
    assert described == served


@pytest.mark.requirement("native.openapi")
async def test_every_operation_has_examples_that_are_true(stage: Stage) -> None:
    for endpoint in native.endpoints(stage.turnkeeper.actions):
        operation = whole(endpoint.operation)
        statuses = [reply.status for reply in operation.replies]
        assert len(statuses) == len(set(statuses))
        assert {400, 401, 403, 503} <= set(statuses)
        bodies = [(reply.media, reply.shape, reply.example) for reply in operation.replies]
        for media, shape, example in [*bodies, (operation.request_media, operation.request, operation.request_example)]:
            if shape is not None and media.endswith("json"):
                assert same_again(shape, example) == example, operation.name
        for reply in operation.replies:
            assert reply.status < 400 or reply.media == "application/problem+json"
            assert reply.status < 400 or msgspec.convert(reply.example, dict)["status"] == reply.status


@pytest.mark.requirement("native.openapi")
async def test_what_operations_share_is_written_once_and_every_reference_leads_to_it(stage: Stage) -> None:
    answer = await Native(stage, None).get("/openapi.json")
    described = msgspec.json.decode(answer.body, type=Shared)
    operations = [operation for methods in described.paths.values() for operation in methods.values()]
    said = [msgspec.json.encode(each) for one in operations for each in (*one.parameters, *one.responses.values())]
    written_out = [each for each in said if not each.startswith(b'{"$ref"')]
    assert len(written_out) == len(set(written_out))
    for kind, name in re.findall(r'"\$ref":"#/components/(\w+)/([^"]+)"', answer.body.decode()):
        assert name in described.components[kind], (kind, name)


@pytest.mark.requirement("native.openapi")
async def test_every_link_of_the_page_leads_to_something_on_it(stage: Stage) -> None:
    page = (await Native(stage, None).get("/docs")).body.decode()
    links, places = re.findall(r'href="#([^"]+)"', page), re.findall(r' id="([^"]+)"', page)
    assert links
    assert set(links) <= set(places)
    assert len(places) == len(set(places))


@pytest.mark.requirement("native.openapi")
async def test_every_operation_says_which_scope_it_needs(stage: Stage) -> None:
    open_to_all: set[tuple[str, str]] = set()
    for path, methods in (await document(stage)).paths.items():
        for method, operation in methods.items():
            scopes = {tuple(scope) for way in operation.security for scope in way.values()}
            if not scopes:
                open_to_all.add((method, path))
                continue
            assert len(scopes) == 1
            assert set(*scopes) <= ALL_SCOPES
    assert open_to_all == {("post", "/v1/sessions")}


@pytest.mark.requirement("native.openapi")
async def test_the_page_for_people_names_every_operation_and_needs_nothing_from_elsewhere(stage: Stage) -> None:
    page = await Native(stage, None).get("/docs")
    text = unescape(page.body.decode())
    assert page.headers["Content-Type"].startswith("text/html")
    for path, methods in (await document(stage)).paths.items():
        for operation in methods.values():
            assert path in text
            assert operation.summary in text
    for absent in ("<script", 'src="http', 'href="http', "url(http", "@import"):
        assert absent not in text


@pytest.mark.requirement("native.openapi")
async def test_the_page_in_the_docs_lists_exactly_the_operations(stage: Stage) -> None:
    listed = {
        line.split("`")[1]
        for line in PAGE.read_text().splitlines()
        if line.startswith(tuple(f"| `{method}" for method in METHODS))
    }
    described = (await document(stage)).paths
    assert listed == {f"{method.upper()} {path}" for path, methods in described.items() for method in methods}


async def document(stage: Stage) -> Document:
    answer = await Native(stage, None).get("/openapi.json")
    assert answer.status == 200
    return msgspec.json.decode(answer.body, type=Document)


def same_again(shape: object, example: object) -> object:
    """The example as the shape writes it; fails when it is none of the shape."""
    read = msgspec.json.decode(msgspec.json.encode(example), type=shape)  # pyright: ignore[reportArgumentType, reportCallIssue]
    return msgspec.json.decode(msgspec.json.encode(read))
