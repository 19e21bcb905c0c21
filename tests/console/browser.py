"""What tests of the console have in hand: a server, tabs that notice every complaint, and axe."""

import base64
import importlib.util
import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec
import pytest
import requests

from tests.fakes.demo import COOKIE, Demo, demo_server, signed_in
from tests.left_out import not_installed
from tests.server_process import ServerProcess, started_server

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, CDPSession, ConsoleMessage, Page

SHELL, WHOLE = "/usr/bin/chromium-headless-shell", "/usr/bin/chromium"
CHROMIUM = SHELL if Path(SHELL).exists() else WHOLE
"""Chromium without the windows around its pages where it is there: a page takes a quarter of the CPU."""
LEFT_OUT = not_installed(f"{WHOLE}, in which the console is tried (Debian: apt-get install chromium-headless-shell)")
LAUNCH = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--process-per-site",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
"""No other host is found, whoever asks for it."""
NOT_OPTIMIZED = "--js-flags=--no-maglev --no-turbofan --always-sparkplug"
"""For tests, whose pages do not live long enough for compilers that optimize; not where time is measured."""
PATIENCE_MS = 20_000
_KEPT_BY_PAGES = "local_storage,indexeddb,cache_storage,service_workers,file_systems"
WIDE, NARROW = (1440, 900), (360, 740)
_VAULT = ("--vault-key", base64.b64encode(bytes(32)).decode())
_AXE = Path(__file__).parent / "vendor" / "axe.min.js"
_MOVED_SIDEWAYS = ".table-scroll, .tabs, .diff, pre, textarea, input"
_TOO_WIDE = """
(moved) => {
  const name = (each) => `${each.tagName.toLowerCase()}.${String(each.className).replaceAll(" ", ".")}`;
  const found = [];
  for (const each of [document.documentElement, ...document.body.querySelectorAll("*")]) {
    const sideways = each === document.documentElement || /auto|scroll|clip/.test(getComputedStyle(each).overflowX);
    if (!sideways || each.matches(moved) || each.clientWidth === 0 || each.scrollWidth <= each.clientWidth) continue;
    const right = each.getBoundingClientRect().right;
    const inside = [...each.querySelectorAll("*")].filter((inner) => !inner.parentElement.closest(moved));
    const child = inside.find((inner) => inner.getBoundingClientRect().right > right + 1);
    const missing = each.scrollWidth - each.clientWidth;
    found.push(`${name(each)} is ${missing} px too narrow for ${child ? name(child) : "its content"}.`);
  }
  return found;
}
"""
"""Whatever is cut off at its right, or can be moved sideways although nobody would look for that."""


def has_browser() -> bool:
    """Whether there is a browser, and something to drive it."""
    return Path(CHROMIUM).exists() and importlib.util.find_spec("playwright") is not None


IN_BROWSER = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.skipif(not has_browser(), reason=LEFT_OUT)]
"""The marks of every module of such tests: all share one event loop, in which the browser lives."""


class Violation(msgspec.Struct):
    """What axe found."""

    id: str
    help: str
    nodes: list[str]


