"""Settings of the organization: members, the vault, webhooks."""

import re

from playwright.async_api import Locator, expect

from tests.console.browser import IN_BROWSER, Console, Tab
from tests.fakes.webhook_receiver import Answers, WebhookReceiver

pytestmark = IN_BROWSER


async def choose(row: Locator, words: str) -> None:
    """Open what can be done to a row, and choose one of it."""
    await row.get_by_role("button", name="What to do").click()
    await row.page.get_by_role("menuitem", name=words).click()


async def test_a_member_is_added_given_a_data_set_and_shut_out(tab: Tab, console: Console) -> None:
    tab.expected.append("400")
    page = tab.page
    await tab.open("/settings/members")

    await page.get_by_role("button", name="Add a member").click()
    await page.get_by_role("button", name="Add", exact=True).click()
    await expect(page.locator('[data-field="email"] .fault')).not_to_be_empty()
    await tab.check_accessible()
    await page.get_by_label("E-mail address").fill("jo@example.com")
    await page.get_by_label("Password", exact=True).fill("correct horse battery")
    await page.get_by_role("button", name="Add", exact=True).click()
    row = page.get_by_role("row").filter(has_text="jo@example.com")
    await choose(row, "Make a link to sign in")
    assert "/sign-in#code=tkc_" in await page.get_by_label("The link").input_value()
    await page.get_by_role("button", name="I have it").click()
    await choose(row, "Data sets")
    box = page.get_by_role("dialog").get_by_role("checkbox").first
    await box.click()
    await expect(page.get_by_role("status").filter(has_text="may use")).to_be_visible()
    await tab.check_accessible()
    await page.keyboard.press("Escape")
    await choose(row, "Make an admin")
    await page.get_by_role("button", name="Make an admin").click()
    await expect(row.get_by_text("admin", exact=True)).to_be_visible()
    await choose(row, "Shut out")
    await page.get_by_role("button", name="Shut out").click()
    await expect(row.get_by_text("shut out")).to_be_visible()
    members = console.ask("GET", "/members").json()["items"]
    (jo,) = [each for each in members if each["name"] == "jo@example.com"]
    assert (jo["role"], jo["is_active"]) == ("admin", False)
    await tab.check_accessible()
    await tab.check_narrow()


async def test_a_secret_goes_in_and_is_never_shown(tab: Tab, console: Console) -> None:
    tab.expected.append("400")
    page = tab.page
    await tab.open("/settings/vault")

    await page.get_by_role("button", name="New secret").click()
    await page.get_by_label("Name").fill("CRM_KEY")
    await page.get_by_label("Value", exact=True).fill("s3cret")
    await page.get_by_role("button", name="Keep it").click()
    row = page.get_by_role("row").filter(has_text="CRM_KEY")
    await expect(row).to_be_visible()
    await tab.check_accessible()
    assert "s3cret" not in await page.content()
    await choose(row, "Replace")
    await page.get_by_role("button", name="Replace").click()
    await expect(page.locator('[data-field="value"] .fault')).to_contain_text("blank")
    await page.get_by_label("Value", exact=True).fill("another")
    await page.get_by_role("button", name="Replace").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await choose(row, "Delete")
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(row).to_have_count(0)
    assert console.ask("GET", "/secrets").json()["items"] == []
    await tab.check_narrow()


async def test_a_webhook_is_made_paused_rotated_and_deleted(tab: Tab) -> None:
    page = tab.page
    await tab.open("/settings/webhooks")

    await page.get_by_role("button", name="New webhook").click()
    await page.get_by_label("Address").fill("https://93.184.215.14/hook")
    await page.get_by_label("Everything").uncheck()
    await page.get_by_label("Webhooks").check()
    await tab.check_accessible()
    await page.get_by_role("button", name="Make the webhook").click()
    assert (await page.get_by_label("The webhook’s secret").input_value()).startswith("whsec_")
    await page.get_by_role("button", name="I have it").click()
    row = page.get_by_role("row").filter(has_text="93.184.215.14")
    await choose(row, "Pause")
    await expect(row.get_by_text("paused")).to_be_visible()
    await choose(row, "Rotate the secret")
    await page.get_by_role("button", name="Rotate").click()
    await page.get_by_role("button", name="I have it").click()
    await row.get_by_role("link").click()
    await expect(page.get_by_role("heading", name="No deliveries")).to_be_visible()
    await tab.check_accessible()
    await page.reload()
    await page.get_by_role("button", name="What to do").click()
    await page.get_by_role("menuitem", name="Delete").click()
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(page.get_by_role("heading", name="No webhooks yet")).to_be_visible()
    await tab.check_narrow()


async def test_deliveries_are_looked_at_and_sent_again(tab: Tab, console: Console) -> None:
    page = tab.page
    async with WebhookReceiver() as receiver:
        # It is tried again by itself after some seconds, and then only after half a minute.
        receiver.will(*[Answers(status=500, text="Out of order <b>today</b>.")] * 2)
        hook = console.ask("POST", "/webhooks", {"url": receiver.url, "types": ["webhook.*"]}).json()
        await tab.open(f"/settings/webhooks/{hook['id']}")
        await page.get_by_role("button", name="Send a test").click()
        row = page.get_by_role("table", name="Deliveries").locator("tbody tr").first
        tries = row.get_by_role("cell").nth(1)
        await expect(tries).to_have_text(re.compile("[2-9]"))
        await tab.check_accessible()

        await row.get_by_role("button").click()
        delivery = page.get_by_role("dialog")
        await expect(delivery.get_by_text("Out of order <b>today</b>.").first).to_be_visible()
        await expect(delivery.locator(".tag.bad")).to_have_text(["500", "500"])
        await delivery.get_by_role("tab", name="What is sent").click()
        await expect(delivery.get_by_role("tabpanel")).to_contain_text('"type": ')
        await tab.check_accessible()
        await delivery.get_by_role("button", name="Send it again").click()
        await expect(row.locator(".tag")).to_have_text("delivered")

        before = int(await tries.inner_text())
        await page.get_by_role("button", name="Replay …").click()
        await page.get_by_label("Which", exact=True).select_option("All")
        await tab.check_accessible()
        await page.get_by_role("button", name="Send again").click()
        await expect(page.get_by_role("status").filter(has_text="One delivery is sent again.")).to_be_visible()
        await expect(tries).to_have_text(re.compile(f"[{before + 1}-9]"))
        assert len({each.id for each in receiver.received}) == 1
        await page.get_by_label("Which deliveries").select_option("failed")
        await expect(page.get_by_role("heading", name="No deliveries")).to_be_visible()
    console.ask("DELETE", f"/webhooks/{hook['id']}")
