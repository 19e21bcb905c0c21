"""`turnkeeper chat` and `turnkeeper tail` where output is no terminal: the words and the exit codes."""

import asyncio
import json
import re
import shlex
import signal
from contextlib import AbstractAsyncContextManager

from inline_snapshot import snapshot

from bench.ports import free_port
from tests.dialects.conftest import Stage
from tests.dialects.native.client import ASKS, UNKNOWN, Native, Shop
from tests.fakes.forked_commands import PipedCommand, piped_command
from tests.fakes.scripted_model import Fails, Says, Stalls
from tests.fakes.terminal import CTRL_C, at_terminal
from tests.patience import PROCESS_PATIENCE
from tests.server_process import COMMAND, clean_environment
from tests.test_command_line import Operator, Told


def running(stage: Stage, *words: str) -> AbstractAsyncContextManager[PipedCommand]:
    """A command that talks to the stage's server, with pipes."""
    return piped_command(*words, **clean_environment(TURNKEEPER_URL=stage.address, TURNKEEPER_KEY=stage.keys.admin))


async def types(stage: Stage, *words: str, typed: str = "") -> Told:
    """Run a command to its end."""
    async with running(stage, *words) as process, asyncio.timeout(PROCESS_PATIENCE):
        out, errors = await process.communicate(typed.encode())
        assert process.returncode is not None
        return Told(returncode=process.returncode, stdout=out.decode(), stderr=errors.decode())


async def test_a_question_through_a_pipe_gets_the_answer_alone(stage: Stage, shop: Shop) -> None:
    stage.model.will(Says("Two **weeks**."))
    async with shop.working():
        told = await types(stage, "chat", "refunds", "--ask", typed="How long\ndoes it take?\n")
    assert (told.returncode, told.stdout, told.stderr) == (0, "Two **weeks**.\n", "")
    assert stage.model.requests[-1].question == "How long\ndoes it take?"


async def test_what_gets_no_answer_ends_with_another_code(stage: Stage, shop: Shop) -> None:
    stage.model.will(Fails(400, "No."), ASKS)
    async with shop.working():
        failed = await types(stage, "chat", "refunds", typed="Hm?")
        waits = await types(stage, "chat", "refunds", typed="Refund it.")
    nothing = await types(stage, "chat", "refunds", typed=" \n")
    waits_on = await types(stage, "chat", "--conversation", re.findall(r"conv_\w+", waits.stderr)[0], typed="And?")
    assert [told.stdout for told in (failed, waits, nothing, waits_on)] == ["", "", "", ""]
    assert (failed.returncode, failed.stderr) == snapshot((1, "The model provider refused the request (400): “No”.\n"))
    assert (waits.returncode, re.sub(r"_[0-9A-Z]{26}", "_ID", waits.stderr)) == snapshot(
        (
            3,
            """\
The agent waits for a decision about 'refund': decide with `turnkeeper approvals approve apr_ID` or `deny`, \
and go on with `turnkeeper chat --conversation conv_ID`.
""",
        )
    )
    assert (nothing.returncode, nothing.stderr) == snapshot(
        (1, "There is no question: nothing was read from standard input.\n")
    )
    assert waits_on == waits


async def test_what_cannot_be_reached_is_one_sentence(stage: Stage) -> None:
    port = free_port()
    told = [
        await here(stage, *words)
        for words in (
            ("chat",),
            ("chat", "refunds", "--conversation", f"conv_{UNKNOWN}"),
            ("chat", "refunds", "--url", "ftp://x"),
            ("chat", "refunds", "--url", stage.address),
            ("tail", f"conv_{UNKNOWN}", "--url", f"http://127.0.0.1:{port}"),
            ("tail", f"conv_{UNKNOWN}", "--url", stage.address, "--key", "tk_wrong"),
            ("tail", f"conv_{UNKNOWN}", "--url", stage.address, "--key", stage.keys.admin),
            ("tail", *(f"conv_{number}" for number in range(21))),
        )
    ]
    assert [each.stdout for each in told] == [""] * len(told)
    plain = [(each.returncode, each.stderr.replace(UNKNOWN, "ID").replace(stage.address, "AT")) for each in told]
    assert [(code, words.replace(str(port), "PORT")) for code, words in plain] == snapshot(
        [
            (1, "Name an agent, or a conversation to go on with: one of the two.\n"),
            (1, "Name an agent, or a conversation to go on with: one of the two.\n"),
            (2, "'ftp://x' is no address of a server; it must be like https://host:8000.\n"),
            (2, "A key is needed for AT; give it with TURNKEEPER_KEY or --key.\n"),
            (
                2,
                """\
No server answers at http://127.0.0.1:PORT; start one with `turnkeeper serve`, or name another one with --url.
""",
            ),
            (1, "This API key is not known; check it, or create one.\n"),
            (1, "There is no conversation 'conv_ID' for you.\n"),
            (1, "At most 20 conversations can be followed at once.\n"),
        ]
    )