@dataclass(kw_only=True, slots=True)
class Tab:
    """A tab, and all that it complained of."""

    page: "Page"
    context: "BrowserContext"
    address: str
    complaints: list[str] = field(default_factory=list[str])
    expected: list[str] = field(default_factory=list[str])
    """Patterns of complaints that the test causes on purpose."""
    devtools: "CDPSession | None" = None
    """The browser's own protocol, once it was needed."""

    async def open(self, path: str) -> None:
        """Visit a page of the console and wait until it shows its name."""
        await self.page.goto(self.address + path)
        await self.page.locator("main h1, main h2").first.wait_for()

    async def as_browser(self, method: str, **parameters: object) -> None:
        """Have the browser do what scripts cannot: `Input.imeSetComposition`, a drop of folders."""
        self.devtools = self.devtools or await self.context.new_cdp_session(self.page)
        await self.devtools.send(method, parameters)  # pyright: ignore[reportUnknownMemberType] - typed by nobody

    async def check_accessible(self) -> None:
        """Fail when axe finds anything against the page as it is."""
        if not await self.page.evaluate("'axe' in window"):
            # Not through the driver's `evaluate`, which evaluates it within a script of its own: a third more CPU.
            await self.as_browser("Runtime.evaluate", expression=_AXE.read_text())
        found = await self.page.evaluate(
            "async () => JSON.stringify((await axe.run({resultTypes: ['violations']})).violations.map(v =>"
            " ({id: v.id, help: v.help, nodes: v.nodes.map(n => n.html + ' ' + (n.any[0]?.message ?? ''))})))"
        )
        violations = msgspec.json.decode(found, type=list[Violation])
        assert violations == [], "\n".join(f"{each.id}: {each.help} {each.nodes}" for each in violations)

    async def check_fits(self) -> None:
        """Fail when the page, or anything in it that is not meant to be moved sideways, is wider than its place."""
        too_wide = msgspec.convert(await self.page.evaluate(_TOO_WIDE, _MOVED_SIDEWAYS), list[str])
        assert too_wide == [], "\n".join(too_wide)

    async def check_narrow(self) -> None:
        """The same on a telephone; the tab stays as narrow."""
        await self.page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
        await self.check_fits()

    def check(self) -> None:
        """Fail when the tab complained of anything that the test does not expect."""
        left = [each for each in self.complaints if not any(re.search(known, each) for known in self.expected)]
        assert left == [], left

    def watch(self) -> None:
        """Note every complaint from now on."""
        # Functions, not methods: the driver would keep something in an object that has no room for it.
        self.page.on("console", lambda message: self._said(message))  # noqa: PLW0108
        self.page.on("pageerror", lambda error: self.complaints.append(f"thrown: {error}"))
        self.page.on("framenavigated", lambda frame: self._went(frame.url))

    def _said(self, message: "ConsoleMessage") -> None:
        if message.type in {"error", "warning", "assert"}:
            self.complaints.append(f"{message.type}: {message.text}")

    def _went(self, url: str) -> None:
        if not url.startswith((self.address, "about:blank")):
            self.complaints.append(f"went to another host: {url}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Console:
    """A server with somebody who may sign in."""

    server: ServerProcess
    cookie: str
    database_url: str

    @property
    def address(self) -> str:
        """Where it is."""
        return self.server.address

    async def open_tab(
        self,
        browser: "Browser",
        *,
        signed_in: bool = True,
        size: tuple[int, int] = WIDE,
        theme: Literal["light", "dark"] = "light",
    ) -> Tab:
        """A tab of a fresh profile."""
        return await self._tab(await new_profile(browser, size=size, theme=theme), signed_in=signed_in)

    async def open_tab_anew(self, profile: "BrowserContext", *, signed_in: bool = True) -> Tab:
        """A tab of a profile that forgot all but how scripts are compiled; its other tabs close, but for the first."""
        for page in profile.pages[1:]:
            await page.close()
        await profile.set_offline(False)
        await profile.clear_cookies()
        tab = await self._tab(profile, signed_in=signed_in)
        # Once nobody is left who could write.
        await tab.as_browser("Storage.clearDataForOrigin", origin=self.address, storageTypes=_KEPT_BY_PAGES)
        return tab

    async def _tab(self, profile: "BrowserContext", *, signed_in: bool) -> Tab:
        if signed_in:
            await profile.add_cookies([{"name": COOKIE, "value": self.cookie, "url": self.address}])
        tab = Tab(page=await profile.new_page(), context=profile, address=self.address)
        tab.watch()
        return tab

    def ask(self, method: str, path: str, body: object = None, *, wait: int = 0) -> requests.Response:
        """Ask the API with the first key, for what a test needs to be there; `wait` for a message's end, in seconds."""
        headers = {"Authorization": f"Bearer {self.server.key}", "Content-Type": "application/json"}
        if wait:
            headers["Prefer"] = f"wait={wait}"
        sent = None if body is None else msgspec.json.encode(body)
        return requests.request(method, f"{self.address}/v1{path}", data=sent, headers=headers, timeout=10 + wait)


async def new_profile(
    browser: "Browser", *, size: tuple[int, int] = WIDE, theme: Literal["light", "dark"] = "light"
) -> "BrowserContext":
    """A profile that knows nothing."""
    profile = await browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=theme, locale="en-GB", reduced_motion="reduce"
    )
    profile.set_default_timeout(PATIENCE_MS)
    return profile


async def closed_tab(tab: Tab) -> None:
    """Close a tab and its profile."""
    await tab.context.close()


def model_flags(address: str) -> tuple[str, ...]:
    """How a server is told of the scripted model."""
    return ("--model", "openai:scripted", "--openai-base-url", address, "--openai-api-key", "key")


@contextmanager
def opened_console(database_url: str, *flags: str, model_address: str) -> Generator[Console]:
    """A server process after its first start; its admin came by the link that it printed, and has set a password."""
    with started_server("--database-url", database_url, *model_flags(model_address), *_VAULT, *flags) as server:
        yield Console(server=server, cookie=signed_in(server), database_url=database_url)


@contextmanager
def copied_console(demo: Demo, copy_url: str, *flags: str, model_address: str) -> Generator[Console]:
    """The same over a copy of the demo's database."""
    with demo_server(demo, copy_url, *model_flags(model_address), *_VAULT, *flags) as server:
        yield Console(server=server, cookie=demo.cookie, database_url=copy_url)
