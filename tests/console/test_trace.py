"""The timeline of one turn, its replay, and conversations from the list to their end."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.console.browser import IN_BROWSER, NARROW, Console, Tab
from tests.console.scripted import ModelThread
from tests.console.traced import QUESTION, Traced, begun, traced
from tests.fakes.scripted_model import Stalls

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

    console_model.release()

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


async def test_conversations_are_found_by_words_and_filters_that_stay_in_the_address(tab: Tab, talk: Traced) -> None:
    page = tab.page
    await tab.open("/conversations")
    link = page.locator(f'tbody a[href*="{talk.conversation}"]')
    await expect(link).to_have_text(QUESTION)
    await tab.check_accessible()

    await page.get_by_label("Search in messages").fill("backups")
    await expect(page.locator("tbody mark").first).to_have_text("backups")
    await page.get_by_label("Tag or key=value").fill("sales")
    await page.get_by_label("From").select_option("web")
    await expect(page.get_by_role("heading", name="No conversations")).to_be_visible()
    await page.get_by_label("From").select_option("api")
    await expect(link).to_have_text(QUESTION)
    await page.reload()
    await expect(link).to_have_text(QUESTION)
    await expect(page.get_by_label("Search in messages")).to_have_value("backups")

    await link.click()
    await expect(page.locator(".entry.wanted")).to_contain_text("backups at night")


async def test_a_conversation_is_read_renamed_labelled_forked_and_taken_along(
    tab: Tab, console: Console, talk: Traced, tmp_path: Path
) -> None:
    page = tab.page
    await tab.open(f"/conversations/{talk.conversation}")
    await expect(page.get_by_role("listitem").filter(has_text="Business 500").first).to_be_visible()
    await tab.check_accessible()
    await choose(tab, "Labels")
    await page.get_by_label("Tags").fill("sales, <b>new</b>")
    await page.get_by_label("Metadata").fill("ticket=4711")
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator(".talk-head .tags")).to_have_text("sales<b>new</b>ticket=4711")
    async with page.expect_download() as download:
        await choose(tab, "Export as JSON")
    await (await download.value).save_as(tmp_path / "talk.json")

    await page.get_by_role("button", name="What to do with this message").last.click()
    await page.get_by_role("menuitem", name="Fork from here").click()
    await expect(page).not_to_have_url(f"{tab.address}/conversations/{talk.conversation}")
    await expect(page.get_by_role("listitem").filter(has_text="Business 500").first).to_be_visible()
    await choose(tab, "Rename")
    await page.get_by_label("Title").fill("Another way")
    await page.get_by_role("button", name="Rename").click()
    await expect(page.get_by_role("heading", name="Another way")).to_be_visible()
    await choose(tab, "Delete")
    await page.get_by_role("button", name="Delete for good").click()
    await expect(page).to_have_url(f"{tab.address}/conversations")

    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Import").click()
    await (await chooser.value).set_files(tmp_path / "talk.json")
    await expect(page.locator(".talk-head .tags")).to_have_text("sales<b>new</b>ticket=4711")


async def test_what_is_said_elsewhere_comes_in_by_itself(
    tab: Tab, console: Console, console_model: ModelThread
) -> None:
    talk = begun(console, "say First.")
    page = tab.page
    await tab.open(f"/conversations/{talk.conversation}")
    await expect(page.locator(".entry.assistant")).to_contain_text(["First."])

    console.ask("POST", f"/conversations/{talk.conversation}/messages", {"text": "say Second."})

    await expect(page.locator(".entry.assistant")).to_contain_text(["First.", "Second."])
    await page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    await tab.check_fits()
    console.ask("DELETE", f"/conversations/{talk.conversation}")
    await expect(page.get_by_role("heading", name="It is gone")).to_be_visible()


async def choose(tab: Tab, name: str) -> None:
    """Choose from the conversation's menu."""
    await tab.page.get_by_role("button", name="What to do with the conversation").click()
    await tab.page.get_by_role("menuitem", name=name).click()
