"""The TypeScript client in a page of another origin, and in a worker of one: streams, resumes, aborts, repeats safely."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from aiohttp import web
from playwright.async_api import Browser

from tests.clients.typescript import NEEDS_NODE, TYPESCRIPT, compile_typescript
from tests.console.browser import IN_BROWSER, PATIENCE_MS, copied_console
from tests.console.scripted import ModelThread
from tests.fakes.demo import made_demo
from tests.fakes.postgres import TestPostgres
from tests.patience import PROCESS_PATIENCE

pytestmark = [*IN_BROWSER, NEEDS_NODE]

IN_THE_PAGE = "async given => JSON.stringify(await (await import('/browser.mjs')).run({ ...given, place: 'page' }))"
IN_A_WORKER = """given => new Promise((resolve, reject) => {
  const worker = new Worker('/browser.mjs', { type: 'module' });
  worker.onmessage = ({ data }) => resolve(JSON.stringify(data));
  worker.onerror = error => reject(error.message);
  worker.postMessage({ ...given, place: 'worker' });
})"""
TOLD = {
    "isWhole": True,
    "wentOn": True,
    "keys": [2, 1],
    "isThereOnce": True,
    "aborted": "AbortError",
    "refused": [400, "/colour", True],
    "version": True,
    "file": "From a page.",
}


class Agent(msgspec.Struct):
    slug: str


class Agents(msgspec.Struct):
    items: list[Agent]


async def test_a_page_of_an_allowed_origin_and_its_worker_stream_resume_abort_and_repeat_safely(
    browser: Browser, console_model: ModelThread, test_postgres: TestPostgres, tmp_path: Path
) -> None:
    compile_typescript(tmp_path / "dist")
    demo = made_demo(test_postgres)
    url = test_postgres.make_database(demo.database_url)
    async with _site(tmp_path / "dist") as origin:
        flags = ("--cors-origins", origin)
        with copied_console(demo, url, *flags, model_address=console_model.base_url) as console:
            agents = msgspec.json.decode(console.ask("GET", "/agents").content, type=Agents)
            given = {"address": console.address, "key": console.server.key, "agent": agents.items[0].slug}
            context = await browser.new_context()
            context.set_default_timeout(PATIENCE_MS)
            page = await context.new_page()
            await page.goto(origin)
            async with asyncio.timeout(PROCESS_PATIENCE):
                told = [await page.evaluate(script, given) for script in (IN_THE_PAGE, IN_A_WORKER)]
            await context.close()
    test_postgres.drop(url)

    assert [msgspec.json.decode(each) for each in told] == [TOLD, TOLD]


@asynccontextmanager
async def _site(dist: Path) -> AsyncGenerator[str]:
    """A site with an empty page, the client and the script; its origin."""

    async def page(request: web.Request) -> web.StreamResponse:
        return web.Response(text="<!doctype html><title>A shop</title>", content_type="text/html")

    async def script(request: web.Request) -> web.StreamResponse:
        return web.Response(
            text=(TYPESCRIPT / "test" / "browser.mjs").read_text(), content_type="text/javascript", charset="utf-8"
        )

    app = web.Application()
    app.router.add_get("/", page)
    app.router.add_get("/browser.mjs", script)
    app.router.add_static("/dist", dist)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