async def here(stage: Stage, *words: str) -> Told:
    """Run a command in this process, while the server goes on."""
    return await asyncio.to_thread(Operator(stage.database_url).types, *words)


async def test_an_interrupted_question_is_cancelled(stage: Stage, shop: Shop, admin: Native) -> None:
    stage.model.will(Stalls("Half"))  # of one word: of several, each may be written by itself
    async with shop.working(), running(stage, "chat", "refunds") as process, asyncio.timeout(PROCESS_PATIENCE):
        process.stdin.write(b"Tell me.")
        process.stdin.close()
        await stage.model.stalled.wait()
        (conversation,) = json.loads((await admin.get("/conversations")).body)["items"]
        talk = json.loads((await admin.get(f"/conversations/{conversation['id']}/messages")).body)["items"]
        await shop.said_something(admin, talk[0]["id"])
        process.send_signal(signal.SIGINT)
        out, _ = await process.communicate()
        await stage.model.hung_up.wait()
    assert (process.returncode, out.decode()) == (130, "Half\n")


async def test_the_log_of_a_conversation_is_printed_and_followed(stage: Stage, shop: Shop, admin: Native) -> None:
    stage.model.will(Says("One."), Says("Two."))
    async with shop.working():
        conversation = await begun(admin)
        key = ("--url", stage.address, "--key", stage.keys.admin)
        whole = await here(stage, "tail", conversation, "--no-follow", *key)
        rest = await here(stage, "tail", conversation, "--no-follow", "--after", "2", "--json", *key)
        async with running(stage, "tail", conversation, "--json", "--after", "3") as process:
            sent = await admin.post(f"/conversations/{conversation}/messages", {"text": "Two?"})
            await admin.finished(json.loads(sent.body)["id"])
            async with asyncio.timeout(PROCESS_PATIENCE):
                events = [json.loads(await process.stdout.readline()) for _ in range(7)]
    lines = [line.split() for line in whole.stdout.splitlines()]
    assert [line[0] for line in lines] == [str(number) for number in range(1, len(lines) + 1)]
    assert [line[2] for line in lines][:2] == ["message.queued", "turn.started"]
    assert lines[-1][2] == "message.completed"
    assert 'text="One."' in whole.stdout
    numbers = [json.loads(line)["number"] for line in rest.stdout.splitlines()]
    assert numbers == list(range(3, len(lines) + 1))
    assert [event["number"] for event in events] == list(range(4, 11))
    assert "Two." in {event.get("text") for event in events}


async def test_several_logs_are_followed_until_ctrl_c(stage: Stage, shop: Shop, admin: Native) -> None:
    stage.model.will(Says("One."), Says("Two."))
    async with shop.working():
        first, second = await begun(admin), await begun(admin)
    key = ("--url", stage.address, "--key", stage.keys.admin)
    async with at_terminal("tail", first, second, *key) as terminal:
        await terminal.shows("message.completed")
        await terminal.shows("message.completed")
        terminal.types(CTRL_C)
        assert await terminal.ended() == 130
    shown = {line.split()[0] for line in terminal.words.splitlines() if "conv_" in line}
    assert shown == {first, second}
    assert max(len(line) for line in terminal.words.splitlines()) <= 100


async def test_a_tail_ends_quietly_with_its_reader(stage: Stage, shop: Shop, admin: Native) -> None:
    async with shop.working():
        conversation = await begun(admin)
    command = shlex.join(
        [*COMMAND, "tail", conversation, "--no-follow", "--url", stage.address, "--key", stage.keys.admin]
    )
    process = await asyncio.create_subprocess_exec(
        "bash",
        "-c",
        f"{command} | head -n 1; echo ended with ${{PIPESTATUS[0]}}",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=clean_environment(),
    )
    async with asyncio.timeout(PROCESS_PATIENCE):
        out, errors = await process.communicate()
    lines = out.decode().splitlines()
    assert "message.queued" in lines[0]
    assert (lines[1:], errors) == (["ended with 0"], b"")


async def begun(admin: Native) -> str:
    """A conversation whose first message is answered."""
    sent = await admin.post("/conversations", {"agent": "refunds", "message": {"text": "One?"}})
    begun = json.loads(sent.body)
    await admin.finished(begun["message"]["id"])
    return begun["conversation"]["id"]
