"""Agents and their revisions: made, changed, compared, rolled back, deployed."""

from collections.abc import Mapping

import msgspec
import pytest
from inline_snapshot import snapshot

from tests.dialects.conftest import Stage
from tests.dialects.native.client import UNKNOWN, Answer, Native


class Settings(msgspec.Struct):
    http: list[dict[str, object]]
    mcp_servers: list[dict[str, object]]


class Agent(msgspec.Struct):
    """An agent, as far as most tests look."""

    id: str
    slug: str
    name: str
    instructions: str | None
    tools: list[str]
    limits: dict[str, float | None]
    settings: Settings
    revision: int
    latest_revision: int


class Page(msgspec.Struct):
    items: list[Agent]
    has_more: bool
    next_cursor: str | None


class Revision(msgspec.Struct):
    number: int
    note: str | None
    based_on: int | None
    is_deployed: bool
    content: dict[str, object]


class Revisions(msgspec.Struct):
    items: list[Revision]
    has_more: bool
    next_cursor: str | None


def agent_in(answer: Answer) -> Agent:
    assert answer.status in {200, 201}, answer.body
    return msgspec.json.decode(answer.body, type=Agent)


async def patch(native: Native, path: str, body: object, **headers: str) -> Answer:
    given = {"Content-Type": "application/merge-patch+json", **{n.replace("_", "-"): v for n, v in headers.items()}}
    return await native.ask("PATCH", path, data=msgspec.json.encode(body), headers=given)


async def made(native: Native, **members: object) -> Agent:
    return agent_in(await native.post("/agents", {"name": "Refunds", **members}))


async def revisions(native: Native, agent: str) -> list[Revision]:
    answer = await native.get(f"/agents/{agent}/revisions")
    assert answer.status == 200, answer.body
    return msgspec.json.decode(answer.body, type=Revisions).items


@pytest.mark.requirement("native.agents.create")
async def test_an_agent_is_made_with_all_its_settings_and_read_by_id_and_slug(admin: Native) -> None:
    answer = await admin.post(
        "/agents",
        {
            "name": "Refunds",
            "data_set": "open",
            "instructions": "Be short.",
            "limits": {"cost_usd": 0.25},
            "settings": {"http": [{"host": "api.example.com", "methods": ["GET", "POST"], "kind": "keyed"}]},
        },
    )
    agent = agent_in(answer)

    assert answer.status == 201
    assert answer.headers["Location"] == f"/v1/agents/{agent.id}"
    assert answer.headers["ETag"] == '"1"'
    assert answer.steady() == snapshot(
        {
            "name": "Refunds",
            "description": None,
            "data_set": "ds-1",
            "instructions": "Be short.",
            "model": None,
            "tools": ["search_documents"],
            "limits": {
                "model_calls": 12,
                "tool_calls": 50,
                "tokens": None,
                "cost_usd": 0.25,
                "output_tokens": 8192,
                "history_tokens": 24000,
                "seconds": 300.0,
                "tokens_a_day": None,
                "cost_usd_a_day": None,
            },
            "settings": {
                "mcp_servers": [],
                "http": [
                    {
                        "host": "api.example.com",
                        "methods": ["GET", "POST"],
                        "kind": "keyed",
                        "headers": {},
                        "allows_private_addresses": False,
                    }
                ],
                "approvals": {"rules": [], "deciders": "admins", "expires_after_seconds": None, "on_expiry": "deny"},
                "memory": "window",
                "overlap": "enqueue",
                "retention": {"conversations_days": None, "text_days": None, "files_days": None},
            },
            "instances_count": 1,
            "id": "agt-1",
            "slug": "refunds",
            "revision": 1,
            "latest_revision": 1,
            "deployed_at": "time",
            "created_at": "time",
            "updated_at": "time",
        }
    )
    assert (await admin.get(f"/agents/{agent.id}")).body == answer.body
    assert (await admin.get("/agents/refunds")).body == answer.body


