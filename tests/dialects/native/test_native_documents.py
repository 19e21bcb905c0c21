"""Documents, products and searches over the wire."""

import msgspec
import pytest
from inline_snapshot import snapshot

from tests.dialects.conftest import Stage
from tests.dialects.native.client import UNKNOWN, Answer, Native
from tests.dialects.native.data_client import DataClient, Page, item_of, run_of

ROUTER = b"# Router R5\n\nThe lamp blinks red when the line is down."
SHOP = (
    b'{"entry_id": "r9", "name": "Router R9", "price": 199.5, "properties": {"ports": 8, "colour": "black"}}\n'
    b'{"entry_id": "r5", "name": "Router R5", "price": 99, "properties": {"ports": 4, "colour": "white"}}\n'
    b'{"entry_id": "a/b", "name": "Cable", "properties": {"colour": "black"}}\n'
)


@pytest.fixture
def data(admin: Native) -> DataClient:
    """The data set `open`, with an admin's key."""
    return DataClient(admin)


class Text(msgspec.Struct):
    """A document with its text."""

    id: str
    title: str
    version: int
    is_changed: bool | None
    length: int
    start: int
    end: int
    text: str


async def text(data: DataClient, document: str, query: str = "") -> Text:
    answer = await data.get(f"/documents/{document}{query}")
    assert answer.status == 200, answer.body
    return msgspec.json.decode(answer.body, type=Text)


async def the_document(data: DataClient) -> str:
    (document,) = (await data.page("/documents")).items
    return document.id


@pytest.mark.requirement("native.documents.upload")
async def test_a_text_is_added_changed_and_removed(stage: Stage, data: DataClient, member: Native) -> None:
    body = {"address": "routers/r5.md", "markdown": ROUTER.decode()}
    queued = await data.send("POST", "/documents", body)
    assert (queued.status, queued.headers["Retry-After"]) == (202, "1")
    assert queued.steady() == snapshot(
        {
            "id": "sync-1",
            "data_set_id": "ds-1",
            "state": "queued",
            "mode": "merge",
            "origin": "upload",
            "files": 1,
            "found": 0,
            "skipped": 0,
            "to_read": None,
            "read": 0,
            "added": 0,
            "changed": 0,
            "unchanged": 0,
            "removed": 0,
            "unreadable": 0,
            "documents": 0,
            "products": 0,
            "passages": 0,
            "vectors_waiting": 0,
            "error": None,
            "requested_by": "acc-1",
            "created_at": "time",
            "started_at": None,
            "ended_at": None,
        }
    )
    async with stage.working():
        done = await data.native.get(queued.headers["Location"].removeprefix("/v1"), Prefer="wait=30")
        assert (run_of(done).state, run_of(done).added) == ("completed", 1)
        document = await the_document(data)
        assert (await text(DataClient(member), document)).text == ROUTER.decode()
        put = await data.send(
            "PUT", "/documents?address=routers/r5.md", {"text": "All new.", "title": "New"}, {"Prefer": "wait=30"}
        )
        assert (put.status, run_of(put).state) == (202, "completed")
        changed = await text(data, document, "?version=1")
        assert (changed.title, changed.text, changed.version, changed.is_changed) == ("New", "All new.", 2, True)
        assert (await text(data, document, "?version=2")).is_changed is False
        headers = {"Prefer": "wait=30", "Idempotency-Key": "gone"}
        gone = [await data.native.ask("DELETE", f"{data.path}/documents/{document}", headers=headers) for _ in range(2)]
    assert [(answer.status, run_of(answer).state) for answer in gone] == [(202, "completed")] * 2
    assert gone[1].headers["Idempotency-Replayed"] == "true"
    assert run_of(gone[0]).id == run_of(gone[1]).id
    assert (await data.get(f"/documents/{document}")).problem.code == "not_found"


