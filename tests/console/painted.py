"""`python -m tests.console.painted`: how soon pages of the console are painted, and how soon they show what they are about.

A real server and Chromium on loopback, on a machine that should do nothing else. Cold is the first visit of a profile, warm
each later one. Milliseconds from the beginning of the navigation, medians.
"""

import asyncio
import statistics
from collections.abc import Sequence

import msgspec
from playwright.async_api import Page, async_playwright

from tests.console.browser import CHROMIUM, LAUNCH, Console, opened_console
from tests.console.scripted import ModelThread
from tests.fakes.postgres import TestPostgres, shared_data_dir

PLACES = ("/", "/sign-in", "/chat", "/conversations", "/agents", "/data-sets", "/overview", "/settings/keys")
TIMES = 7
PAINTED = """
new Promise((done) => {
  const look = (list) => list.getEntriesByName("first-contentful-paint").forEach((each) => done(each.startTime));
  new PerformanceObserver(look).observe({ type: "paint", buffered: true });
})
"""
"""JavaScript: when the page was painted, in milliseconds from the beginning of the navigation; it is noted a frame later."""
_READ = f"""
async () => {{
  const painted = await {PAINTED.strip()};
  const asked = performance.getEntriesByType("resource");
  return [painted, performance.now(), asked.length, asked.reduce((sum, each) => sum + each.transferSize, 0)];
}}
"""


async def measure(console: Console) -> None:
    """Print a line for each page."""
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=list(LAUNCH))
        print(f"{'page':<16}{'':6}{'painted':>9}{'shown':>8}{'requests':>10}{'bytes':>10}")
        for path in PLACES:
            cold, warm = list[Sequence[float]](), list[Sequence[float]]()
            for _ in range(TIMES):
                tab = await console.open_tab(browser, signed_in=path not in {"/", "/sign-in"})
                cold.append(await _visit(tab.page, console.address + path))
                warm.append(await _visit(tab.page, console.address + path))
                await tab.context.close()
            for words, found in (("cold", cold), ("warm", warm)):
                painted, shown, requests, size = (statistics.median(each) for each in zip(*found, strict=True))
                print(f"{path:<16}{words:6}{painted:>7.0f}ms{shown:>6.0f}ms{requests:>10.0f}{size:>10.0f}", flush=True)


async def _visit(page: Page, address: str) -> Sequence[float]:
    await page.goto(address, wait_until="commit")
    await page.locator("h1").first.wait_for()
    return msgspec.convert(await page.evaluate(_READ), list[float])


def main() -> None:
    """Start a server and measure."""
    postgres = TestPostgres(shared_data_dir())
    url = postgres.make_database()
    try:
        with ModelThread() as model, opened_console(url, model_address=model.base_url) as console:
            asyncio.run(measure(console))
    finally:
        postgres.drop(url)
        postgres.close()


if __name__ == "__main__":
    main()
