"""Tools of MCP servers: what is offered, what goes out with a call, and how every kind of failure ends."""

import asyncio
import json
import logging
import resource
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.patience import PROCESS_PATIENCE
from tests.tools.things import EFFECT, Vault, context
from turnkeeper.agents.tools.mcp.names import LONGEST_NAME, tool_name
from turnkeeper.agents.tools.mcp.servers import McpLimits, McpServers, ServerTools
from turnkeeper.agents.tools.mcp.settings import check_servers
from turnkeeper.agents.tools.mcp.tool import EFFECT_KEY
from turnkeeper.agents.tools.tool import Tool
from turnkeeper.core.agents import McpServer
from turnkeeper.core.effects import ToolKind
from turnkeeper.core.errors import InvalidError, OutcomeUnknownError, ToolFailedError, ToolRetryError, TransientError

SCRIPT = str(Path(__file__).with_name("plain_server.py"))
START_SECONDS = 5
"""For a server that never answers: the others start meanwhile, and on a busy machine that takes seconds."""


def plain(*modes: str, name: str = "pay", seconds: float = 10, **more: object) -> McpServer:
    return McpServer(name=name, command=(sys.executable, SCRIPT, *modes), seconds=seconds, **more)  # pyright: ignore[reportArgumentType] - a short hand


@asynccontextmanager
async def offered(*servers: McpServer, start_seconds: float = 20) -> AsyncGenerator[tuple[ServerTools, ...]]:
    limits = McpLimits(start_seconds=start_seconds)
    async with (
        asyncio.timeout(PROCESS_PATIENCE),
        McpServers(Vault(KEY="a-secret-key"), limits=limits) as all_servers,
        all_servers.tools_of(1, servers) as found,
    ):
        yield found


def named(found: ServerTools, name: str) -> Tool:
    return next(tool for tool in found.tools if tool.spec.name == f"{found.server.name}__{name}")


async def called(found: ServerTools, name: str, arguments: str = "{}") -> str:
    return (await named(found, name).call(arguments, context())).text


async def test_tools_are_offered_under_the_names_of_their_servers_with_the_kinds_that_are_known() -> None:
    server = plain(kinds={"pay": "keyed"}, tools=("list", "set", "pay", "die"))

    async with offered(server) as (found,):
        kinds = {tool.spec.name: tool.kind for tool in found.tools}

    assert kinds == {
        "pay__list": "pure",
        "pay__set": "idempotent",
        "pay__pay": "keyed",
        "pay__die": "at_most_once",
    }


async def test_the_effect_id_goes_out_with_a_call(tmp_path: Path) -> None:
    calls = tmp_path / "calls"

    async with offered(plain(environment={"CALLS": str(calls)})) as (found,):
        await called(found, "pay", '{"amount": 5}')

    (sent,) = map(json.loads, calls.read_text().splitlines())
    assert sent["arguments"] == {"amount": 5}
    assert sent["_meta"][EFFECT_KEY] == str(EFFECT)


async def test_a_connection_is_shared_and_opened_again_when_the_server_died() -> None:
    async with McpServers(Vault()) as servers:
        async with servers.tools_of(1, [plain()]) as (found,):
            first = await called(found, "pay")
        async with servers.tools_of(1, [plain()]) as (found,):
            assert await called(found, "pay") == first
            with pytest.raises(OutcomeUnknownError, match="ended in the middle of the call"):
                await called(found, "die")
            second = await called(found, "pay")
        async with servers.tools_of(2, [plain()]) as (found,):
            third = await called(found, "pay")

    assert len({first, second, third}) == 3  # another organization shares nothing


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("pure", ToolFailedError),
        ("idempotent", TransientError),
        ("keyed", TransientError),
        ("at_most_once", OutcomeUnknownError),
    ],
)
async def test_a_call_without_an_answer_ends_as_its_kind_demands(kind: ToolKind, error: type[Exception]) -> None:
    kinds: dict[str, ToolKind] = {"die": kind, "stall": kind, "babble": kind}
    servers = plain(name="hasty", seconds=0.2, kinds=kinds), plain(seconds=PROCESS_PATIENCE, kinds=kinds)

    async with offered(*servers) as (hasty, patient):
        with pytest.raises(error, match=r"within 0\.2 seconds"):
            await called(hasty, "stall")
        for name, words in (("babble", "no answer"), ("die", "ended in the middle")):
            with pytest.raises(error, match=words):
                await called(patient, name)


async def test_what_the_server_says_went_wrong_is_told_to_the_model() -> None:
    async with offered(plain()) as (found,):
        with pytest.raises(ToolFailedError, match="no funds"):
            await called(found, "refuse")
        with pytest.raises(ToolRetryError):
            await called(found, "pay", "[1]")
        with pytest.raises(ToolRetryError):
            await called(found, "pay", "{")
        with pytest.raises(ToolRetryError, match="nested too deep"):
            await called(found, "pay", '{"amount": ' + "[" * 400 + "]" * 400 + "}")


