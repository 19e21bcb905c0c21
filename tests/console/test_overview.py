"""Overview: figures, charts, filters, health, and approvals that are decided right there."""

from playwright.async_api import expect

from tests.console.browser import IN_BROWSER, NARROW, Console, Tab
from tests.console.talking import answered

pytestmark = IN_BROWSER


async def test_turns_are_shown_as_figures_charts_and_tables(tab: Tab, console: Console) -> None:
    page = tab.page
    for text in ("say one", "say two"):
        answered(console, text)

    await tab.open("/overview")

    await expect(page.get_by_text("In the queue now")).to_be_visible()
    await expect(page.locator("figure.chart canvas")).to_have_count(5)
    await tab.check_accessible()
    await page.get_by_role("button", name="Table: Turns").press("Enter")
    await expect(page.get_by_role("table", name="Turns").get_by_role("row").nth(1)).to_be_visible()
    await page.get_by_label("Time").select_option("7d")
    await page.wait_for_url("**/overview?range=7d")
    await page.get_by_label("Agent").select_option(label=console.ask("GET", "/agents").json()["items"][-1]["name"])
    await expect(page.get_by_role("heading", name="Processes")).to_be_visible()
    await expect(page.get_by_text("under way", exact=False).first).to_be_visible()
    await page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    await tab.check_fits()
    await page.reload()
    await expect(page.get_by_label("Time")).to_have_value("7d")
