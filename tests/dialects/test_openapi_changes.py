"""Clients that were written for the last release go on working: what would break them is refused here."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.dialects.openapi_changes import breaking_changes

DIALECTS = Path(__file__).parents[2] / "docs" / "dialects"
Document = dict[str, Any]

BEFORE: Document = {
    "paths": {
        "/things": {
            "get": {
                "operationId": "listThings",
                "security": [{"bearer": ["read"]}],
                "parameters": [
                    {"name": "limit", "in": "query", "required": False, "schema": {"type": "integer", "maximum": 100}},
                    {
                        "name": "state",
                        "in": "query",
                        "required": False,
                        "schema": {"type": "string", "enum": ["a", "b"]},
                    },
                ],
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}
                },
            },
            "post": {
                "operationId": "makeThing",
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewThing"}}},
                },
                "responses": {"201": {"description": "Made."}},
            },
        }
    },
    "components": {
        "schemas": {
            "Thing": {
                "type": "object",
                "properties": {
                    "id": {"type": "string"},
                    "inner": {"anyOf": [{"type": "null"}, {"$ref": "#/components/schemas/Thing"}]},
                    "state": {"enum": ["a", "b"]},
                },
                "required": ["id", "state"],
            },
            "NewThing": {
                "type": "object",
                "properties": {"name": {"type": ["string", "null"], "maxLength": 10}, "size": {"type": "integer"}},
                "required": ["name"],
            },
        }
    },
}


def operation(document: Document, method: str) -> Document:
    return document["paths"]["/things"][method]


def shape(document: Document, name: str) -> Document:
    return document["components"]["schemas"][name]


CHANGES: dict[str, tuple[Callable[[Document], object], list[str]]] = {
    "nothing": (lambda _: None, []),
    "operation gone": (lambda d: d["paths"]["/things"].pop("get"), ["GET /things is gone."]),
    "path gone": (lambda d: d["paths"].clear(), ["GET /things is gone.", "POST /things is gone."]),
    "renamed": (
        lambda d: operation(d, "get").update(operationId="things"),
        ["GET /things is called 'things' and no longer 'listThings'."],
    ),
    "another scope": (
        lambda d: operation(d, "get").update(security=[{"bearer": ["admin"]}]),
        ["GET /things needs another key than before."],
    ),
    "parameter gone": (
        lambda d: operation(d, "get")["parameters"].pop(0),
        ["GET /things no longer takes query limit."],
    ),
    "parameter needed": (
        lambda d: operation(d, "get")["parameters"][0].update(required=True),
        ["GET /things cannot do without query limit any more."],
    ),
    "parameter narrower": (
        lambda d: operation(d, "get")["parameters"][0]["schema"].update(maximum=50),
        ["GET /things, query limit is held to maximum 50, which was 100."],
    ),
    "word of a parameter gone": (
        lambda d: operation(d, "get")["parameters"][1]["schema"].update(enum=["a"]),
        ["GET /things, query state no longer takes 'b'."],
    ),
    "new optional parameter": (
        lambda d: operation(d, "get")["parameters"].append({"name": "x", "in": "query", "schema": {}}),
        [],
    ),
    "success gone": (
        lambda d: operation(d, "post").update(responses={"202": {}}),
        ["POST /things no longer answers 201."],
    ),
    "member of an answer gone": (
        lambda d: shape(d, "Thing")["properties"].pop("inner"),
        ["GET /things → 200: the member 'inner' is gone."],
    ),
    "member of an answer may be absent": (
        lambda d: shape(d, "Thing").update(required=["id"]),
        ["GET /things → 200: the member 'state' may now be absent."],
    ),
    "member of an answer may be null": (
        lambda d: shape(d, "Thing")["properties"].update(id={"type": ["string", "null"]}),
        ["GET /things → 200/id may now be null."],
    ),
    "new word in an answer": (lambda d: shape(d, "Thing")["properties"]["state"].update(enum=["a", "b", "c"]), []),
    "new member of an answer": (lambda d: shape(d, "Thing")["properties"].update(more={"type": "string"}), []),
    "member of a request gone": (
        lambda d: shape(d, "NewThing")["properties"].pop("size"),
        ["POST /things, body: the member 'size' is gone."],
    ),
    "member of a request needed": (
        lambda d: shape(d, "NewThing").update(required=["name", "size"]),
        ["POST /things, body: the member 'size' must now be there."],
    ),
    "member of a request may not be null": (
        lambda d: shape(d, "NewThing")["properties"]["name"].update(type="string"),
        ["POST /things, body/name may no longer be null."],
    ),
    "shorter texts": (
        lambda d: shape(d, "NewThing")["properties"]["name"].update(maxLength=5),
        ["POST /things, body/name is held to maxLength 5, which was 10."],
    ),
    "new optional member of a request": (
        lambda d: shape(d, "NewThing")["properties"].update(more={"type": "string"}),
        [],
    ),
    "another media type": (
        lambda d: operation(d, "post")["requestBody"].update(content={"text/csv": {}}),
        ["POST /things, body is no longer application/json."],
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_breaks_a_client_is_told_and_nothing_else(name: str) -> None:
    change, told = CHANGES[name]
    after = copy.deepcopy(BEFORE)
    change(after)
    assert breaking_changes(BEFORE, after) == told


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_shared_is_compared_as_if_it_were_written_out(name: str) -> None:
    change, told = CHANGES[name]
    after = copy.deepcopy(BEFORE)
    change(after)
    assert breaking_changes(sharing(BEFORE), after) == told
    assert breaking_changes(BEFORE, sharing(after)) == told
    assert breaking_changes(sharing(BEFORE), sharing(after)) == told


def sharing(document: Document) -> Document:
    """The same document, with every parameter and answer in the components."""
    shared = copy.deepcopy(document)
    kept: Document = {"parameters": {}, "responses": {}}
    for methods in shared["paths"].values():
        for method, described in methods.items():
            for number, parameter in enumerate(described.get("parameters", [])):
                kept["parameters"][f"{method}{number}"] = parameter
                described["parameters"][number] = {"$ref": f"#/components/parameters/{method}{number}"}
            for status, answer in described["responses"].items():
                kept["responses"][f"{method}{status}"] = answer
                described["responses"][status] = {"$ref": f"#/components/responses/{method}{status}"}
    shared["components"].update(kept)
    return shared


@pytest.mark.parametrize("dialect", ["enthusiast", "nairi", "native"])
def test_clients_of_the_last_release_still_work(dialect: str) -> None:
    # A break that is meant needs a new major version: `make released` writes down what is promised from then on.
    before = msgspec.json.decode((DIALECTS / "released" / f"{dialect}.openapi.json").read_bytes())
    after = msgspec.json.decode((DIALECTS / f"{dialect}.openapi.json").read_bytes())
    assert breaking_changes(before, after) == []
