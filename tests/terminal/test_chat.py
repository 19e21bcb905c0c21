"""`turnkeeper chat` on a terminal, beside a running server."""

import asyncio
import json
import re
import signal
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from pathlib import Path

from bench.ports import free_port
from tests.dialects.conftest import Stage
from tests.dialects.native.client import ASKS, Native, Shop
from tests.fakes.people import make_agent
from tests.fakes.scripted_model import Call, CallsTools, Says, Stalls
from tests.fakes.terminal import CTRL_C, CTRL_D, Terminal, at_terminal
from tests.patience import PATIENCE, PROCESS_PATIENCE
from tests.server_process import ServerProcess, started_server
from tests.test_command_line import Operator

PROMPT = "\n› "


def chat(stage: Stage, *words: str, folder: Path | None = None) -> AbstractAsyncContextManager[Terminal]:
    """A chat with the stage's server, by an admin's key."""
    return at_terminal("chat", *words, "--url", stage.address, "--key", stage.keys.admin, folder=folder)


async def begun(terminal: Terminal, text: str) -> None:
    """Type a message when the terminal is ready for it."""
    await terminal.shows(PROMPT)
    terminal.types(f"{text}\n")


async def test_an_answer_is_shown_while_the_model_still_writes_it(stage: Stage, shop: Shop) -> None:
    stage.model.will(Stalls("The **first** half"))
    async with shop.working(), chat(stage, "refunds") as terminal:
        await begun(terminal, "Tell me.")
        await terminal.shows("The first half")
        assert not stage.model.hung_up.is_set()
        stage.model.release()
        await terminal.shows(PROMPT)
        terminal.types(CTRL_D)
        assert await terminal.ended() == 0
    assert b"The \x1b[0m\x1b[1mfirst\x1b[0m half" in terminal.raw
    assert re.search(r"To go on: turnkeeper chat --conversation conv_\w{26}\n$", terminal.words)


async def test_without_a_key_one_is_made_on_this_machine_and_revoked_at_the_end(stage: Stage, shop: Shop) -> None:
    stage.model.will(Says("Yes."))
    port = stage.address.rpartition(":")[2]
    async with (
        shop.working(),
        at_terminal("chat", "refunds", TURNKEEPER_PORT=port, TURNKEEPER_DATABASE_URL=stage.database_url) as terminal,
    ):
        await begun(terminal, "Are you there?")
        await terminal.shows("Yes.")
        during = [key for key in await keys(stage) if str(key["name"]).startswith("terminal on ")]
        terminal.types("/quit\n")
        assert await terminal.ended() == 0
    after = [key for key in await keys(stage) if str(key["name"]).startswith("terminal on ")]
    assert [(key["state"], key["scopes"]) for key in during] == [("live", "converse, read")]
    assert [(key["state"], key["id"]) for key in after] == [("revoked", during[0]["id"])]


async def keys(stage: Stage) -> list[dict[str, object]]:
    told = await asyncio.to_thread(Operator(stage.database_url).types, "keys", "list", "--json")
    return json.loads(told.stdout)


async def test_a_call_is_asked_about_and_made_when_the_person_says_yes(stage: Stage, shop: Shop) -> None:
    stage.model.will(ASKS, Says("Refunded."))
    async with shop.working(), chat(stage, "refunds") as terminal:
        await begun(terminal, "Refund the failed charge.")
        asked = await terminal.shows("n and a reason: ")
        assert shop.refund.keys == []
        terminal.types("maybe\n")
        await terminal.shows("Nothing is decided yet.")
        await terminal.shows("n and a reason: ")
        terminal.types("y\n")
        await terminal.shows("refund: approved")
        await terminal.shows("✓ refund(")
        await terminal.shows("Refunded.")
        await terminal.shows(PROMPT)
    assert "refund: May this call be made?" in asked
    assert '{"customer": "cus_123", "amount": 4200}' in asked
    assert len(shop.refund.keys) == 1


async def test_a_call_is_denied_with_a_reason_that_the_model_reads(stage: Stage, shop: Shop) -> None:
    stage.model.will(ASKS, Says("I did not."))
    async with shop.working(), chat(stage, "refunds") as terminal:
        await begun(terminal, "Refund the failed charge.")
        await terminal.shows("n and a reason: ")
        terminal.types("n It did go through.\n")
        await terminal.shows("I did not.")
        await terminal.shows(PROMPT)
    assert shop.refund.keys == []
    assert stage.model.requests[-1].messages[-1].content == (
        "A person denied this call. They wrote: It did go through."
    )


async def test_ctrl_c_at_a_question_cancels_the_message(stage: Stage, shop: Shop) -> None:
    stage.model.will(ASKS)
    async with shop.working(), chat(stage, "refunds") as terminal:
        await begun(terminal, "Refund the failed charge.")
        await terminal.shows("n and a reason: ")
        terminal.types(CTRL_C)
        await terminal.shows("Cancelled.")
        await terminal.shows(PROMPT)
    assert shop.refund.keys == []