@pytest.mark.requirement("native.documents.upload")
async def test_the_same_request_is_one_run(stage: Stage, data: DataClient) -> None:
    headers = {"Idempotency-Key": "a"}
    texts = [await data.send("POST", "/documents", {"text": "Hello."}, headers) for _ in range(2)]
    assert run_of(texts[0]).id == run_of(texts[1]).id
    assert texts[1].headers["Idempotency-Replayed"] == "true"
    forms = [await data.upload("/documents", [("a.md", content)], headers=headers) for content in (b"# A", b"# B")]
    assert [answer.problem.code for answer in forms] == ["idempotency_key_reused"] * 2
    async with stage.working():
        again = await data.send("POST", "/documents", {"text": "Hello."}, {"Prefer": "wait=30"})
    assert msgspec.json.decode(again.body, type=dict[str, object])["unchanged"] == 1


@pytest.mark.requirement("native.documents.upload")
async def test_files_come_by_their_names_and_one_by_an_address(stage: Stage, data: DataClient) -> None:
    headers = {"Prefer": "wait=30"}
    async with stage.working():
        many = await data.upload("/documents", [("../deep/a.md", b"# A"), ("b\\c.txt", b"B")], headers=headers)
        assert run_of(many).state == "completed"
        one = await data.upload("/documents?address=x/y.md", [("z.bin", b"# Y")], method="PUT", headers=headers)
        assert run_of(one).state == "completed"
    assert [item.address for item in (await data.page("/documents")).items] == ["x/y.md", "b/c.txt", "deep/a.md"]
    two = await data.upload("/documents?address=x", [("a", b"A"), ("b", b"B")], method="PUT")
    assert (two.status, two.problem.errors[0].code) == (400, "several")


@pytest.mark.requirement("native.documents.upload")
async def test_what_cannot_be_a_document_is_refused(stage: Stage, data: DataClient) -> None:
    before = stage.rows()
    bodies: list[object] = [
        {},
        {"text": "x", "html": "y"},
        {"text": " "},
        {"text": "x", "address": "a\nb"},
        {"text": "x", "address": "x" * 1_001},
        {"text": 1},
        {"text": "x", "colour": "red"},
    ]
    told: list[object] = []
    for body in bodies:
        problem = (await data.send("POST", "/documents", body)).problem
        told.append((problem.status, [(fault.pointer, fault.code) for fault in problem.errors]))
    assert told == snapshot(
        [
            (400, [("/text", "missing")]),
            (400, [("/text", "several")]),
            (400, [("/text", "blank")]),
            (400, [("/address", "invalid")]),
            (400, [("/address", "too_long")]),
            (400, [("/text", "wrong_type"), ("/text", "missing")]),
            (400, [("/colour", "unknown_field")]),
        ]
    )
    odd = [
        await data.send("PUT", "/documents", {"text": "x"}),
        await data.native.ask("POST", f"{data.path}/documents", data=b"x", headers={"Content-Type": "text/plain"}),
        await data.upload("/documents", []),
        await data.upload("/documents", [("a", b"x")], field="files"),
        await data.upload("/documents", [("a", b"")]),
        await data.upload("/documents", [("a", b"x"), ("a", b"y")]),
        await data.upload("/documents", [("a", b"x" * 1_000_001)]),
        await data.send("POST", "/documents", {"text": "x" * 1_000_001}),
        await data.send("POST", "/documents", {"text": "x" * 5_000_001}),
    ]
    assert [
        (answer.status, answer.problem.code, [fault.code for fault in answer.problem.errors]) for answer in odd
    ] == snapshot(
        [
            (400, "invalid", ["missing"]),
            (415, "unsupported_media_type", []),
            (400, "invalid", ["missing"]),
            (400, "invalid", ["unknown_field"]),
            (400, "invalid", ["empty"]),
            (400, "invalid", ["several"]),
            (413, "too_large", []),
            (400, "invalid", ["too_large"]),
            (413, "too_large", []),
        ]
    )
    assert stage.rows() == before


