"""`turnkeeper approvals` beside a running server: listed, shown, decided, and the turn goes on."""

import asyncio
import json
import re
from uuid import UUID

import pytest
from inline_snapshot import snapshot

from tests.dialects.conftest import Stage
from tests.dialects.native.client import UNKNOWN, Native, Shop
from tests.fakes.scripted_model import Call, CallsTools, Says
from tests.test_command_line import Operator, Told
from turnkeeper.core.ids import from_prefixed


async def types(stage: Stage, *words: str) -> Told:
    """Run a command while the server goes on."""
    return await asyncio.to_thread(Operator(stage.database_url).types, "approvals", *words)


async def reads(stage: Stage, *words: str) -> list[dict[str, object]]:
    """What a command prints for machines."""
    told = await types(stage, *words, "--json")
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)


def asks(arguments: str = '{"amount": 4200}') -> CallsTools:
    """What the model says to have a refund made."""
    return CallsTools((Call(tool="refund", arguments=arguments, call_id="call_1"),))


async def test_an_approval_is_listed_shown_and_approved_and_the_turn_goes_on(
    stage: Stage, shop: Shop, admin: Native
) -> None:
    stage.model.will(asks(), Says("Refunded."))
    async with shop.working():
        waiting = await shop.parked(admin, await shop.ask(stage.keys.member))
        listed = await reads(stage, "list")
        shown = await types(stage, "show", waiting.waits_for[0])
        decided = await types(stage, "approve", waiting.waits_for[0], "--note", "Checked.")
        again = await types(stage, "approve", waiting.waits_for[0])
        done = await admin.finished(waiting.id)
    assert [(row["id"], row["state"], row["arguments"]) for row in listed] == [
        (waiting.waits_for[0], "waiting", '{"amount": 4200}')
    ]
    assert re.findall(r"^(\w+) {2,}(\S.*?) *$", shown.stdout, re.MULTILINE)[2:7] == snapshot(
        [
            ("state", "waiting"),
            ("question", "call"),
            ("agent", "refunds"),
            ("tool", "refund"),
            ("arguments", '{"amount": 4200}'),
        ]
    )
    assert (decided.returncode, decided.stdout, decided.stderr) == (0, f"{waiting.waits_for[0]} is approved.\n", "")
    assert (again.returncode, again.stdout) == (0, decided.stdout)
    assert again.stderr == snapshot("It was decided before; the first decision and its note stand.\n")
    assert done.reply is not None
    assert done.reply.text == "Refunded."


async def test_an_approval_is_denied_by_its_uuid_with_a_reason(stage: Stage, shop: Shop, admin: Native) -> None:
    stage.model.will(asks(), Says("I could not."))
    async with shop.working():
        waiting = await shop.parked(admin, await shop.ask(stage.keys.member))
        approval = from_prefixed(("apr",), waiting.waits_for[0])
        assert isinstance(approval, UUID)
        denied = await types(stage, "deny", str(approval), "--note", "It did go through.")
        other = await types(stage, "approve", str(approval))
        await admin.finished(waiting.id)
    assert denied.stdout == f"{waiting.waits_for[0]} is denied.\n"
    assert stage.model.requests[-1].messages[-1].content == snapshot(
        "A person denied this call. They wrote: It did go through."
    )
    assert (other.returncode, other.stdout, other.stderr) == snapshot((1, "", "This approval is denied already.\n"))
    assert shop.refund.keys == []


async def test_the_list_shows_what_waits_unless_told_otherwise(stage: Stage, shop: Shop, admin: Native) -> None:
    stage.model.will(asks(), asks(), asks())
    async with shop.working():
        first, second, third = [await shop.parked(admin, await shop.ask(stage.keys.member)) for _ in range(3)]
    await types(stage, "deny", first.waits_for[0])

    async def ids(*words: str) -> list[object]:
        return [row["id"] for row in await reads(stage, "list", *words)]

    assert await ids() == [*third.waits_for, *second.waits_for]
    assert await ids("--state", "denied") == first.waits_for
    assert await ids("--state", "all") == [*third.waits_for, *second.waits_for, *first.waits_for]
    assert await ids("--conversation", second.conversation_id) == second.waits_for
    assert await ids("--organization", "Elsewhere") == []
    cut = await types(stage, "list", "--limit", "1")
    assert third.waits_for[0] in cut.stdout
    assert second.waits_for[0] not in cut.stdout
    assert cut.stderr == "There are more than these 1; raise --limit to see them.\n"


async def test_arguments_look_on_a_terminal_like_what_the_tool_gets(stage: Stage, shop: Shop, admin: Native) -> None:
    hostile = '{"to": "\u202eecila\u009b2J"}'
    stage.model.will(asks(hostile))
    async with shop.working():
        waiting = await shop.parked(admin, await shop.ask(stage.keys.member))
    for told in (await types(stage, "list"), await types(stage, "show", waiting.waits_for[0])):
        assert r'{"to": "\u202eecila\u009b2J"}' in told.stdout
        assert "\u202e" not in told.stdout
        assert "\x9b" not in told.stdout
    assert [row["arguments"] for row in await reads(stage, "show", waiting.waits_for[0])] == [hostile]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("show", "17"), "'17' is no id of an approval; `turnkeeper approvals list` shows them.\n"),
        (
            ("deny", f"msg_{UNKNOWN}"),
            f"'msg_{UNKNOWN}' is no id of an approval; `turnkeeper approvals list` shows them.\n",
        ),
        (("list", "--conversation", "17"), "'17' is no id of a conversation; they begin with conv_ or job_.\n"),
        (
            ("approve", f"apr_{UNKNOWN}"),
            f"There is no approval 'apr_{UNKNOWN}'; `turnkeeper approvals list --state all` shows them.\n",
        ),
        (("list",), "Nothing waits for a decision.\n"),
        (("list", "--state", "all"), "There are no such approvals.\n"),
    ],
)
async def test_what_is_not_there_is_one_sentence(stage: Stage, words: tuple[str, ...], sentence: str) -> None:
    told = await types(stage, *words)
    assert (told.stdout, told.stderr) == ("", sentence)
    assert told.returncode == (0 if words[0] == "list" and "17" not in words else 1)


async def test_a_note_that_cannot_be_kept_is_one_sentence(stage: Stage, shop: Shop, admin: Native) -> None:
    stage.model.will(asks())
    async with shop.working():
        waiting = await shop.parked(admin, await shop.ask(stage.keys.member))
    told = [
        await types(stage, "deny", waiting.waits_for[0], "--note", note) for note in ("x" * 2_001, "a\udcffb", "\x00")
    ]
    assert [(each.returncode, each.stderr) for each in told] == snapshot(
        [
            (1, "The note has more than 2,000 characters.\n"),
            (1, "The note is no valid text; send it as UTF-8.\n"),
            (1, "The note contains a NUL character, which cannot be stored.\n"),
        ]
    )
    assert (await admin.get(f"/approvals/{waiting.waits_for[0]}")).approval.state == "waiting"