async def test_ctrl_c_cancels_the_answer_keeps_what_was_said_and_twice_leaves(
    stage: Stage, shop: Shop, admin: Native
) -> None:
    stage.model.will(Stalls("The first half"))
    async with shop.working(), chat(stage, "refunds") as terminal:
        await begun(terminal, "Tell me.")
        await terminal.shows("The first half")
        terminal.types(CTRL_C)
        await terminal.shows("Cancelled.")
        await terminal.shows(PROMPT)
        async with asyncio.timeout(PATIENCE):
            await stage.model.hung_up.wait()
        terminal.types(CTRL_C)
        await terminal.shows("Ctrl-C once more, or Ctrl-D, leaves.")
        await terminal.shows(PROMPT)
        terminal.types(CTRL_C)
        conversation = (await terminal.shows("--conversation conv_"), await terminal.shows("\n"))[1].strip()
        assert await terminal.ended() == 130
    found = json.loads((await admin.get(f"/conversations/conv_{conversation}/messages")).body)
    assert [entry["text"] for entry in found["items"]] == ["Tell me.", "The first half"]


async def test_a_conversation_is_gone_on_with_in_the_middle_of_an_answer(
    stage: Stage, shop: Shop, admin: Native
) -> None:
    stage.model.will(Says("The first answer."), Stalls("The second"), Says("The third."))
    async with shop.working():
        begun_with = await admin.post("/conversations", {"agent": "refunds", "message": {"text": "One?"}})
        conversation = json.loads(begun_with.body)["conversation"]["id"]
        await admin.finished(json.loads(begun_with.body)["message"]["id"])
        sent = await admin.post(f"/conversations/{conversation}/messages", {"text": "Two?"})
        await shop.said_something(admin, json.loads(sent.body)["id"])
        async with chat(stage, "--conversation", conversation) as terminal:
            shown = await terminal.shows("The second")
            stage.model.release()
            await begun(terminal, "Three?")
            await terminal.shows("The third.")
            await terminal.shows(PROMPT)
    assert re.findall(r"› .*|The .*", shown) == ["› One?", "The first answer.", "› Two?", "The second"]
    assert terminal.words.count("The second") == 1


async def test_a_conversation_that_waits_for_a_decision_asks_for_it_when_it_is_gone_on_with(
    stage: Stage, shop: Shop, admin: Native
) -> None:
    stage.model.will(ASKS, Says("Refunded."))
    async with shop.working():
        sent = await admin.post("/conversations", {"agent": "refunds", "message": {"text": "Refund it."}})
        waiting = await shop.parked(admin, json.loads(sent.body)["message"]["id"])
        async with chat(stage, "--conversation", waiting.conversation_id) as terminal:
            shown = await terminal.shows("n and a reason: ")
            terminal.types("y\n")
            await terminal.shows("Refunded.")
            await terminal.shows(PROMPT)
    assert "◌ refund(" in shown
    assert len(shop.refund.keys) == 1


async def test_a_file_is_attached_with_its_path(stage: Stage, shop: Shop, admin: Native, tmp_path: Path) -> None:
    (tmp_path / "my receipt.txt").write_text("Paid: 42 euros.")
    stage.model.will(Says("It says 42."))
    async with shop.working(), chat(stage, "refunds", folder=tmp_path) as terminal:
        await terminal.shows(PROMPT)
        terminal.types("What does @my")
        terminal.types("\t")
        await terminal.shows("@my\\ receipt.txt")
        terminal.types("say?\n")
        await terminal.shows("It says 42.")
        await begun(terminal, "And @missing.txt?")
        await terminal.shows("There is no file 'missing.txt';")
    (conversation,) = json.loads((await admin.get("/conversations")).body)["items"]
    talk = json.loads((await admin.get(f"/conversations/{conversation['id']}/messages")).body)["items"]
    assert talk[0]["text"] == 'What does "my receipt.txt" say?'
    assert [(file["name"], file["size"]) for file in talk[0]["files"]] == [("my receipt.txt", 15)]


def started(stage: Stage, port: str, environment: dict[str, str]) -> AbstractContextManager[ServerProcess]:
    return started_server("--database-url", stage.database_url, "--port", port, **environment)


async def test_an_answer_goes_on_without_repeating_itself_when_the_server_is_killed(shop: Shop) -> None:
    stage = shop.stage
    stage.model.will(Stalls("The first half of it"), Says("The first half of it, and the second."))
    async with stage.turnkeeper.rooms.database.connection() as connection:
        await make_agent(connection, stage.people.admin, name="Plain", data_set_id=None)
    environment = {
        "TURNKEEPER_MODEL": "openai:scripted",
        "TURNKEEPER_OPENAI_BASE_URL": stage.model.base_url,
        "TURNKEEPER_OPENAI_API_KEY": "key",
    }
    async with asyncio.timeout(2 * PROCESS_PATIENCE):
        port = str(free_port())
        with started(stage, port, environment) as node:
            async with at_terminal("chat", "plain", "--url", node.address, "--key", stage.keys.admin) as terminal:
                await begun(terminal, "Tell me.")
                await terminal.shows("The first half of it")
                node.process.send_signal(signal.SIGKILL)
                await asyncio.to_thread(node.process.wait)
                node.process.returncode = 0
                await terminal.shows("The server does not answer; trying again …")
                with started(stage, port, environment):
                    await terminal.shows("and the second.")
                    await terminal.shows(PROMPT)
    assert terminal.words.count("The first half of it") == 1


