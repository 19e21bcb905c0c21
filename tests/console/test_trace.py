"""The timeline of one turn, its replay, and conversations from the list to their end."""

import pytest

from tests.console.browser import IN_BROWSER, NARROW, Console, Tab, has_browser
from tests.console.scripted import ModelThread
from tests.console.traced import QUESTION, Traced, begun, traced
from tests.fakes.scripted_model import Stalls

if has_browser():
    from playwright.async_api import expect

pytestmark = IN_BROWSER


@pytest.fixture(scope="module")
def talk(console: Console, console_model: ModelThread) -> Traced:
    """A conversation in which much happened."""
    return traced(console, console_model)


async def test_the_timeline_shows_what_ran_when_and_what_went_in_and_out(tab: Tab, talk: Traced) -> None:
    page = tab.page
    await tab.open(f"/conversations/{talk.conversation}/turns/{talk.message}")
    bars = page.get_by_role("listbox", name="Parts of the turn")
    names = [
        "Queue",
        "Attempt 1",
        "Model call 1",
        "search_documents",
        "search_documents",
        "Model call 2",
        "Until it began",
    ]
    names += ["Attempt 2", "Model call 2", "write_file", "Attempt 3", "write_file", "Model call 3"]
    await expect(bars.get_by_role("option")).to_contain_text(names)
    await expect(bars.get_by_role("option").nth(5)).to_contain_text("cut off")
    await expect(bars.get_by_role("option").nth(8)).to_contain_text("made again")
    await tab.check_accessible()

    await bars.get_by_role("option").nth(2).focus()
    await page.keyboard.press("ArrowDown")
    beside = page.get_by_role("complementary", name="Details")
    await expect(beside).to_contain_text('"query": "business plans prices"')
    await expect(beside.get_by_role("listitem")).to_have_count(6)
    await page.reload()
    await expect(beside).to_contain_text('"query": "business plans prices"')
    await page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    await tab.check_fits()

    await page.get_by_role("tab", name="Table").click()
    await expect(page.get_by_role("row", name="Model call 3")).to_contain_text("done")
    await tab.check_accessible()


async def test_a_turn_that_runs_grows_until_its_end(tab: Tab, console: Console, console_model: ModelThread) -> None:
    console_model.does(lambda model: model.will(Stalls("Half of")))
    talk = begun(console, "What now?")
    page = tab.page
    await tab.open(f"/conversations/{talk.conversation}/turns/{talk.message}")
    await expect(page.locator(".trace-head")).to_contain_text("Running")
    model_call = page.get_by_role("option").filter(has_text="Model call 1")
    await expect(model_call.locator(".bar")).to_have_class("bar running")

    console_model.does(lambda model: model.release())

    await expect(page.locator(".trace-head")).to_contain_text("Answered")
    await expect(model_call.locator(".bar")).to_have_class("bar")


async def test_an_old_turn_is_played_as_it_came(tab: Tab, talk: Traced) -> None:
    page = tab.page
    await tab.open(f"/conversations/{talk.conversation}/turns/{talk.message}")
    await page.get_by_role("tab", name="Replay").click()
    stage = page.get_by_role("region", name="What was to be seen")
    await expect(stage).to_contain_text(QUESTION)
    await expect(stage).not_to_contain_text("Business 500")

    await page.get_by_label("Speed").select_option("10")
    await page.get_by_role("button", name="Play").click()

    await expect(stage).to_contain_text("Business 500")
    await expect(stage).to_contain_text("Answered")
    await expect(page.get_by_role("button", name="Play")).to_be_visible()
    await tab.check_accessible()
    await page.get_by_role("slider", name="Moment").fill("0")
    await expect(stage).not_to_contain_text("Business 500")
