"""Settings of what runs and what it costs: limits, schedules, the audit log, privacy, models, the organization."""

import re
from pathlib import Path

from playwright.async_api import expect

from tests.console.browser import IN_BROWSER, Console, Tab
from turnkeeper.core.audit import ACTIONS

pytestmark = IN_BROWSER
PAGES = Path(__file__).parents[2] / "turnkeeper" / "web" / "static" / "pages" / "settings"


async def test_limits_are_set_and_usage_is_told_apart(tab: Tab, console: Console) -> None:
    tab.expected.append("400")
    page = tab.page
    await tab.open("/settings/limits")

    await page.get_by_label("US dollars a day").fill("20.5")
    await page.get_by_label("Model calls a turn").fill("0")
    await page.get_by_role("button", name="Save the limits").click()
    await expect(page.locator('[data-field="model_calls"] .fault')).not_to_be_empty()
    await page.get_by_label("Model calls a turn").fill("9")
    await page.get_by_role("button", name="Save the limits").click()
    await expect(page.get_by_role("status").filter(has_text="limits are saved")).to_be_visible()
    limits = console.ask("GET", "/limits").json()
    assert (limits["cost_usd_a_day"], limits["model_calls"], limits["tokens"]) == (20.5, 9, None)
    await page.get_by_label("Told apart").select_option("agent")
    await page.wait_for_url("**/settings/limits?by=agent")
    await expect(page.get_by_role("link", name="As CSV")).to_have_attribute("href", re.compile("group_by=agent"))
    await tab.check_accessible()
    await tab.check_narrow()
    console.ask("PUT", "/limits", {})


async def test_a_schedule_is_made_run_paused_and_deleted(tab: Tab) -> None:
    tab.expected.append("400")
    page = tab.page
    await tab.open("/settings/schedules")

    await page.get_by_role("button", name="New schedule").click()
    await page.get_by_label("Name").fill("Morning report")
    await page.get_by_label("Message").fill("say Good morning")
    await page.get_by_label("When").fill("0 9 * * mon,wed")
    await expect(page.get_by_role("dialog").get_by_role("status")).to_have_text("At 09:00 on Monday and Wednesday.")
    await page.get_by_label("Time zone").select_option("Europe/Berlin")
    ticks = page.get_by_role("list", name="Next times").get_by_role("listitem")
    await expect(ticks).to_have_text([re.compile("(Mon|Wed).* 09:00")] * 5)
    await page.get_by_label("When").fill("0 9 30 2 *")
    await expect(page.get_by_role("dialog").get_by_text("names no moment")).to_be_visible()
    await page.get_by_label("When").fill("0 9 * * mon,wed")
    await expect(ticks).to_have_count(5)
    await tab.check_accessible()
    await page.get_by_role("button", name="Make the schedule").click()
    await expect(page.get_by_role("heading", name="Morning report")).to_be_visible()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(ticks).to_have_count(5)
    await page.get_by_role("button", name="Run now").click()
    await expect(page.get_by_role("row").filter(has_text="by hand").get_by_text("accepted")).to_be_visible()
    await tab.check_accessible()
    await page.get_by_role("button", name="What to do").click()
    await page.get_by_role("menuitem", name="Pause").click()
    await expect(page.get_by_text("paused", exact=True)).to_be_visible()
    await page.get_by_role("button", name="What to do").click()
    await page.get_by_role("menuitem", name="Delete").click()
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(page.get_by_role("heading", name="No schedules yet")).to_be_visible()
    await tab.check_narrow()


async def test_a_run_by_hand_that_is_refused_is_told(tab: Tab, console: Console) -> None:
    page = tab.page
    body = {
        "name": "Nightly",
        "agent": "fiberup-support",
        "text": "say Good night",
        "cron": "0 3 * * *",
        "timezone": "UTC",
    }
    schedule = console.ask("POST", "/schedules", body).json()["id"]
    refused = {"outcome": "refused", "reason": "Its limit for today is reached."}
    await page.route("**/v1/schedules/*/run", lambda route: route.fulfill(json=refused))
    await tab.open(f"/settings/schedules/{schedule}")

    await page.get_by_role("button", name="Run now").click()

    await expect(page.get_by_role("alert").filter(has_text="Its limit for today is reached.")).to_be_visible()
    console.ask("DELETE", f"/schedules/{schedule}")


async def test_the_audit_log_is_filtered_opened_and_verified(tab: Tab, console: Console) -> None:
    console.ask("POST", "/keys", {"name": "Audited", "scopes": ["read"]})
    page = tab.page
    await tab.open("/settings/audit")

    await page.get_by_label("Action").select_option("key.created")
    await page.wait_for_url("**/settings/audit?action=key.created")
    await expect(page.get_by_role("button", name=re.compile(r"^(?!key\.created).*\..*"))).to_have_count(0)
    await page.get_by_role("button", name="key.created").first.click()
    await expect(page.get_by_role("dialog").get_by_label("Hash", exact=True)).to_have_value(re.compile("[0-9a-f]{64}"))
    await tab.check_accessible()
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Verify the log").click()
    await expect(page.get_by_role("heading", name="The log is whole")).to_be_visible()
    await page.keyboard.press("Escape")
    await tab.check_accessible()
    await tab.check_narrow()


async def test_keeping_less_asks_first_and_an_erasure_has_a_receipt(tab: Tab, console: Console) -> None:
    agent = console.ask("GET", "/agents").json()["items"][0]["id"]
    talk = console.ask("POST", "/conversations", {"agent": agent}).json()["id"]
    page = tab.page
    await tab.open("/settings/privacy")

    await page.get_by_label("Files, days").fill("3650")
    await page.get_by_role("button", name="Save").click()
    await page.get_by_role("button", name="Keep less").click()
    await expect(page.get_by_role("status").filter(has_text="kept as you say")).to_be_visible()
    assert console.ask("GET", "/retention").json()["files_days"] == 3650
    await page.get_by_role("button", name="Erase …").click()
    await page.get_by_label("What").select_option("conversation_id")
    await page.get_by_label("Conversation", exact=True).fill(talk)
    await tab.check_accessible()
    await page.get_by_role("button", name="Erase", exact=True).click()
    await page.get_by_role("button", name="Erase for good").click()
    row = page.get_by_role("row").filter(has_text=talk)
    await row.get_by_role("button").click()
    await expect(page.get_by_role("heading", name="Receipt")).to_be_visible()
    await tab.check_accessible()
    await page.keyboard.press("Escape")
    await tab.check_narrow()
    console.ask("PUT", "/retention", {})


async def test_models_tools_and_the_organization_are_shown(tab: Tab) -> None:
    page = tab.page
    await tab.open("/settings/models")
    await expect(page.get_by_role("table", name="Tools")).to_contain_text("search_documents")
    await page.get_by_label("Search models").fill("gpt-4.1-mini")
    await expect(page.get_by_text("openai:gpt-4.1-mini").first).to_be_visible()
    await tab.check_accessible()
    await tab.check_narrow()

    await tab.open("/settings/organization")
    await expect(page.get_by_role("table", name="Organizations")).to_contain_text("Default")
    await tab.check_accessible()
    await tab.check_fits()


async def test_the_page_of_the_audit_log_knows_every_action() -> None:
    listed = re.search(r"const ACTIONS = \[(.*?)\];", (PAGES / "audit.js").read_text(), re.DOTALL)

    assert listed is not None
    assert re.findall(r'"(\S+)"', listed[1]) == list(ACTIONS)
