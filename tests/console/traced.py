"""A conversation in which much happened: for tests of its pages, and for pictures of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
import requests

from tests.console.browser import Console
from tests.console.scripted import ModelThread
from tests.fakes.scripted_model import BreaksOff, Call, CallsTools, Says
from tests.patience import PATIENCE

QUESTION = "Which plan suits an office of twelve people, and what does it cost a month?"
ANSWER = (
    "For an office of twelve people **FiberUP Business 500** fits [1]: every desk can hold a video call at once, and there "
    "is room for backups at night.\n\n- 500 Mbit/s down, 250 up\n- a fixed address\n- repair within eight hours [11]\n\nI "
    "wrote the comparison into *plans.md*."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Traced:
    """A conversation and the message that it began with."""

    conversation: str
    message: str


def traced(console: Console, model: ModelThread, *, delay: float = 0.0) -> Traced:
    """Have a turn with two searches side by side, an attempt that was cut, a tool that people allow, and an answer."""
    agent = made(
        console,
        "/agents",
        {
            "name": "Sales desk",
            "description": "Finds the line that fits, and writes the comparison down.",
            "data_set": "FiberUP (demo)",
            "tools": ["search_documents", "write_file"],
            "settings": {"approvals": {"rules": [{"tool": "write_file"}]}},
        },
    )
    searches = tuple(
        Call(tool="search_documents", arguments=msgspec.json.encode({"query": words}).decode(), call_id=f"call_{place}")
        for place, words in enumerate(("business plans prices", "repair times of contracts"), 1)
    )
    write = Call(tool="write_file", arguments='{"name": "plans.md", "content": "# Plans"}', call_id="call_3")
    model.does(
        lambda it: it.will(
            CallsTools(searches, text="Let me look that up.", thinking="Two things are asked: a plan, and its price."),
            BreaksOff("For an office of"),
            CallsTools((write,), text="I will write it down."),
            Says(ANSWER, delay=delay, cached=400),
        )
    )
    talk = begun(console, QUESTION, agent=str(agent["id"]), tags=["sales"])
    asked = until(console, talk.message, "approval.asked")
    decided = console.ask(
        "POST", f"/approvals/{asked['approval_id']}/decide", {"decision": "approve", "note": "Go on."}
    )
    assert decided.ok, decided.text
    until(console, talk.message, "message.completed")
    return talk


def begun(console: Console, text: str, *, agent: str = "fiberup-support", tags: Sequence[str] = ()) -> Traced:
    """Begin a conversation."""
    both = made(console, "/conversations", {"agent": agent, "tags": list(tags), "message": {"text": text}})
    found = {part: str(msgspec.convert(both[part], dict[str, object])["id"]) for part in ("conversation", "message")}
    return Traced(conversation=found["conversation"], message=found["message"])


def until(console: Console, message: str, kind: str) -> dict[str, object]:
    """The first event of this kind that a message has; waited for."""
    headers = {"Authorization": f"Bearer {console.server.key}", "Prefer": "wait=30"}
    after = 0
    for _ in range(20):
        address = f"{console.address}/v1/messages/{message}/events?after={after}"
        page = msgspec.json.decode(requests.get(address, headers=headers, timeout=2 * PATIENCE).content, type=_Page)
        for item in page.items:
            if item["event"] == kind:
                return item
        after = page.next_after
    raise AssertionError(f"There is no event {kind} of {message}.")


class _Page(msgspec.Struct):
    items: list[dict[str, object]]
    next_after: int


def made(console: Console, path: str, body: Mapping[str, object]) -> dict[str, object]:
    """Make something; what the server says of it."""
    answer = console.ask("POST", path, body)
    assert answer.ok, answer.text
    return msgspec.json.decode(answer.content, type=dict[str, object])
