"""`make screens`: pictures of the console's pages in `docs/screens/`, light and dark, wide and narrow, and a page with all.

Names of pages may follow (`ARGS="chat overview"`); without any, all are taken. The pictures have few colours, so that they
are small (`tests/console/pictures.py`).
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, Page, async_playwright, expect

from tests.console import past, scenes
from tests.console.browser import CHROMIUM, LAUNCH, NARROW, WIDE, Console, opened_console
from tests.console.pictures import smaller
from tests.console.scripted import ModelThread
from tests.console.traced import Traced, traced
from tests.fakes.postgres import TestPostgres, shared_data_dir

FOLDER = Path(__file__).parents[2] / "docs" / "screens"
PATIENCE_MS = 60_000
Prepare = Callable[[Page], Awaitable[object]]


async def _nothing(page: Page) -> None:
    """The page as it is."""


def _press(words: str) -> Prepare:
    return lambda page: page.get_by_role("button", name=words).first.click()


def _open(words: str, shown: str) -> Prepare:
    """Follow a link and wait for something that its page has."""

    async def work(page: Page) -> None:
        await page.get_by_role("link", name=words).first.click()
        await page.locator(shown).first.wait_for()

    return work


async def _tab(page: Page, name: str) -> None:
    await page.get_by_role("tab", name=name).click()


async def _half_played(page: Page) -> None:
    await _tab(page, "Replay")
    await page.get_by_role("slider", name="Moment").fill("900")


async def _first_talk(page: Page) -> None:
    """The newest conversation, with the source of its answer beside it."""
    await page.locator(".talks a").first.evaluate("link => link.click()")
    await page.locator(".answer .turn-tools").first.wait_for()
    await page.locator(".step").first.wait_for()
    await page.locator(".mark").first.click()
    await page.locator(".cited mark").wait_for()
    await page.locator(".talk-scroll").evaluate("box => box.scrollTo(0, 0)")


async def _at_its_end(page: Page) -> None:
    await _first_talk(page)
    await _alone(page)
    await page.locator(".talk-scroll").evaluate("box => box.scrollTo(0, box.scrollHeight)")


async def _alone(page: Page) -> None:
    """Without the source: there is no room for both."""
    await page.get_by_role("button", name="Close the source").click()
    await page.locator("h1").first.evaluate("() => document.activeElement.blur()")


async def _question(page: Page) -> None:
    """The conversation in which an agent asks a person."""
    await page.locator(".talks a", has_text=scenes.REPORT[:20]).first.evaluate("link => link.click()")
    await page.get_by_role("button", name="Approve").wait_for()


@dataclass(frozen=True, slots=True)
class Scene:
    """A page: its address, what is done there before its picture is taken, and what more before the narrow one is."""

    path: str
    prepare: Prepare = _nothing
    narrow: Prepare = _nothing
    signed_in: bool = True


TALK, TURN = "/conversations/{talk}", "/conversations/{talk}/turns/{message}"
"""Addresses of what is only there when the server has run for a while."""
_DEMO = "/data-sets/FiberUP (demo)"
SCENES: dict[str, Scene] = {
    "front": Scene("/", signed_in=False),
    "not-found": Scene("/nowhere", signed_in=False),
    "openapi": Scene("/v1/docs", signed_in=False),
    "sign-in": Scene("/sign-in", signed_in=False),
    "welcome": Scene("/welcome"),
    "chat": Scene("/chat", _first_talk, _alone),
    "chat-code": Scene("/chat", _at_its_end),
    "chat-new": Scene("/chat"),
    "chat-approval": Scene("/chat", _question),
    "overview": Scene("/overview?range=30d", lambda page: page.get_by_text("Processes").wait_for()),
    "conversations": Scene("/conversations"),
    "conversations-search": Scene("/conversations?search=invoice"),
    "conversations-none": Scene("/conversations?search=zebra"),
    "conversation": Scene(TALK),
    "turn": Scene(f"{TURN}?part=tool-1-call_1"),
    "turn-table": Scene(TURN, lambda page: _tab(page, "Table")),
    "turn-replay": Scene(TURN, _half_played),
    "agents": Scene("/agents"),
    "agents-new": Scene("/agents/new"),
    "agent": Scene("/agents/fiberup-support"),
    "agent-revisions": Scene("/agents/billing/revisions?revision=2&view=beside"),
    "data-sets": Scene("/data-sets"),
    "data-set": Scene(_DEMO),
    "data-set-products": Scene(f"{_DEMO}?part=products"),
    "data-set-search": Scene(f"{_DEMO}?part=search&query=Which router has eight ports?"),
    "data-set-runs": Scene("/data-sets/Staff handbook?part=runs"),
    "data-set-errors": Scene("/data-sets/Staff handbook?part=runs", _press("unreadable")),
    "document": Scene(_DEMO, _open("Priority Support package", ".passage")),
    "settings-account": Scene("/settings/account"),
    "settings-keys": Scene("/settings/keys"),
    "settings-keys-new": Scene("/settings/keys", _press("New key")),
    "settings-members": Scene("/settings/members"),
    "settings-vault": Scene("/settings/vault"),
    "settings-webhooks": Scene("/settings/webhooks"),
    "settings-webhooks-new": Scene("/settings/webhooks", _press("New webhook")),
    "settings-webhook": Scene("/settings/webhooks", _open("https://hooks.fiberup.example/orders", "main table")),
    "settings-schedules": Scene("/settings/schedules"),
    "settings-schedule": Scene("/settings/schedules", _open("Morning report", ".chips")),
    "settings-limits": Scene("/settings/limits"),
    "settings-models": Scene("/settings/models"),
    "settings-audit": Scene("/settings/audit"),
    "settings-privacy": Scene("/settings/privacy"),
    "settings-organization": Scene("/settings/organization"),
}
"""What is taken, by the names of the pictures."""
_SHOW_CURRENT = """
() => new Promise((done) => {
  const current = document.querySelectorAll(".tabs :is([aria-current], [aria-selected=true])");
  for (const each of current) each.scrollIntoView({ inline: "center", block: "nearest" });
  document.fonts.ready.then(() => requestAnimationFrame(() => requestAnimationFrame(done)));
})
"""


async def take(console: Console, names: Sequence[str], talk: Traced) -> None:
    """Take the pictures: each page is opened once, and looked at in four ways."""
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=list(LAUNCH))
        reader = await browser.new_page()
        for name in names or SCENES:
            for width, theme, png in await looks(console, browser, SCENES[name], talk):
                (FOLDER / f"{name}-{width}-{theme}.png").write_bytes(await smaller(reader, png))


async def looks(console: Console, browser: Browser, scene: Scene, talk: Traced) -> list[tuple[str, str, bytes]]:
    """One page: wide and narrow, light and dark."""
    tab = await console.open_tab(browser, size=WIDE, signed_in=scene.signed_in)
    page, found = tab.page, list[tuple[str, str, bytes]]()
    tab.context.set_default_timeout(PATIENCE_MS)
    await page.goto(console.address + scene.path.format(talk=talk.conversation, message=talk.message))
    await page.locator("h1").first.wait_for()
    await expect(page.locator(".skeleton")).to_have_count(0, timeout=PATIENCE_MS)
    await scene.prepare(page)
    # A page that follows a stream is never without requests: what it shows tells that it is done.
    await expect(page.locator(".skeleton")).to_have_count(0, timeout=PATIENCE_MS)
    widths: tuple[tuple[str, tuple[int, int]], ...] = (("wide", WIDE), ("narrow", NARROW))
    for width, size in widths:
        await page.set_viewport_size({"width": size[0], "height": size[1]})
        if width == "narrow":
            await scene.narrow(page)
        themes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
        for theme in themes:
            await page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            await page.evaluate(_SHOW_CURRENT)
            found.append((width, theme, await page.screenshot()))
    await tab.context.close()
    return found


def gallery() -> str:
    """The page that shows all pictures."""
    rows = [
        f"## {name}\n\n"
        f'<img src="{name}-wide-light.png" width="49%" alt="{name}, light"> '
        f'<img src="{name}-wide-dark.png" width="49%" alt="{name}, dark">\n'
        f'<img src="{name}-narrow-light.png" width="24%" alt="{name}, light, on a telephone"> '
        f'<img src="{name}-narrow-dark.png" width="24%" alt="{name}, dark, on a telephone">\n'
        for name in SCENES
    ]
    return "# The console in pictures\n\n`make screens` takes them again.\n\n" + "\n".join(rows)


def main() -> None:
    """Start a server, take the pictures, stop it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "README.md").write_text(gallery())
    postgres = TestPostgres(shared_data_dir())
    url = postgres.make_database()
    try:
        with (
            ModelThread() as model,
            opened_console(url, *scenes.FLAGS, model_address=model.base_url) as console,
            scenes.told(console),
        ):
            scenes.furnish(console, model)
            past.move(url, scenes.talk_much(console))
            run = traced(console, model, delay=0.4)
            scenes.talk_now(console, model)
            past.name_receivers(url)
            asyncio.run(take(console, sys.argv[1:], run))
    finally:
        postgres.drop(url)
        postgres.close()


if __name__ == "__main__":
    main()
