"""Agents: made, tried as drafts, deployed, compared and brought back; what two people change at once."""

import re

from playwright.async_api import expect

from tests.console.browser import IN_BROWSER, NARROW, Console, Tab

pytestmark = IN_BROWSER


def made(console: Console, name: str, **members: object) -> str:
    """An agent; its id."""
    return str(console.ask("POST", "/agents", {"name": name, **members}).json()["id"])


async def test_an_agent_is_made_tried_as_a_draft_and_deployed(tab: Tab, console: Console) -> None:
    tab.expected.append("400")
    page = tab.page
    await tab.open("/agents/new")

    await page.get_by_role("button", name="Make the agent").click()
    await expect(page.locator('[data-field="name"] .fault')).not_to_be_empty()
    await page.get_by_label("Name", exact=True).fill("Desk <b>agent</b>")
    await page.get_by_label("Instructions").fill("Be kind.")
    await page.get_by_role("button", name="Make the agent").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Desk <b>agent</b>")

    await page.get_by_label("Instructions").fill("Be kind and brief.")
    await page.get_by_label("Message to the agent").fill("say From **the** draft")
    await page.get_by_role("button", name="Ask").click()
    await expect(page.get_by_role("log").get_by_text("From the draft")).to_be_visible()
    await expect(page.get_by_role("log").get_by_text("Revision 2")).to_be_visible()
    await expect(page.get_by_text("Revision 1 answers. Draft 2 is not deployed.")).to_be_visible()
    await tab.check_accessible()

    await page.get_by_role("button", name="Deploy").click()
    await expect(page.get_by_text("Revision 2 answers.", exact=True)).to_be_visible()
    agent = console.ask("GET", page.url.removeprefix(tab.address)).json()
    assert (agent["revision"], agent["instructions"]) == (2, "Be kind and brief.")


async def test_what_was_typed_comes_back_after_a_reload_and_can_be_dropped(tab: Tab, console: Console) -> None:
    page = tab.page
    await tab.open(f"/agents/{made(console, 'Typed', instructions='One')}")
    await page.get_by_label("Instructions").fill("Two")

    await page.reload()

    await expect(page.get_by_label("Instructions")).to_have_value("Two")
    await page.get_by_role("button", name="Drop them").click()
    await expect(page.get_by_label("Instructions")).to_have_value("One")


async def test_what_was_typed_of_a_new_agent_comes_back_until_it_is_made(tab: Tab) -> None:
    page = tab.page
    await tab.open("/agents/new")
    await page.get_by_label("Name", exact=True).fill("Not made yet")
    await page.get_by_label("Instructions").fill("Be patient.")

    await page.reload()

    await expect(page.get_by_label("Instructions")).to_have_value("Be patient.")
    await expect(page.get_by_text("What you see you typed before you left.")).to_be_visible()
    await tab.check_accessible()
    await page.get_by_role("button", name="Make the agent").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Not made yet")
    await tab.open("/agents/new")
    await expect(page.get_by_label("Name", exact=True)).to_have_value("")


async def test_an_mcp_server_is_a_program_of_the_servers_machine(tab: Tab, console: Console) -> None:
    page = tab.page
    agent = made(console, "With a program")
    await tab.open(f"/agents/{agent}")
    await page.locator("summary").filter(has=page.get_by_role("heading", name="MCP servers", exact=True)).click()
    await page.get_by_role("button", name="Add an MCP server").click()
    await expect(page.get_by_label("Address", exact=True)).to_be_visible()
    await page.get_by_label("How it is reached").select_option("program")
    servers = page.get_by_role("group", name="MCP server 1")
    await servers.get_by_label("Name", exact=True).fill("payments")
    await servers.get_by_label("Command", exact=True).fill("python -c \"print(1)\" --name='two words' plain")
    await servers.get_by_label("Environment").fill("KEY=value")
    await tab.check_accessible()
    await page.get_by_role("button", name="Deploy").click()
    await expect(page.get_by_text("Revision 2 answers.", exact=True)).to_be_visible()

    (saved,) = console.ask("GET", f"/agents/{agent}").json()["settings"]["mcp_servers"]
    assert saved["command"] == ["python", "-c", "print(1)", "--name=two words", "plain"]
    assert saved["environment"] == {"KEY": "value"}
    await page.reload()
    await page.locator("summary").filter(has=page.get_by_role("heading", name="MCP servers", exact=True)).click()
    await expect(servers.get_by_label("Command", exact=True)).to_have_value(re.compile("^python -c print"))


