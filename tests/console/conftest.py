"""A real browser on a real server: one of each for all tests of this process, and a fresh profile for each test.

A test fails when its pages say anything on the browser's console, throw, or ask another host for something. Without
Chromium, or without its driver, these tests are left out, and the summary says so.
"""

from collections.abc import AsyncGenerator, Generator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, async_playwright, expect

from tests.console.browser import (
    CHROMIUM,
    LAUNCH,
    NOT_OPTIMIZED,
    PATIENCE_MS,
    Console,
    Tab,
    closed_tab,
    copied_console,
    new_profile,
)
from tests.console.scripted import ModelThread
from tests.fakes.demo import made_demo
from tests.fakes.postgres import TestPostgres


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncGenerator[Browser]:
    """Debian's Chromium, without a window."""
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as driver:
        yield await driver.chromium.launch(
            executable_path=CHROMIUM,
            args=[*LAUNCH, NOT_OPTIMIZED],
        )


@pytest.fixture(scope="session")
def console_model() -> Generator[ModelThread]:
    """The model behind the console's server; it lives beside the tests, so that it answers while they wait."""
    with ModelThread() as model:
        yield model


@pytest.fixture(scope="session")
def console(test_postgres: TestPostgres, console_model: ModelThread) -> Generator[Console]:
    """A server process with the demo, in which the first admin has a password."""
    demo = made_demo(test_postgres)
    url = test_postgres.make_database(demo.database_url)
    # Receivers of webhooks stand on loopback; programs as MCP servers are for operators.
    flags = ("--webhook-private-addresses", "--admins-are-operators", "--ollama-base-url", console_model.embedding_url)
    with copied_console(demo, url, *flags, model_address=console_model.base_url) as console:
        yield console
    test_postgres.drop(url)


@pytest.fixture(scope="session")
def clerk(console: Console) -> str:
    """The slug of an agent that writes files, and asks before."""
    approvals = {"rules": [{"tool": "write_file"}], "expires_after_seconds": 3600}
    settings = {"approvals": approvals, "overlap": "interrupt"}
    made = console.ask("POST", "/agents", {"name": "Clerk", "tools": ["write_file"], "settings": settings})
    return str(made.json()["slug"])


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def profile(browser: Browser, console: Console) -> BrowserContext:
    """The profile of all tabs. Its first one stays: the process behind it, and what that has compiled, is theirs too."""
    profile = await new_profile(browser)
    await (await profile.new_page()).goto(f"{console.address}/healthz")
    return profile


@pytest_asyncio.fixture(loop_scope="session")
async def tab(profile: BrowserContext, console: Console) -> AsyncGenerator[Tab]:
    """A tab of a profile that knows nothing, in which the admin is signed in."""
    tab = await console.open_tab_anew(profile)
    yield tab
    tab.check()


@pytest_asyncio.fixture(loop_scope="session")
async def lone_tab(browser: Browser, console: Console) -> AsyncGenerator[Tab]:
    """The same in a profile of its own, which ends with the test: for one that moves the clock, which is the profile's."""
    tab = await console.open_tab(browser)
    yield tab
    await closed_tab(tab)
    tab.check()


@pytest_asyncio.fixture(loop_scope="session")
async def stranger(profile: BrowserContext, console: Console) -> AsyncGenerator[Tab]:
    """A tab of a profile that knows nothing, in which nobody is signed in."""
    tab = await console.open_tab_anew(profile, signed_in=False)
    yield tab
    tab.check()
