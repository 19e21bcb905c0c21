"""What was spent, told by day, agent, model and account; and the limits of it."""

import csv
import io
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import msgspec
import pytest
from inline_snapshot import snapshot

from tests.dialects.conftest import Stage
from tests.dialects.native.client import Native, Shop

TODAY = datetime.now(UTC).date()
YESTERDAY = TODAY - timedelta(days=1)


class Sum(msgspec.Struct):
    turns: int
    input_tokens: int
    cost_usd: float | None
    unpriced_calls: int
    day: str | None = None
    agent: str | None = None
    agent_id: str | None = None
    model: str | None = None
    account: str | None = None
    account_id: str | None = None


class Report(msgspec.Struct):
    first_day: str = msgspec.field(name="from")
    last_day: str = msgspec.field(name="to")
    group_by: list[str]
    total: Sum
    items: list[Sum]
    is_cut: bool


@pytest.fixture
def spent(stage: Stage) -> Stage:
    """The admin and the member spent something, yesterday and today, on two models; one agent is gone."""
    people = stage.people
    rows = (
        (TODAY, people.agent.id, people.member.account_id, "openai:a", 0, "0.25"),
        (TODAY, people.agent.id, people.member.account_id, "openai:a", 1, "0.000000000001"),
        (TODAY, 4711, people.admin.account_id, "=cmd()", 0, None),
        (YESTERDAY, people.agent.id, people.admin.account_id, "openai:a", 0, "1.5"),
        (TODAY - timedelta(days=40), people.agent.id, people.admin.account_id, "openai:a", 0, "9"),
    )
    for day, agent, account, model, slot, cost in rows:
        stage.execute(
            f"INSERT INTO usage_days VALUES ({people.admin.organization_id}, '{day}', {agent}, {account}, '{model}', {slot},"
            f" 2, 1000, 20, 3, 4, {cost or 'NULL'}, {0 if cost else 2})"
        )
    return stage


async def report(native: Native, query: str = "") -> Report:
    answer = await native.get(f"/usage{query}")
    assert answer.status == 200, answer.body
    return msgspec.json.decode(answer.body, type=Report)


@pytest.mark.requirement("native.usage")
async def test_what_was_spent_is_told_by_day_unless_asked_otherwise(spent: Stage, admin: Native) -> None:
    told = await report(admin)
    assert (told.first_day, told.last_day) == ((TODAY - timedelta(days=29)).isoformat(), TODAY.isoformat())
    assert [(each.day, each.turns, each.cost_usd) for each in told.items] == [
        (YESTERDAY.isoformat(), 2, 1.5),
        (TODAY.isoformat(), 6, 0.25),
    ]
    assert (told.total.turns, told.total.cost_usd, told.total.unpriced_calls, told.is_cut) == (8, 1.75, 2, False)


@pytest.mark.requirement("native.usage")
async def test_it_is_told_apart_by_several_things_the_costliest_first(spent: Stage, admin: Native) -> None:
    told = await report(admin, "?group_by=model,agent")
    assert told.group_by == ["model", "agent"]
    assert [(each.model, each.agent, each.cost_usd) for each in told.items] == [
        ("openai:a", "helper", 1.75),
        ("=cmd()", "#4711", None),
    ]
    assert [each.agent_id is None for each in told.items] == [False, True]
    by_account = await report(admin, "?group_by=account")
    assert [each.turns for each in by_account.items] == [4, 4]
    assert by_account.items[0].account_id is not None
    (helper,) = (await report(admin, f"?agent={told.items[0].agent_id}&group_by=agent")).items
    (only,) = (await report(admin, f"?account={by_account.items[0].account_id}&group_by=account")).items
    assert (helper.turns, only) == (6, by_account.items[0])
    assert (await report(admin, f"?model={quote('=cmd()')}")).total.turns == 2


@pytest.mark.requirement("native.usage")
async def test_days_are_chosen(spent: Stage, admin: Native) -> None:
    assert (await report(admin, f"?to={YESTERDAY}")).total.cost_usd == 1.5
    assert (await report(admin, f"?from={TODAY - timedelta(days=40)}")).total.cost_usd == 10.75
    assert (await report(admin, f"?from={TODAY}&to={TODAY}")).total.turns == 6


@pytest.mark.requirement("native.usage")
async def test_members_see_their_own_and_others_nothing(
    spent: Stage, admin: Native, member: Native, outsider: Native
) -> None:
    assert (await report(member)).total.turns == 4
    account = (await report(admin, "?group_by=account")).items[0].account_id
    assert (await report(member, f"?account={account}&group_by=account")).total.turns == 0
    theirs = await report(outsider)
    assert (theirs.items, theirs.total.turns) == ([], 0)