async def test_who_was_overtaken_sees_the_difference_and_saves_on_top(tab: Tab, console: Console) -> None:
    tab.expected.append("412")
    page = tab.page
    agent = made(console, "Overtaken", instructions="One")
    await tab.open(f"/agents/{agent}")
    await page.get_by_label("Instructions").fill("Mine")
    console.ask("PATCH", f"/agents/{agent}", {"instructions": "Theirs"})

    await page.get_by_role("button", name="Deploy").click()
    dialog = page.get_by_role("dialog", name="Somebody changed it meanwhile")
    await expect(dialog.get_by_text("Theirs", exact=True)).to_be_visible()
    await tab.check_accessible()
    await dialog.get_by_role("button", name="Save mine on top").click()

    await expect(page.get_by_text("Revision 3 answers.", exact=True)).to_be_visible()
    assert console.ask("GET", f"/agents/{agent}").json()["instructions"] == "Mine"


async def test_revisions_are_compared_and_an_earlier_one_is_brought_back(tab: Tab, console: Console) -> None:
    page = tab.page
    agent = made(console, "Compared", instructions="Be kind.\nBe long.")
    console.ask("PATCH", f"/agents/{agent}", {"instructions": "Be kind.\nBe short.", "note": "Shorter."})
    await tab.open(f"/agents/{agent}/revisions")

    changes = page.get_by_role("table", name=re.compile("^Changes"))
    await expect(changes.locator(".removed")).to_contain_text("Be long.")
    await expect(changes.locator(".added")).to_contain_text("Be short.")
    await page.get_by_role("button", name="Side by side").click()
    await expect(changes).to_have_class(re.compile("beside"))
    await tab.check_accessible()
    await page.get_by_role("button", name=re.compile("^Revision 1 ")).click()
    await page.get_by_role("button", name="Go back to it").click()
    await page.get_by_role("dialog").get_by_role("button", name="Go back", exact=True).click()

    await expect(page.get_by_role("button", name=re.compile("^Revision 3 answers"))).to_be_visible()
    assert console.ask("GET", f"/agents/{agent}").json()["instructions"] == "Be kind.\nBe long."


async def test_rules_limits_and_hosts_are_saved_and_their_faults_stand_at_their_fields(
    tab: Tab, console: Console
) -> None:
    tab.expected.append("400")
    page = tab.page
    agent = made(console, "Ruled")
    await tab.open(f"/agents/{agent}")
    for words in ("HTTP", "Approvals", "Limits"):
        await page.locator("summary").filter(has=page.get_by_role("heading", name=words, exact=True)).click()
    await page.get_by_role("button", name="Allow a host").click()
    await page.get_by_label("Host", exact=True).fill("api.payments.example")
    await page.get_by_role("button", name="Add a rule").click()
    await page.get_by_label("Argument").fill("amount")
    await page.get_by_label("More than").fill("100")
    await page.get_by_label("Calls of the model").fill("5")

    await page.get_by_role("button", name="Deploy").click()
    await expect(page.get_by_text(re.compile("begin.* with .*/"))).to_be_visible()
    await page.get_by_label("Argument").fill("/amount")
    await page.get_by_role("button", name="Deploy").click()
    await expect(page.get_by_text("Revision 2 answers.", exact=True)).to_be_visible()
    await tab.check_accessible()
    await page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    await tab.check_fits()

    saved = console.ask("GET", f"/agents/{agent}").json()
    assert saved["limits"]["model_calls"] == 5
    assert saved["settings"]["http"][0]["host"] == "api.payments.example"
    assert saved["settings"]["approvals"]["rules"][0]["above"] == 100


async def test_a_model_is_chosen_by_its_price(tab: Tab, console: Console) -> None:
    page = tab.page
    await tab.open(f"/agents/{made(console, 'Priced')}")

    await page.get_by_role("button", name="Choose").click()
    await expect(page.get_by_text("no key").first).to_be_visible()
    await tab.check_accessible()
    await page.get_by_label("Search models").fill("openai:gpt-4.1-mini")
    await page.get_by_role("button", name=re.compile("openai:gpt-4.1-mini")).first.click()

    await expect(page.get_by_label("Model", exact=True)).to_have_value("openai:gpt-4.1-mini")
    await expect(page.get_by_text("per million tokens")).to_be_visible()


async def test_all_agents_are_listed_found_and_taken_out_of_use(tab: Tab, console: Console) -> None:
    page = tab.page
    made(console, "Short-lived", description="Soon gone.")
    await tab.open("/agents")
    await page.get_by_label("Search agents").fill("Short-lived")

    rows = page.get_by_role("table").locator("tbody tr")
    await expect(rows).to_have_count(1)
    await tab.check_accessible()
    await page.get_by_role("link", name="Short-lived").click()
    await page.get_by_role("button", name="More about Short-lived").click()
    await page.get_by_role("menuitem", name="Take out of use").click()
    await page.get_by_role("dialog").get_by_role("button", name="Take out of use").click()

    await page.wait_for_url(f"{tab.address}/agents")
    await expect(page.get_by_role("link", name="Short-lived")).to_have_count(0)
