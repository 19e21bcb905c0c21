"""`python -m tests.console.screens`: pictures of the console's pages in `docs/screens/`, light and dark, wide and narrow.

Names of pages may follow; without any, all are taken. The pictures have few colours, so that they are small.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from playwright.async_api import Page, async_playwright, expect

from tests.console.browser import CHROMIUM, LAUNCH, NARROW, WIDE, Console, opened_console
from tests.console.scripted import ModelThread
from tests.console.talking import answered
from tests.console.traced import Traced, traced
from tests.fakes.postgres import TestPostgres, shared_data_dir
from tests.fakes.scripted_model import Call, CallsTools, Says

FOLDER = Path(__file__).parents[2] / "docs" / "screens"
ANSWER = """\
Hold the recessed button with a paper clip **until all lights go out** [1]. Then:

1. Wait about three minutes for the router to start.
2. Sign in at `http://192.168.20.1` and set your Wi-Fi name again.

| Light | Meaning |
|---|---|
| Internet green | connected |
| Internet orange | signing in |

```sh
ping 192.168.20.1
```
"""
Prepare = Callable[[Page], Awaitable[object]]


async def _nothing(page: Page) -> None:
    """The page as it is."""


async def _tab(page: Page, name: str) -> None:
    await page.get_by_role("tab", name=name).click()


async def _half_played(page: Page) -> None:
    await _tab(page, "Replay")
    await page.get_by_role("slider", name="Moment").fill("900")


TALK, TURN = "/conversations/{talk}", "/conversations/{talk}/turns/{message}"
"""Addresses of what is only there when the server has run for a while."""


async def _first_talk(page: Page) -> None:
    """The newest conversation, with its source beside it where there is room."""
    await page.locator(".talks a").first.evaluate("link => link.click()")
    await page.locator(".answer .turn-tools").first.wait_for()
    await page.locator(".step").first.wait_for()
    if (page.viewport_size or {"width": 0})["width"] > NARROW[0]:
        await page.locator(".mark").first.click()
        await page.locator(".cited mark").wait_for()


async def _question(page: Page) -> None:
    """The conversation in which an agent asks a person."""
    await page.locator(".talks a", has_text="report").first.evaluate("link => link.click()")
    await page.get_by_role("button", name="Approve").wait_for()


PAGES: dict[str, tuple[str, Prepare]] = {
    "sign-in": ("/sign-in", _nothing),
    "chat": ("/chat", _first_talk),
    "chat-new": ("/chat", _nothing),
    "chat-approval": ("/chat", _question),
    "overview": ("/overview", lambda page: page.get_by_text("Processes").wait_for()),
    "conversations": ("/conversations", _nothing),
    "conversations-search": ("/conversations?search=office", _nothing),
    "conversation": (TALK, _nothing),
    "turn": (f"{TURN}?part=tool-1-call_1", _nothing),
    "turn-table": (TURN, lambda page: _tab(page, "Table")),
    "turn-replay": (TURN, _half_played),
    "welcome": ("/welcome", _nothing),
    "agents": ("/agents", _nothing),
    "agents-new": ("/agents/new", _nothing),
    "agent": ("/agents/fiberup-support", _nothing),
    "agent-revisions": ("/agents/refunds/revisions?revision=2&view=beside", _nothing),
    "data-sets": ("/data-sets", _nothing),
    "data-set": ("/data-sets/FiberUP (demo)", _nothing),
    "data-set-products": ("/data-sets/FiberUP (demo)?part=products", _nothing),
    "data-set-search": ("/data-sets/FiberUP (demo)?part=search&query=Which router has eight ports?", _nothing),
    "data-set-runs": ("/data-sets/FiberUP (demo)?part=runs", _nothing),
    "document": (
        "/data-sets/FiberUP (demo)",
        lambda page: page.get_by_role("link", name="Better Wi-Fi in the office").click(),
    ),
    "settings-members": ("/settings/members", _nothing),
    "settings-vault": ("/settings/vault", _nothing),
    "settings-webhooks": ("/settings/webhooks", _nothing),
    "settings-webhooks-new": (
        "/settings/webhooks",
        lambda page: page.get_by_role("button", name="New webhook").click(),
    ),
    "settings-schedules": ("/settings/schedules", _nothing),
    "settings-schedule": ("/settings/schedules", lambda page: page.get_by_role("link", name="Morning report").click()),
    "settings-limits": ("/settings/limits", _nothing),
    "settings-audit": ("/settings/audit", _nothing),
    "settings-privacy": ("/settings/privacy", _nothing),
    "settings-models": ("/settings/models", _nothing),
    "settings-organization": ("/settings/organization", _nothing),
    "settings-account": ("/settings/account", _nothing),
    "settings-keys": ("/settings/keys", _nothing),
    "settings-keys-new": ("/settings/keys", lambda page: page.get_by_role("button", name="New key").click()),
}
"""What is taken: the name of the picture, the address, and what is done there before."""


def chats(console: Console, model: ModelThread) -> None:
    """Conversations to look at."""
    console.ask(
        "POST",
        "/agents",
        {
            "name": "Clerk",
            "description": "Writes reports and letters, and asks before it keeps one.",
            "tools": ["write_file", "search_products"],
            "settings": {"approvals": {"rules": [{"tool": "write_file"}], "expires_after_seconds": 86400}},
        },
    )
    report = '{"name": "report.md", "content": "# Routers\\n\\nThe R5 and the R9 were looked at."}'
    search = Call(tool="search_documents", arguments='{"query": "reset router R5"}', call_id="search")
    replies = (
        CallsTools((Call(tool="write_file", arguments=report, call_id="write"),), text="I have what I need."),
        CallsTools((search,), thinking="The quick guide should say how."),
        Says(ANSWER),
    )
    model.does(lambda scripted: scripted.will(*replies))
    for agent, text in (("clerk", "Write a report about our routers"), ("fiberup-support", "How do I reset my R5?")):
        begun = console.ask("POST", "/conversations", {"agent": agent, "message": {"text": text}}).json()
        console.ask("GET", f"/messages/{begun['message']['id']}", wait=3)


async def take(console: Console, names: Sequence[str], talk: Traced) -> None:
    """Take the pictures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=list(LAUNCH))
        for name in names or PAGES:
            path, prepare = PAGES[name]
            path = path.format(talk=talk.conversation, message=talk.message)
            for width, size in (("wide", WIDE), ("narrow", NARROW)):
                for theme in ("light", "dark"):
                    tab = await console.open_tab(
                        browser, size=size, theme="dark" if theme == "dark" else "light", signed_in=path != "/sign-in"
                    )
                    await tab.page.goto(console.address + path)
                    await tab.page.locator("main h1").first.wait_for()
                    await expect(tab.page.locator(".skeleton")).to_have_count(0)
                    await prepare(tab.page)
                    # A page that follows a stream is never without requests: what it shows tells that it is done.
                    await expect(tab.page.locator(".skeleton")).to_have_count(0)
                    await tab.page.screenshot(path=FOLDER / f"{name}-{width}-{theme}.png")
                    await tab.context.close()