async def test_fifty_megabytes_are_cut_while_they_come() -> None:
    async with offered(plain()) as (found,):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        text = await called(found, "shout")
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before

        assert text.startswith("loud ä xxx")
        assert "Cut: the tool answered with 52,42" in text
        assert len(text) < 300_000
        assert grown < 25_000  # kilobytes
        assert await called(found, "pay")


async def test_one_failing_server_does_not_disturb_the_others() -> None:
    servers = [
        plain(name="good"),
        plain("silent", name="silent"),
        plain("deaf", name="deaf"),
        McpServer(name="absent", command=("/no/such/program",)),
        McpServer(name="closed", url="http://127.0.0.1:9/mcp"),
        plain(name="locked", environment={"KEY": "vault:NONE"}),
    ]

    async with offered(*servers, start_seconds=START_SECONDS) as found:
        whys = {each.server.name: each.why_away for each in found}
        assert "done by" in await called(found[0], "pay")

    assert whys == {
        "good": None,
        "silent": "The server 'silent' does not answer: it did not answer within 5 seconds.",
        "deaf": "The server 'deaf' does not answer: it ended at once.",
        "absent": "The server 'absent' does not answer: there is no such program on this machine.",
        "closed": "The server 'closed' does not answer: it cannot be reached.",
        "locked": "The server 'locked' is not set up: The tool is not set up: the organization's vault has no secret "
        "'NONE'. Tell the operator.",
    }


async def test_a_server_that_failed_is_not_started_again_at_once(tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    deaf = plain("deaf", environment={"STARTS": str(starts)})
    async with McpServers(Vault()) as servers:
        for _ in range(2):
            async with servers.tools_of(1, [deaf]) as (found,):
                assert found.why_away is not None

    assert starts.read_text() == "started\n"


async def test_malformed_tools_are_left_out_with_a_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        async with offered(plain("crooked", "rude")) as (found,):
            names = [tool.spec.name for tool in found.tools]

    assert names == ["pay__list"]
    assert len([line for line in caplog.messages if line.startswith("mcp_tool_left_out server=pay")]) == 5


async def test_a_secret_reaches_the_server_and_not_the_model() -> None:
    async with offered(plain(environment={"PAYMENTS_KEY": "vault:KEY"})) as (found,):
        assert await called(found, "tell") == "[secret]"


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        (McpServer(name="a"), "settings.mcp_servers[0]"),
        (McpServer(name="a", command=("x",), url="http://x/"), "settings.mcp_servers[0]"),
        (McpServer(name="a b", command=("x",)), "settings.mcp_servers[0].name"),
        (McpServer(name="a__b", command=("x",)), "settings.mcp_servers[0].name"),
        (McpServer(name="", command=("x",)), "settings.mcp_servers[0].name"),
        (McpServer(name="a", command=("",)), "settings.mcp_servers[0].command"),
        (McpServer(name="a", url="ftp://x/"), "settings.mcp_servers[0].url"),
        (McpServer(name="a", url="http://me:pw@x/"), "settings.mcp_servers[0].url"),
        (McpServer(name="a", url="http://x:99999/"), "settings.mcp_servers[0].url"),
        (McpServer(name="a", url="http://x/", headers={"a b": "c"}), "settings.mcp_servers[0].headers"),
        (McpServer(name="a", url="http://x/", environment={"A": "b"}), "settings.mcp_servers[0].environment"),
        (McpServer(name="a", command=("x",), environment={"A=B": "b"}), "settings.mcp_servers[0].environment"),
        (McpServer(name="a", command=("x",), headers={"a": "b"}), "settings.mcp_servers[0].headers"),
        (McpServer(name="a", command=("x",), seconds=0), "settings.mcp_servers[0].seconds"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(bad: McpServer, field: str) -> None:
    with pytest.raises(InvalidError) as caught:
        check_servers([bad])
    assert caught.value.field == field


def test_two_servers_of_one_name_are_refused() -> None:
    with pytest.raises(InvalidError) as caught:
        check_servers([McpServer(name="a", command=("x",)), McpServer(name="a", command=("y",))])
    assert caught.value.field == "settings.mcp_servers[1].name"


def test_names_of_tools_fit_every_provider_and_stay_apart() -> None:
    names = ["plain", "with blank", "with/blank", "ü", "ö", "x" * 200, "x" * 201]
    made = [tool_name("server-with-a-long-name-of-31-xx", name) for name in names]

    assert made[0].endswith("__plain")
    assert len(set(made)) == len(names)
    assert all(len(name) <= LONGEST_NAME for name in made)
    assert all(letter.isascii() and (letter.isalnum() or letter in "_-") for name in made for letter in name)
