"""Data sets over the wire: their life, who may use them, and the model of their vectors."""

import msgspec
import pytest
from inline_snapshot import snapshot

from tests.dialects.conftest import Stage
from tests.dialects.native.client import UNKNOWN, Native
from tests.dialects.native.data_client import DataClient, item_of
from turnkeeper.store.embeddings import lock_data_set


@pytest.fixture
def data(admin: Native) -> DataClient:
    """The data set `open`, with an admin's key."""
    return DataClient(admin)


async def patch(data: DataClient, body: object, **headers: str) -> tuple[int, str | None]:
    answer = await data.send("PATCH", "", body, {name.replace("_", "-"): value for name, value in headers.items()})
    return answer.status, answer.headers.get("ETag") or answer.problem.code


@pytest.mark.requirement("native.data-sets.life")
async def test_a_data_set_lives_and_dies(admin: Native) -> None:
    made = await admin.post("/data-sets", {"name": " handbook ", "description": "What we know."})
    assert (made.status, made.headers["ETag"]) == (201, '"1"')
    data = DataClient(admin, item_of(made).id)
    assert made.headers["Location"] == f"/v1{data.path}"
    assert (await data.get()).steady() == made.steady()
    assert made.steady() == snapshot(
        {
            "id": "ds-1",
            "name": "handbook",
            "description": "What we know.",
            "contents": {"documents": 0, "products": 0, "passages": 0},
            "embedding": {"model": "minilm", "waiting": 0, "change": None, "trouble": None},
            "version": 1,
            "created_at": "time",
            "updated_at": "time",
        }
    )
    by_name = await admin.get("/data-sets/handbook")
    assert item_of(by_name).id == item_of(made).id
    assert [item.name for item in (await DataClient(admin, "").page("?limit=2")).items] == ["handbook", "closed"]
    assert await patch(data, {"name": "manual"}, If_Match='"1"') == (200, '"2"')
    assert await patch(data, {"description": ""}, If_Match='"1"') == (412, "precondition_failed")
    assert await patch(data, {"name": "open"}) == (409, "name_taken")
    assert (await admin.ask("DELETE", data.path, headers={"If-Match": '"1"'})).status == 412
    headers = {"Idempotency-Key": "away"}
    gone = [await admin.ask("DELETE", data.path, headers=headers) for _ in range(2)]
    assert [answer.status for answer in gone] == [204, 204]
    assert gone[1].headers["Idempotency-Replayed"] == "true"
    assert (await data.get()).problem.code == "not_found"


@pytest.mark.requirement("native.data-sets.life")
async def test_pages_of_data_sets_go_on_where_they_ended(admin: Native) -> None:
    for number in range(3):
        await admin.post("/data-sets", {"name": f"set {number}"}, Idempotency_Key=f"{number}")
    again = await admin.post("/data-sets", {"name": "set 2"}, Idempotency_Key="2")
    assert (again.status, again.headers["Idempotency-Replayed"]) == (201, "true")
    everything = DataClient(admin, "")
    names: list[str] = []
    cursor = ""
    while True:
        page = await everything.page(f"?name=SET&limit=2{cursor}")
        names += [item.name for item in page.items]
        if page.next_cursor is None:
            break
        cursor = f"&cursor={page.next_cursor}"
    assert names == ["set 2", "set 1", "set 0"]


@pytest.mark.requirement("native.data-sets.life")
async def test_what_no_data_set_can_be_is_refused(admin: Native) -> None:
    bodies: list[object] = [
        {},
        {"name": " "},
        {"name": "a\nb"},
        {"name": "x" * 201},
        {"name": "x", "colour": 1},
        {"name": "x", "description": "x" * 2_001},
        {"name": "x", "embedding_model": "none"},
        [],
    ]
    told: list[object] = []
    for body in bodies:
        problem = (await admin.post("/data-sets", body)).problem
        told.append((problem.status, problem.code, [(fault.pointer, fault.code) for fault in problem.errors]))
    assert told == snapshot(
        [
            (400, "invalid", [("/name", "missing")]),
            (400, "invalid", [("/name", "blank")]),
            (400, "invalid", [("/name", "invalid")]),
            (400, "invalid", [("/name", "invalid")]),
            (400, "invalid", [("/colour", "unknown_field")]),
            (400, "invalid", [("/description", "too_long")]),
            (400, "invalid", [("/embedding_model", "invalid")]),
            (400, "malformed", []),
        ]
    )
    assert (await admin.get("/data-sets/a%00b")).problem.code == "not_found"
    assert (await admin.get("/data-sets/%F0%9F")).problem.code == "not_found"