@pytest.mark.requirement("native.usage")
@pytest.mark.parametrize("how", ["?format=csv&group_by=model,account", "?group_by=model,account"])
async def test_it_comes_as_csv_in_which_no_cell_is_a_formula(spent: Stage, admin: Native, how: str) -> None:
    answer = await admin.get(f"/usage{how}", Accept="*/*" if "csv" in how else "text/csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="usage-')
    rows = list(csv.reader(io.StringIO(answer.body.decode())))
    assert rows[0] == snapshot(
        [
            "model",
            "account",
            "account_id",
            "turns",
            "input_tokens",
            "output_tokens",
            "cache_read_tokens",
            "cache_write_tokens",
            "cost_usd",
            "unpriced_calls",
        ]
    )
    assert [(row[0], row[3], row[8]) for row in rows[1:]] == [
        ("openai:a", "2", "1.5"),
        ("openai:a", "4", "0.250000000001"),
        ("'=cmd()", "2", ""),
    ]
    assert answer.body.count(b"\r\n") == len(rows)


@pytest.mark.requirement("native.usage")
@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("?group_by=colour", "group_by"),
        ("?group_by=day,day", "group_by"),
        ("?group_by=", "group_by"),
        ("?from=yesterday", "from"),
        ("?to=2026-02-30", "to"),
        ("?from=2026-02-02&to=2026-02-01", "from"),
        ("?from=0001-01-01", "from"),
        ("?format=xml", "format"),
        ("?agent=helper", "agent"),
        ("?account=1", "account"),
        ("?model=", "model"),
        ("?days=3", "days"),
    ],
)
async def test_a_query_that_cannot_be_is_refused(admin: Native, query: str, parameter: str) -> None:
    answer = await admin.get(f"/usage{query}")
    assert answer.status == 400
    assert [fault.parameter for fault in answer.problem.errors] == [parameter]


@pytest.mark.requirement("native.usage")
async def test_the_first_day_there_is_can_be_asked_for(admin: Native) -> None:
    assert (await report(admin, "?to=0001-01-01")).total.turns == 0


@pytest.mark.requirement("native.usage")
async def test_a_conversation_tells_what_it_spent(stage: Stage, shop: Shop, member: Native, outsider: Native) -> None:
    task = await shop.ask(stage.keys.member)
    talk = (await member.get(f"/messages/{task}")).message.conversation_id
    stage.execute("UPDATE conversations SET input_tokens = 7, output_tokens = 2, cost_usd = 0.5, unpriced_calls = 0")
    answer = await member.get(f"/conversations/{talk}/usage")
    assert msgspec.json.decode(answer.body) == snapshot(
        {
            "input_tokens": 7,
            "output_tokens": 2,
            "cache_read_tokens": 0,
            "cache_write_tokens": 0,
            "cost_usd": 0.5,
            "unpriced_calls": 0,
        }
    )
    assert (await outsider.get(f"/conversations/{talk}/usage")).status == 404


JSON = {"Content-Type": "application/json"}


@pytest.mark.requirement("native.limits")
async def test_limits_are_set_as_a_whole_by_admins(admin: Native, member: Native, outsider: Native) -> None:
    async def put(native: Native, body: bytes) -> int:
        return (await native.ask("PUT", "/limits", data=body, headers=JSON)).status

    assert await put(admin, b'{"tokens": 50000, "cost_usd": 0.1, "seconds": 2.5}') == 200
    assert await put(admin, b'{"cost_usd": 0.1, "cost_usd_a_day": 20}') == 200
    assert await put(member, b"{}") == 403
    limits = msgspec.json.decode((await member.get("/limits")).body)
    assert limits == snapshot(
        {
            "model_calls": None,
            "tool_calls": None,
            "tokens": None,
            "cost_usd": 0.1,
            "seconds": None,
            "tokens_a_day": None,
            "cost_usd_a_day": 20.0,
        }
    )
    assert set(msgspec.json.decode((await outsider.get("/limits")).body, type=dict[str, object]).values()) == {None}


@pytest.mark.requirement("native.limits")
@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b'{"tokens": 0}', "/tokens"),
        (b'{"tokens": 1.5}', "/tokens"),
        (b'{"cost_usd": "1"}', "/cost_usd"),
        (b'{"seconds": true}', "/seconds"),
        (b'{"cost_usd": 1e300}', "/cost_usd"),
        (b'{"colour": 1}', "/colour"),
    ],
)
async def test_a_limit_that_cannot_be_is_refused(admin: Native, body: bytes, pointer: str) -> None:
    answer = await admin.ask("PUT", "/limits", data=body, headers=JSON)
    assert answer.status == 400
    assert [fault.pointer for fault in answer.problem.errors] == [pointer]
