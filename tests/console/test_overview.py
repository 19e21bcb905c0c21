"""Overview: figures, charts, filters, health, and approvals that are decided right there."""

from playwright.async_api import expect

from tests.console.browser import IN_BROWSER, NARROW, Console, Tab
from tests.console.scripted import ModelThread
from tests.console.talking import answered
from tests.console.traced import Traced, begun, until
from tests.fakes.scripted_model import Call, CallsTools, Says

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


async def test_a_call_is_allowed_and_another_denied_right_there(
    tab: Tab, console: Console, console_model: ModelThread, clerk: str
) -> None:
    page = tab.page
    wish = Call(tool="write_file", arguments='{"name": "plan.md", "content": "A plan"}', call_id="write")
    talks: list[Traced] = []
    for words in ("Write it", "Write it again"):
        console_model.does(lambda model: model.will(CallsTools((wish,))))
        talks.append(begun(console, words, agent=clerk))
        until(console, talks[-1].message, "approval.asked")
    console_model.does(lambda model: model.will(Says("It is written."), Says("So I did not.")))
    await tab.open("/overview")
    waiting = page.get_by_role("region", name="Waiting for a decision")
    first, second = (
        waiting.get_by_role("listitem").filter(has=page.locator(f'a[href$="{talk.conversation}"]')) for talk in talks
    )
    await first.get_by_text("With what").click()
    await expect(first).to_contain_text('"name": "plan.md"')
    await tab.check_accessible()

    await first.get_by_role("button", name="Approve").click()
    await expect(first).to_have_count(0)
    await second.get_by_role("button", name="Deny …").click()
    await page.get_by_label("Why").fill("Not this one.")
    await tab.check_accessible()
    await page.get_by_role("dialog").get_by_role("button", name="Deny", exact=True).click()
    await expect(second).to_have_count(0)

    decided = [until(console, talk.message, "approval.decided") for talk in talks]
    assert [(each["state"], each["note"]) for each in decided] == [("approved", None), ("denied", "Not this one.")]