@pytest.mark.requirement("native.agents.change")
async def test_a_change_is_merged_and_makes_a_revision_that_answers(admin: Native) -> None:
    agent = await made(admin, instructions="Be short.", limits={"model_calls": 5, "tokens": 9_000})

    answer = await patch(admin, f"/agents/{agent.id}", {"limits": {"tokens": None, "seconds": 60}, "note": "Why"})
    changed = agent_in(answer)

    assert (changed.revision, changed.latest_revision, answer.headers["ETag"]) == (2, 2, '"2"')
    assert changed.instructions == "Be short."
    assert {name: changed.limits[name] for name in ("model_calls", "tokens", "seconds")} == {
        "model_calls": 5,
        "tokens": None,
        "seconds": 60,
    }
    newest, first = await revisions(admin, agent.id)
    assert (newest.number, newest.note, newest.based_on, newest.is_deployed) == (2, "Why", 1, True)
    assert (first.number, first.based_on, first.is_deployed) == (1, None, False)


@pytest.mark.requirement("native.agents.change")
async def test_a_change_of_nothing_makes_no_revision(admin: Native) -> None:
    agent = await made(admin, instructions="Be short.")

    assert agent_in(await patch(admin, f"/agents/{agent.id}", {"instructions": "Be short."})).latest_revision == 1


@pytest.mark.requirement("native.agents.drafts")
async def test_a_draft_answers_nothing_until_it_is_deployed(admin: Native) -> None:
    agent = await made(admin, instructions="One")
    await patch(admin, f"/agents/{agent.id}?deploy=false", {"instructions": "Two"})
    drafted = agent_in(await patch(admin, f"/agents/{agent.id}?deploy=false", {"description": "Of drafts"}))

    assert (drafted.instructions, drafted.revision, drafted.latest_revision) == ("One", 1, 3)
    deployed = agent_in(await admin.post(f"/agents/{agent.id}/deploy"))
    assert (deployed.instructions, deployed.revision) == ("Two", 3)
    again = await admin.post(f"/agents/{agent.id}/deploy", {"revision": 3})
    assert (again.status, again.headers["ETag"]) == (200, '"4"')


@pytest.mark.requirement("native.agents.drafts")
async def test_a_live_change_leaves_a_draft_aside_unless_it_is_its_base(admin: Native) -> None:
    agent = await made(admin, instructions="One")
    await patch(admin, f"/agents/{agent.id}?deploy=false", {"instructions": "Two"})

    live = agent_in(await patch(admin, f"/agents/{agent.id}", {"description": "Live"}))
    based = agent_in(await patch(admin, f"/agents/{agent.id}?base=2", {"description": "Of the draft"}))

    assert (live.instructions, live.revision) == ("One", 3)
    assert (based.instructions, based.revision) == ("Two", 4)


@pytest.mark.requirement("native.agents.diff")
async def test_two_revisions_are_compared_field_by_field_and_line_by_line(admin: Native) -> None:
    agent = await made(admin, instructions="Be kind.\nBe long.", tools=["search_documents"])
    rule = {"host": "api.example.com", "headers": {"A~B": "1"}}
    await patch(
        admin,
        f"/agents/{agent.id}",
        {
            "instructions": "Be kind.\nBe short.",
            "data_set": "open",
            "limits": {"cost_usd": 0.5},
            "settings": {"http": [rule]},
        },
    )
    await patch(admin, f"/agents/{agent.id}", {"settings": {"http": [{**rule, "headers": {"A~B": "2"}}]}})

    assert (await admin.get(f"/agents/{agent.id}/revisions/2/diff")).steady() == snapshot(
        {
            "number": 2,
            "against": 1,
            "differences": [
                {"pointer": "/data_set", "old": None, "new": "ds-1", "text": None},
                {
                    "pointer": "/instructions",
                    "old": """\
Be kind.
Be long.\
""",
                    "new": """\
Be kind.
Be short.\
""",
                    "text": """\
--- old
+++ new
@@ -1,2 +1,2 @@
 Be kind.
-Be long.
+Be short.\
""",
                },
                {"pointer": "/limits/cost_usd", "old": None, "new": 0.5, "text": None},
                {
                    "pointer": "/settings/http",
                    "old": [],
                    "new": [
                        {
                            "host": "api.example.com",
                            "methods": ["GET", "HEAD"],
                            "kind": "at_most_once",
                            "headers": {"A~B": "1"},
                            "allows_private_addresses": False,
                        }
                    ],
                    "text": None,
                },
            ],
        }
    )
    latest = await admin.get(f"/agents/{agent.id}/revisions/3/diff?against=2")
    assert latest.steady() == snapshot(
        {
            "number": 3,
            "against": 2,
            "differences": [{"pointer": "/settings/http/0/headers/A~0B", "old": "1", "new": "2", "text": None}],
        }
    )
    same = msgspec.json.decode((await admin.get(f"/agents/{agent.id}/revisions/2/diff?against=2")).body)
    assert same == {"number": 2, "against": 2, "differences": []}