async def test_tools_are_seen_unfolded_and_a_talk_is_edited_repeated_and_written_down(
    stage: Stage, shop: Shop, tmp_path: Path
) -> None:
    stage.model.will(
        CallsTools((Call(tool="missing", arguments='{"a": 1}', call_id="c1"),)),
        Says("One."),
        Says("Two."),
        Says("Three."),
    )
    async with shop.working(), chat(stage, "refunds", folder=tmp_path) as terminal:
        await begun(terminal, "First?")
        await terminal.shows("✗ missing(")
        await terminal.shows("One.")
        await begun(terminal, "/steps")
        await terminal.shows('given:    {"a": 1}')
        await begun(terminal, "/retry")
        await terminal.shows("Two.")
        await begun(terminal, "/edit Second?")
        await terminal.shows("Three.")
        await begun(terminal, "/export talk.json")
        await terminal.shows("Written to talk.json")
        await begun(terminal, "/export talk.json")
        await terminal.shows("There is a file 'talk.json' already")
        await begun(terminal, "/nothing")
        await terminal.shows("There is no command /nothing")
        await begun(terminal, "/new")
        await terminal.shows("The next message begins a new conversation.")
    assert "Three." in (tmp_path / "talk.json").read_text()
    assert stage.model.requests[-1].question == "Second?"


async def test_what_is_typed_while_the_agent_writes_waits_and_is_answered_next(stage: Stage, shop: Shop) -> None:
    stage.model.will(Stalls("The first half"), Says("Blue it is."))
    async with shop.working(), chat(stage, "refunds") as terminal:
        await begun(terminal, "Tell me.")
        await terminal.shows("The first half")
        terminal.types("/steps\n")
        await terminal.shows("/cancel is the only command")
        terminal.types("In blue, please.\n")
        await terminal.shows("Queued: answered after this.")
        stage.model.release()
        await terminal.shows("› In blue, please.")
        await terminal.shows("Blue it is.")
        await terminal.shows(PROMPT)
    assert [message.content for message in stage.model.requests[-1].messages if message.role == "user"] == [
        "Tell me.",
        "In blue, please.",
    ]


async def test_cancel_may_be_typed_while_the_agent_writes(stage: Stage, shop: Shop) -> None:
    stage.model.will(Stalls("The first half"))
    async with shop.working(), chat(stage, "refunds") as terminal:
        await begun(terminal, "Tell me.")
        await terminal.shows("The first half")
        terminal.types("/cancel\n")
        await terminal.shows("Cancelled.")
        await terminal.shows(PROMPT)


async def test_an_agent_that_steers_hears_what_is_typed_in_the_middle_of_its_turn(stage: Stage, shop: Shop) -> None:
    stage.execute('UPDATE agents SET settings = settings || \'{"overlap": "steer", "approvals": {}}\'')
    shop.refund.hold()
    stage.model.will(ASKS, Says("Refunded, in blue."))
    async with shop.working(), chat(stage, "refunds") as terminal:
        await begun(terminal, "Refund it.")
        await terminal.shows("◌ refund(")
        terminal.types("In blue, please.\n")
        await terminal.shows("Sent: heard before the agent's next step.")
        shop.refund.release()
        await terminal.shows("Refunded, in blue.")
        await terminal.shows(PROMPT)
    assert terminal.words.count("Refunded, in blue.") == 1
    assert "In blue, please." in str(stage.model.requests[-1].messages[-1].content)


async def test_a_file_that_the_agent_wrote_is_saved_and_replaces_nothing(
    stage: Stage, shop: Shop, tmp_path: Path
) -> None:
    stage.execute("UPDATE agents SET tools = '{write_file}' WHERE slug = 'helper'")
    written = Call(tool="write_file", arguments='{"name": "a b.md", "content": "first"}', call_id="c1")
    stage.model.will(CallsTools((written,)), Says("It is there."))
    (tmp_path / "there").mkdir()
    async with stage.working(), chat(stage, "helper", folder=tmp_path) as terminal:
        await begun(terminal, "Write it.")
        await terminal.shows("file a b.md (5 bytes)")
        await begun(terminal, "/save a b.md")
        await terminal.shows("Saved as a b.md (5 bytes).")
        await begun(terminal, '/save "a b.md" there')
        await terminal.shows("Saved as there/a b.md (5 bytes).")
        (tmp_path / "a b.md").write_text("mine")
        await begun(terminal, '/save "a b.md"')
        await terminal.shows("There is a file 'a b.md' already; nothing was written.")
        await begun(terminal, "/save c.md")
        await terminal.shows("Files of the agent: 'a b.md'.")
        await terminal.shows(PROMPT)
    assert (tmp_path / "a b.md").read_text() == "mine"
    assert (tmp_path / "there" / "a b.md").read_text() == "first"
