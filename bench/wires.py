"""What a streamed token costs on each wire: processor time of the client alone, against a stub in a process of its own.

    python -m bench.wires                        # the wires of Turnkeeper
    python -m bench.wires --others               # and the vendors' own clients, for comparison

Each token is an event of its own. *Together*: the stub writes as fast as it can, so that many events come in one read.
*Alone*: the stub writes an event each millisecond, so that each one comes in a packet of its own.
"""

import argparse
import asyncio
import importlib
import resource
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

import uvloop
from yarl import URL

from bench.machine import describe
from bench.processes import program
from turnkeeper.agents.model import ModelRequest, TextDelta, UserMessage
from turnkeeper.agents.models.providers import ModelAccount, Wires, model_providers

# The official clients are not ours to check.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

TOKENS = 500
REPLIES = 40
AT_ONCE = 8
GOAL_MICROSECONDS = 10
KEY = "bench"

Ask = Callable[[], AsyncIterator[str]]
"""One call of a model: the pieces of its text."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cost:
    """Processor time for one token, in microseconds."""

    name: str
    together: float
    alone: float


def main() -> None:
    """The program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replies", type=int, default=REPLIES, help="measured for each wire, after a few to warm up")
    parser.add_argument("--others", action="store_true", help="the official clients and pydantic-ai, too")
    given = parser.parse_args()
    with program([sys.executable, "-m", "bench.stub_wires"]) as stub:
        assert stub.stdout is not None
        port = int(stub.stdout.readline())
        costs = uvloop.run(_measure(port, replies=given.replies, others=given.others))
    machine = describe()
    print(
        f"{machine.processors} x {machine.processor}, Python {machine.python}, load {machine.load_average:.1f} before"
    )
    print("| wire | together | alone |\n|---|---|---|")
    for cost in costs:
        print(f"| {cost.name} | {cost.together:.1f} µs | {cost.alone:.1f} µs |")


async def _measure(port: int, *, replies: int, others: bool) -> list[Cost]:
    costs: list[Cost] = []
    async with AsyncExitStack() as stack:
        for name, make in (_ours | (_others if others else {})).items():
            spent: list[float] = []
            for pace in ("together", "alone"):
                ask = await make(f"http://127.0.0.1:{port}/{pace}", stack)
                await _run(ask, 3)
                before = _processor_seconds()
                await _run(ask, replies)
                spent.append((_processor_seconds() - before) * 1e6 / (replies * TOKENS))
            costs.append(Cost(name=name, together=spent[0], alone=spent[1]))
    return costs


async def _run(ask: Ask, replies: int) -> None:
    """So many replies, a few at a time; each must be whole."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one() -> None:
        async with gate:
            words = "".join([piece async for piece in ask()]).split()
            if len(words) != TOKENS:
                raise SystemExit(f"A reply has {len(words)} words in place of {TOKENS}.")

    async with asyncio.TaskGroup() as group:
        for _ in range(replies):
            group.create_task(one())


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def _wire(provider: str, address: str, stack: AsyncExitStack) -> Ask:
    """One of our own wires."""
    wires = Wires()
    stack.push_async_callback(wires.close)
    made = model_providers({provider: ModelAccount(address=address)}, wires)[provider]
    model = await made.make("tiny", KEY)
    request = ModelRequest(
        instructions="Be brief.", messages=(UserMessage(text="Hi"),), tools=(), max_output_tokens=1_000
    )

    async def ask() -> AsyncIterator[str]:
        async for delta in model.stream(request):
            if isinstance(delta, TextDelta):
                yield delta.text

    return ask


class _Counter(asyncio.Protocol):
    """Takes the bytes of one reply and does nothing with them."""

    def __init__(self) -> None:
        self.tail = b""
        self.ended = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        self.tail = (self.tail + data)[-7:]
        if self.tail.endswith(b"\r\n0\r\n\r\n"):
            self.ended.set_result(None)


async def _bytes_only(address: str, _stack: AsyncExitStack) -> Ask:
    """The yardstick: what the loop and the kernel take for the same bytes."""
    url = URL(address)
    assert url.host is not None
    assert url.port is not None
    host, port = url.host, url.port

    async def ask() -> AsyncIterator[str]:
        transport, reply = await asyncio.get_running_loop().create_connection(_Counter, host, port)
        transport.write(b"POST %s/v1/chat/completions HTTP/1.1\r\nContent-Length: 0\r\n\r\n" % url.path.encode())
        await reply.ended
        transport.close()
        yield " word" * TOKENS

    return ask


async def _openai_wire(address: str, stack: AsyncExitStack) -> Ask:
    return await _wire("compatible", f"{address}/v1", stack)


async def _anthropic_wire(address: str, stack: AsyncExitStack) -> Ask:
    return await _wire("anthropic", address, stack)


async def _google_wire(address: str, stack: AsyncExitStack) -> Ask:
    return await _wire("google", address, stack)


async def _openai_client(address: str, stack: AsyncExitStack) -> Ask:
    openai = importlib.import_module("openai")
    client = await stack.enter_async_context(openai.AsyncOpenAI(base_url=f"{address}/v1", api_key=KEY))

    async def ask() -> AsyncIterator[str]:
        question = [{"role": "user", "content": "Hi"}]
        async for chunk in await client.chat.completions.create(model="tiny", messages=question, stream=True):
            if chunk.choices:
                yield chunk.choices[0].delta.content or ""

    return ask


async def _anthropic_client(address: str, stack: AsyncExitStack) -> Ask:
    anthropic = importlib.import_module("anthropic")
    client = await stack.enter_async_context(anthropic.AsyncAnthropic(base_url=address, api_key=KEY))

    async def ask() -> AsyncIterator[str]:
        question = [{"role": "user", "content": "Hi"}]
        async for event in await client.messages.create(model="tiny", messages=question, max_tokens=9, stream=True):
            if event.type == "content_block_delta":
                yield event.delta.text

    return ask


async def _pydantic_ai(address: str, _stack: AsyncExitStack) -> Ask:
    models = importlib.import_module("pydantic_ai.models.openai")
    providers = importlib.import_module("pydantic_ai.providers.openai")
    direct = importlib.import_module("pydantic_ai.direct")
    messages = importlib.import_module("pydantic_ai.messages")
    model = models.OpenAIChatModel("tiny", provider=providers.OpenAIProvider(base_url=f"{address}/v1", api_key=KEY))

    async def ask() -> AsyncIterator[str]:
        question = [messages.ModelRequest.user_text_prompt("Hi")]
        async with direct.model_request_stream(model, question) as stream:
            async for event in stream:
                if event.event_kind == "part_start":
                    yield event.part.content
                elif event.event_kind == "part_delta":
                    yield event.delta.content_delta

    return ask


_Make = Callable[[str, AsyncExitStack], Awaitable[Ask]]
_ours: dict[str, _Make] = {
    "(bytes only: loop and kernel)": _bytes_only,
    "chat completions": _openai_wire,
    "Anthropic messages": _anthropic_wire,
    "Google, through the bridge": _google_wire,
}
_others: dict[str, _Make] = {
    "chat completions, openai": _openai_client,
    "chat completions, pydantic-ai": _pydantic_ai,
    "Anthropic messages, anthropic": _anthropic_client,
}


if __name__ == "__main__":
    main()