@pytest.mark.requirement("native.agents.rollback")
async def test_rolling_back_makes_a_new_revision_like_the_old_one(admin: Native) -> None:
    agent = await made(admin, instructions="One", tools=["search_products"])
    await patch(admin, f"/agents/{agent.id}", {"instructions": "Two", "tools": []})

    back = agent_in(await admin.post(f"/agents/{agent.id}/rollback", {"revision": 1}))

    assert (back.instructions, back.tools, back.revision) == ("One", ["search_products"], 3)
    newest, _, first = await revisions(admin, agent.id)
    assert (newest.content, newest.based_on, newest.note) == (first.content, 1, "Rolled back to revision 1.")


@pytest.mark.requirement("native.agents.rollback")
async def test_what_is_gone_keeps_an_old_revision_from_coming_back(admin: Native, stage: Stage) -> None:
    agent = await made(admin, data_set="open")
    await patch(admin, f"/agents/{agent.id}", {"data_set": None, "tools": []})
    await patch(admin, f"/agents/{agent.id}?deploy=false", {"data_set": "open"})
    stage.execute("DELETE FROM data_sets WHERE name = 'open'")

    for path, body in (("rollback", {"revision": 1}), ("deploy", {"revision": 3})):
        refused = await admin.post(f"/agents/{agent.id}/{path}", body)
        assert (refused.status, refused.problem.code) == (404, "not_found")
    first = (await revisions(admin, agent.id))[-1]
    assert first.content["data_set"] is None


@pytest.mark.requirement("native.agents.if-match")
async def test_a_change_of_another_version_is_refused(admin: Native) -> None:
    agent = await made(admin)
    path = f"/agents/{agent.id}"
    assert (await patch(admin, path, {"description": "x"}, If_Match='"1"')).status == 200

    refused = [
        await patch(admin, path, {"description": "y"}, If_Match='"1"'),
        await admin.post(f"{path}/rollback", {"revision": 1}, If_Match='"1"'),
        await admin.post(f"{path}/deploy", {"revision": 1}, If_Match='"nonsense"'),
        await admin.ask("DELETE", path, headers={"If-Match": '"1"'}),
    ]

    assert [(answer.status, answer.problem.code) for answer in refused] == [(412, "precondition_failed")] * 4
    assert len(await revisions(admin, agent.id)) == 2
    assert (await admin.ask("DELETE", path, headers={"If-Match": '"2"'})).status == 204


@pytest.mark.requirement("native.agents.delete")
async def test_a_deleted_agent_is_gone_for_new_talk(admin: Native) -> None:
    agent = await made(admin)

    first = await admin.ask("DELETE", f"/agents/{agent.id}", headers={"Idempotency-Key": "gone"})
    again = await admin.ask("DELETE", f"/agents/{agent.id}", headers={"Idempotency-Key": "gone"})
    without = await admin.ask("DELETE", f"/agents/{agent.id}")

    assert (first.status, first.body, "Idempotency-Replayed" in first.headers) == (204, b"", False)
    assert (again.status, again.headers["Idempotency-Replayed"]) == (204, "true")
    assert without.status == 404
    assert (await made(admin)).slug == agent.slug