@pytest.mark.requirement("native.documents.read")
async def test_documents_are_listed_by_what_they_are(stage: Stage, data: DataClient) -> None:
    async with stage.working():
        await data.brought(
            ("routers/r5.md", ROUTER), ("billing.md", b"# Billing\n\nInvoices go out."), ("s.jsonl", SHOP)
        )
    queries = {
        "all": "",
        "prefix": "?address_prefix=routers/",
        "title": "?title=BILL",
        "kind": "?kind=document",
        "words": "?q=blinking+lamps",
        "words apart": "?q=lamp+invoices",
        "unknown word": "?q=lamp+zebra",
        "all of it": "?kind=product&title=router&q=R9",
    }
    found = {
        name: {item.address for item in (await data.page(f"/documents{query}")).items}
        for name, query in queries.items()
    }
    assert found == snapshot(
        {
            "all": {"billing.md", "products/a/b", "products/r5", "products/r9", "routers/r5.md"},
            "prefix": {"routers/r5.md"},
            "title": {"billing.md"},
            "kind": {"billing.md", "routers/r5.md"},
            "words": {"routers/r5.md"},
            "words apart": set(),
            "unknown word": set(),
            "all of it": {"products/r9"},
        }
    )
    first = await data.page("/documents?limit=3")
    rest = await data.page(f"/documents?limit=3&cursor={first.next_cursor}")
    assert (len(first.items), len(rest.items), rest.has_more) == (3, 2, False)
    wrong = await data.get("/documents?kind=page&title=&limit=0&colour=red")
    assert [fault.parameter for fault in wrong.problem.errors] == ["colour", "title", "kind", "limit"]


@pytest.mark.requirement("native.documents.read")
async def test_a_stretch_of_a_text_is_read_and_its_passages(stage: Stage, data: DataClient) -> None:
    async with stage.working():
        await data.brought(("größe.md", "# Größe\n\nDie Höhe – 🛰️.".encode() + b"\n\nMore text. " * 300))
    document = await the_document(data)
    whole = await text(data, document)
    assert (whole.start, whole.end, len(whole.text)) == (0, whole.length, whole.length)
    for start, end in ((2, 7), (0, 0), (whole.length - 3, whole.length + 9), (whole.length + 5, whole.length + 9)):
        part = await text(data, document, f"?start={start}&end={end}")
        assert part.text == whole.text[start:end]
        assert (part.start, part.end) == (min(start, whole.length), min(end, whole.length))
    answer = await data.get(f"/documents/{document}/passages?limit=2")
    page = msgspec.json.decode(answer.body, type=Passages)
    assert page.has_more
    for passage in page.items:
        assert passage.text == whole.text[passage.start : passage.end]
    later = await data.get(f"/documents/{document}/passages?limit=100&cursor={page.next_cursor}")
    starts = [each.start for each in (*page.items, *msgspec.json.decode(later.body, type=Passages).items)]
    assert starts == sorted(set(starts))
    (number,) = [item for item in (await data.page("/documents")).items if item.id == document]
    assert number.address == "größe.md"
    for query in ("?start=5&end=4", "?start=-1", "?version=x"):
        assert (await data.get(f"/documents/{document}{query}")).status == 400
    for unknown in (f"doc_{UNKNOWN}", "nonsense", "99999999", "9" * 30):
        for path in (f"/documents/{unknown}", f"/documents/{unknown}/passages"):
            assert (await data.get(path)).problem.code == "not_found"


class Passage(msgspec.Struct):
    start: int
    end: int
    text: str


class Passages(msgspec.Struct):
    document_version: int
    items: list[Passage]
    has_more: bool
    next_cursor: str | None