def _change_an_agent(console: Console) -> None:
    """An agent with something to compare."""
    instructions = "Answer in two sentences.\nBe kind."
    console.ask("POST", "/agents", {"name": "Refunds", "description": "Refunds charges.", "instructions": instructions})
    change = {
        "instructions": "Answer in one sentence.\nBe kind.\nNever promise a refund.",
        "limits": {"cost_usd": 0.25},
    }
    console.ask("PATCH", "/agents/refunds", {**change, "note": "Shorter, and a limit of cost."})


def furnish(console: Console) -> None:
    """What settings have to show."""
    console.ask("POST", "/members", {"kind": "user", "email": "jo@example.com", "password": "correct horse battery"})
    console.ask("POST", "/members", {"kind": "service", "name": "web shop"})
    console.ask("PUT", "/secrets/CRM_TOKEN", {"value": "x"})
    console.ask("PUT", "/secrets/OPENAI_API_KEY", {"value": "x"})
    hook = {
        "url": "https://93.184.215.14/hooks",
        "description": "Order desk",
        "types": ["approval.*"],
        "enabled": False,
    }
    console.ask("POST", "/webhooks", hook)
    agent = console.ask("GET", "/agents").json()["items"][0]["slug"]
    schedule = {"name": "Morning report", "agent": agent, "text": "say Good morning", "cron": "30 8 * * mon-fri"}
    made = console.ask("POST", "/schedules", {**schedule, "timezone": "Europe/Berlin"})
    console.ask("POST", f"/schedules/{made.json()['id']}/run")


def main() -> None:
    """Start a server, take the pictures, stop it."""
    postgres = TestPostgres(shared_data_dir())
    url = postgres.make_database()
    try:
        with ModelThread() as model, opened_console(url, model_address=model.base_url) as console:
            console.ask("POST", "/keys", {"name": "Dashboard", "scopes": ["read"]})
            console.ask("POST", "/keys", {"name": "Web shop", "scopes": ["read", "converse"]})
            for text in ("say Good morning", "say Of course", "say Tomorrow"):
                answered(console, text)
            _change_an_agent(console)
            furnish(console)
            run = traced(console, model, delay=0.4)
            chats(console, model)
            asyncio.run(take(console, sys.argv[1:], run))
    finally:
        postgres.drop(url)
        postgres.close()


if __name__ == "__main__":
    main()