@pytest.mark.requirement("native.agents.once")
async def test_each_change_is_made_once_for_its_key(admin: Native) -> None:
    created = [await admin.post("/agents", {"name": "Once"}, Idempotency_Key="a") for _ in range(2)]
    agent = agent_in(created[0])
    changed = [
        await patch(admin, f"/agents/{agent.id}", {"tools": ["search_products"]}, Idempotency_Key="b") for _ in range(2)
    ]
    back = [await admin.post(f"/agents/{agent.id}/rollback", {"revision": 1}, Idempotency_Key="c") for _ in range(2)]
    other = await patch(admin, f"/agents/{agent.id}?deploy=false", {"tools": ["search_products"]}, Idempotency_Key="b")

    for first, second in (created, changed, back):
        assert (first.status, first.body) == (second.status, second.body)
        assert second.headers["Idempotency-Replayed"] == "true"
    assert (other.status, other.problem.code) == (422, "idempotency_key_reused")
    assert [revision.number for revision in await revisions(admin, agent.id)] == [3, 2, 1]


@pytest.mark.requirement("native.agents.list")
async def test_agents_are_listed_newest_first_in_pages_and_by_filters(admin: Native, member: Native) -> None:
    for number in range(3):
        await made(admin, name=f"Page {number}", model="openai:priced" if number else None)

    async def names(native: Native, query: str) -> list[str]:
        answer = await native.get(f"/agents{query}")
        assert answer.status == 200, answer.body
        return [agent.name for agent in msgspec.json.decode(answer.body, type=Page).items]

    assert await names(admin, "") == ["Page 2", "Page 1", "Page 0", "Closed", "Helper"]
    assert await names(admin, "?search=PAGE&model=openai:priced") == ["Page 2", "Page 1"]
    page = msgspec.json.decode((await admin.get("/agents?limit=2")).body, type=Page)
    assert page.has_more
    assert await names(admin, f"?limit=2&cursor={page.next_cursor}") == ["Page 0", "Closed"]
    assert "Closed" not in await names(member, "")


@pytest.mark.requirement("native.agents.list")
async def test_agents_are_found_by_their_data_set(admin: Native) -> None:
    agent = agent_in(await admin.get("/agents/helper"))
    data_set = msgspec.json.decode((await admin.get("/agents/helper")).body, type=dict[str, object])["data_set"]

    page = msgspec.json.decode((await admin.get(f"/agents?data_set={data_set}")).body, type=Page)

    assert [each.id for each in page.items] == [agent.id]


BAD: Mapping[str, tuple[object, list[str]]] = {
    "unknown": ({"name": "x", "colour": "red"}, ["/colour"]),
    "deep": (
        {"name": "x", "settings": {"http": [{"host": "a.example", "hots": 1}], "memroy": "window"}},
        ["/settings/http/0/hots", "/settings/memroy"],
    ),
    "types": (
        {"name": 7, "tools": "x", "limits": {"model_calls": "many"}, "settings": {"http": [{"host": 3}]}},
        ["/limits/model_calls", "/settings/http/0/host", "/name", "/tools"],
    ),
    "bounds": ({"name": "x", "limits": {"model_calls": 0}}, ["/limits/model_calls"]),
    "nowhere": ({"name": "x", "data_set": "nothing"}, ["/data_set"]),
    "no tool": ({"name": "x", "tools": ["nothing"]}, ["/tools"]),
    "no model": ({"name": "x", "model": "nobody:x"}, ["/model"]),
    "no secret": (
        {"name": "x", "settings": {"http": [{"host": "a.example", "headers": {"A": "vault:NONE"}}]}},
        ["/settings/http/0/headers"],
    ),
    "program": (
        {"name": "x", "settings": {"mcp_servers": [{"name": "sh", "command": ["sh", "-c", "id"]}]}},
        ["/settings/mcp_servers/0/command"],
    ),
    "metadata": (
        {"name": "x", "settings": {"mcp_servers": [{"name": "m", "url": "http://169.254.169.254/"}]}},
        ["/settings/mcp_servers/0/url"],
    ),
    "private": (
        {"name": "x", "settings": {"http": [{"host": "10.0.0.1", "allows_private_addresses": True}]}},
        ["/settings/http/0/allows_private_addresses"],
    ),
    "private server": (
        {
            "name": "x",
            "settings": {"mcp_servers": [{"name": "a", "url": "https://a.b", "allows_private_addresses": True}]},
        },
        ["/settings/mcp_servers/0/allows_private_addresses"],
    ),
    "nul": ({"name": "x", "instructions": "a\x00b"}, ["/instructions"]),
    "blank": ({"name": " "}, ["/name"]),
}