@pytest.mark.requirement("native.products")
async def test_products_are_found_by_their_fields(stage: Stage, data: DataClient) -> None:
    async with stage.working():
        await data.brought(("shop.jsonl", SHOP))
    queries = {
        "dearest first": "?order=-price",
        "price": "?price_min=50&price_max=150",
        "property": "?property=colour:is:black&property=ports:at_least:5",
        "words": "?q=R5",
        "none": "?category=sofas",
    }
    found = {
        name: [item.entry_id for item in (await data.page(f"/products{query}")).items]
        for name, query in queries.items()
    }
    assert found == {
        "dearest first": ["r9", "r5", "a/b"],
        "price": ["r5"],
        "property": ["r9"],
        "words": ["r5"],
        "none": [],
    }
    first = await data.page("/products?order=name&limit=2")
    rest = await data.page(f"/products?order=name&limit=2&cursor={first.next_cursor}")
    assert [item.name for item in (*first.items, *rest.items)] == ["Cable", "Router R5", "Router R9"]
    assert (await data.get(f"/products?order=price&cursor={first.next_cursor}")).status == 400
    product = first.items[0]
    for name in (product.id, "r5"):
        assert (await data.get(f"/products/{name}")).status == 200
    assert item_of(await data.get(f"/products/{product.id}")).entry_id == "a/b"
    wrong = await data.get("/products?price_min=9&price_max=1&property=ports&property=ports:at_least:x&order=size")
    assert sorted(fault.parameter for fault in wrong.problem.errors) == ["order", "price_min", "property", "property"]
    assert (await data.get("/products/nothing")).problem.code == "not_found"


@pytest.mark.requirement("native.search")
async def test_a_search_explains_itself_when_asked(stage: Stage, data: DataClient, member: Native) -> None:
    async with stage.working():
        await data.brought(("routers/r5.md", ROUTER), ("shop.jsonl", SHOP))
    mine = DataClient(member)
    plain = await mine.send("POST", "/search", {"query": "blinking router", "limit": 1})
    asked = await mine.send("POST", "/search", {"query": "blinking router", "limit": 1, "explain": True})
    told = msgspec.json.decode(plain.body, type=Page)
    assert [(item.address, item.id) for item in told.items] == [("routers/r5.md", "")]
    assert {"rank": 1, "document_version": 1, "start": 0, "end": 55}.items() <= items_of(plain)[0].items()
    assert "explanation" not in items_of(plain)[0]
    assert str(items_of(plain)[0]["document_id"]).startswith("doc_")
    first = msgspec.json.decode(asked.body, type=Found).items[0]
    assert first.explanation is not None
    assert [term["word"] for term in first.explanation.words.terms] == ["blink", "router"]
    assert first.explanation.words.score == pytest.approx(
        sum(float(str(term["score"])) for term in first.explanation.words.terms)
    )
    only = await mine.send("POST", "/search", {"query": "router", "filters": {"kind": "product"}})
    assert {found.address for found in msgspec.json.decode(only.body, type=Found).items} == {
        "products/r5",
        "products/r9",
    }
    bodies: list[object] = [
        {},
        {"query": " "},
        {"query": "x", "limit": 0},
        {"query": "x", "filters": {"kind": "page", "colour": 1, "documents": ["x"]}},
    ]
    told = [
        [(fault.pointer, fault.code) for fault in (await mine.send("POST", "/search", body)).problem.errors]
        for body in bodies
    ]
    assert told == snapshot(
        [
            [("/query", "missing")],
            [("/query", "blank")],
            [("/limit", "invalid")],
            [
                ("/filters/colour", "unknown_field"),
                ("/filters/kind", "invalid"),
                ("/filters/documents/0", "malformed_id"),
            ],
        ]
    )


class Words(msgspec.Struct):
    score: float
    terms: list[dict[str, object]]


class Reasons(msgspec.Struct):
    words: Words


class FoundItem(msgspec.Struct):
    address: str
    explanation: Reasons | None = None


class Found(msgspec.Struct):
    items: list[FoundItem]


def items_of(answer: Answer) -> list[dict[str, object]]:
    return msgspec.json.decode(answer.body, type=dict[str, list[dict[str, object]]])["items"]