@pytest.mark.requirement("native.data-sets.visible")
async def test_members_read_what_was_opened_to_them_and_change_nothing(
    stage: Stage, admin: Native, member: Native, outsider: Native
) -> None:
    mine = DataClient(member)
    assert (await mine.get()).status == 200
    assert [item.name for item in (await DataClient(member, "").page("")).items] == ["open"]
    before = stage.rows()
    for method, path, body in (
        ("PATCH", "", {"name": "x"}),
        ("DELETE", "", None),
        ("POST", "/members", {"account": "x"}),
        ("POST", "/documents", {"text": "x"}),
        ("PUT", "/documents?address=x", {"text": "x"}),
    ):
        assert (await mine.send(method, path, body)).problem.code == "not_allowed", path
    assert (await mine.upload("/syncs", [("a.md", b"# A")])).problem.code == "not_allowed"
    assert (await mine.get("/members")).problem.code == "not_allowed"
    named = [item.id for item in (await DataClient(admin, "").page("")).items]
    for client in (DataClient(member, "closed"), *(DataClient(outsider, name) for name in ("open", *named))):
        for path in ("", "/documents", "/products", "/syncs"):
            assert (await client.get(path)).problem.code == "not_found", path
    assert (await DataClient(member, "closed").send("POST", "/search", {"query": "x"})).problem.code == "not_found"
    assert stage.rows() == before


@pytest.mark.requirement("native.data-sets.members")
async def test_accounts_come_and_go(stage: Stage, admin: Native, member: Native) -> None:
    closed = DataClient(admin, "closed")
    name = f"member of {stage.people.member.organization_id}"
    added = [await closed.send("POST", "/members", {"account": wanted}) for wanted in (name, name.upper())]
    assert [answer.status for answer in added] == [200, 200]
    assert (await member.get("/data-sets/closed")).status == 200
    (account,) = (await closed.page("/members")).items
    assert (account.name, account.id) == (name, item_of(added[0]).id)
    for wanted in ("nobody", f"acc_{UNKNOWN}", f"admin of {stage.people.outsider.organization_id}"):
        assert (await closed.send("POST", "/members", {"account": wanted})).problem.errors[0].pointer == "/account"
    removed = [await admin.ask("DELETE", f"{closed.path}/members/{account.id}") for _ in range(2)]
    assert [answer.status for answer in removed] == [204, 404]
    assert (await member.get("/data-sets/closed")).status == 404


class Change(msgspec.Struct):
    model: str
    done: int
    total: int


class Embedding(msgspec.Struct):
    model: str
    waiting: int
    change: Change | None


class Embedded(msgspec.Struct):
    embedding: Embedding


@pytest.mark.requirement("native.data-sets.model")
async def test_another_model_is_made_behind_the_one_that_serves(stage: Stage, data: DataClient) -> None:
    async with stage.working():
        await data.brought(("a.md", b"# A\n\nRed."), ("b.md", b"# B\n\nGreen."))
    refused = await data.send("PATCH", "", {"embedding_model": "openai:"})
    assert [(fault.pointer, fault.code) for fault in refused.problem.errors] == [("/embedding_model", "invalid")]
    stage.execute("UPDATE data_sets SET embedding_model = 'old', embedding_dimensions = 3 WHERE name = 'open'")
    changed = await data.send("PATCH", "", {"embedding_model": "minilm"})
    embedding = msgspec.json.decode(changed.body, type=Embedded).embedding
    assert embedding.model == "old"
    assert embedding.change == Change(model="minilm", done=0, total=2)
    assert changed.headers["ETag"] == '"2"'


@pytest.mark.requirement("native.data-sets.model")
async def test_the_model_stays_while_a_run_goes_on(stage: Stage, data: DataClient) -> None:
    async with stage.turnkeeper.rooms.database.transaction() as importing:
        await lock_data_set(importing, stage.people.data_set_id)
        assert await patch(data, {"embedding_model": "minilm"}) == (409, "run_under_way")
        assert await patch(data, {"description": "Goes on."}) == (200, '"2"')
    assert await patch(data, {"embedding_model": "minilm"}) == (200, '"3"')