@pytest.mark.requirement("native.agents.checked")
@pytest.mark.parametrize(("body", "pointers"), BAD.values(), ids=BAD.keys())
async def test_what_cannot_work_is_refused_where_it_stands_and_makes_nothing(
    admin: Native, stage: Stage, body: object, pointers: list[str]
) -> None:
    before = stage.rows()

    refused = await admin.post("/agents", body)
    patched = await patch(admin, "/agents/helper", body)

    assert refused.status == 400
    assert [fault.pointer for fault in refused.problem.errors] == pointers
    assert [fault.pointer for fault in patched.problem.errors] == pointers
    assert stage.rows() == before


@pytest.mark.requirement("native.agents.checked")
async def test_a_model_whose_package_is_not_installed_is_refused_with_the_command_that_installs_it(
    admin: Native,
) -> None:
    refused = await admin.post("/agents", {"name": "Nova", "model": "bedrock:us.amazon.nova-pro-v1:0"})

    assert refused.status == 400
    (fault,) = refused.problem.errors
    assert fault.pointer == "/model"
    assert "pip install 'pydantic-ai-slim[bedrock]'" in fault.detail


@pytest.mark.requirement("native.agents.rights")
async def test_members_and_strangers_change_nothing(admin: Native, member: Native, outsider: Native) -> None:
    agent = agent_in(await admin.get("/agents/helper"))
    asks = (
        ("POST", "/agents", b'{"name": "x"}'),
        ("PATCH", f"/agents/{agent.id}", b"{}"),
        ("DELETE", f"/agents/{agent.id}", None),
        ("GET", f"/agents/{agent.id}/revisions", None),
        ("GET", f"/agents/{agent.id}/revisions/1", None),
        ("GET", f"/agents/{agent.id}/revisions/1/diff", None),
        ("POST", f"/agents/{agent.id}/rollback", b'{"revision": 1}'),
        ("POST", f"/agents/{agent.id}/deploy", None),
    )

    forbidden = [await member.ask(method, path, data=data, headers=JSON) for method, path, data in asks]
    unknown = [await outsider.ask(method, path, data=data, headers=JSON) for method, path, data in asks[1:]]

    assert [answer.status for answer in forbidden] == [403] * len(asks)
    assert [answer.status for answer in unknown] == [404] * (len(asks) - 1)
    assert (await outsider.get(f"/agents/agt_{UNKNOWN}")).status == 404


JSON = {"Content-Type": "application/json"}


@pytest.mark.requirement("native.agents.rights")
async def test_passwords_in_settings_are_shown_to_those_who_may_change_them(admin: Native, member: Native) -> None:
    agent = await made(admin, settings={"http": [{"host": "a.example", "headers": {"Authorization": "Bearer plain"}}]})

    seen = [agent_in(await native.get(f"/agents/{agent.id}")).settings.http[0]["headers"] for native in (admin, member)]

    assert seen == [{"Authorization": "Bearer plain"}, {"Authorization": "(hidden)"}]


@pytest.mark.requirement("native.agents.rights")
async def test_what_an_operator_gave_may_be_kept_by_admins(admin: Native, stage: Stage) -> None:
    agent = await made(admin)
    stage.execute(
        """UPDATE agents SET settings = '{"mcp_servers": [{"name": "sh", "command": ["python", "-m", "none"]}]}'
           WHERE slug = 'refunds'"""
    )

    kept = await patch(admin, f"/agents/{agent.id}", {"description": "Still there"})
    other = await patch(
        admin, f"/agents/{agent.id}", {"settings": {"mcp_servers": [{"name": "sh", "command": ["sh", "-c", "id"]}]}}
    )

    assert agent_in(kept).settings.mcp_servers[0]["command"] == ["python", "-m", "none"]
    assert (other.status, other.problem.errors[0].code) == (400, "operators_only")
