"""The modules that pages are made of, in a real browser."""

import asyncio

import msgspec
from playwright.async_api import Route, expect

from tests.console.browser import IN_BROWSER, Tab
from tests.patience import PATIENCE
from turnkeeper.web.console import PLACES

pytestmark = IN_BROWSER

HOSTILE = """\
# Hello <img src=x onerror="alert(1)">

<script>alert(2)</script>

[run](javascript:alert(3)) [data](data:text/html,<script>alert(4)</script>) [fine](https://example.com)

![picture](https://tracker.example/pixel.png) <iframe src="https://evil.example"></iframe><svg onload=alert(5)></svg>

<a href="//evil.example" onclick="alert(6)">x</a><form action="https://evil.example"><input name=q></form>

```js
const a = "<b>";
```

| a | b |
|---|---|
| 1 | 2 |

- [x] done
"""


async def called(tab: Tab, module: str, expression: str, argument: object = None) -> object:
    """What an expression of a module `m` and an argument `a` gives, in the page."""
    return await tab.page.evaluate(
        f"async (a) => {{ const app = document.querySelector('script[type=module]').src;"
        f" const m = await import(new URL('./{module}.js', app).href); return ({expression}); }}",
        argument,
    )


async def test_hostile_markdown_is_shown_and_does_nothing(tab: Tab) -> None:
    await tab.open("/chat")

    show = "(document.querySelector('main').append(m.markdown(a)), m.markdown(a).innerHTML)"
    html = str(await called(tab, "markdown", show, HOSTILE))
    bad = "script, img, iframe, form, style, [onerror], [onload], [onclick], [name], a[href^='javascript'], a[href^='data']"

    assert await tab.page.locator("main .prose").locator(bad).count() == 0, html
    assert 'href="https://example.com"' in html
    assert "noopener" in html
    assert "&lt;b&gt;" in html
    assert "<table" in html
    await tab.check_accessible()


async def test_markdown_that_grows_ends_as_if_it_had_come_at_once(tab: Tab) -> None:
    await tab.open("/chat")

    same = await called(
        tab,
        "markdown",
        "(() => { const g = new m.GrowingMarkdown(); let first = null;"
        " for (let i = 1; i <= a.length; i += 3) { g.text = a.slice(0, i); g.paint(); first ??= g.element.firstChild; }"
        " g.text = a; g.paint(); return g.element.innerHTML === m.markdown(a).innerHTML; })()",
        HOSTILE + "\n\nA [link][1].\n\n[1]: https://example.com\n",
    )

    assert same is True


async def test_texts_are_compared_line_by_line(tab: Tab) -> None:
    await tab.open("/chat")

    found = await called(
        tab,
        "components/diff",
        "m.compared(a[0].split(''), a[1].split('')).map((l) => l.join('')).join(' ')",
        ["abcd", "axcde"],
    )

    assert found == " a -b +x  c  d +e"


async def test_values_are_written_for_people(tab: Tab) -> None:
    await tab.open("/chat")

    found = await called(
        tab,
        "format",
        "[m.bytes(999), m.bytes(1_500_000), m.duration(340), m.duration(2_400), m.duration(185_000), m.money(0.0021)]",
    )

    assert found == ["999 bytes", "1.5 MB", "340 ms", "2.4 s", "3 min 5 s", "$0.0021"]


def frame(number: int) -> str:
    """An event as the stream has it."""
    return f'id: {number}\nevent: text\ndata: {{"event": "text", "number": {number}}}\n\n'


async def test_a_stream_that_is_cut_goes_on_where_it_was(tab: Tab) -> None:
    tab.expected.append("502")
    end = 'event: end\ndata: {"event": "end", "reason": "%s"}\n\n'
    # Cut within an event; a proxy that answers in the server's place; a server that stops; and the end.
    answers = [
        frame(1) + frame(2) + frame(3)[:20],
        None,
        frame(2) + frame(3) + end % "closing",
        frame(4) + end % "deleted",
    ]
    asked: list[str] = []

    async def stream(route: Route) -> None:
        asked.append(route.request.headers["last-event-id"])
        body = answers[len(asked) - 1]
        if body is None:
            return await route.fulfill(status=502, body="Bad gateway")
        return await route.fulfill(body=body, content_type="text/event-stream")

    await tab.open("/settings/account")
    await tab.page.route("**/v1/conversations/*/events", stream)
    heard = await called(
        tab,
        "events",
        "await new Promise((done) => { const heard = [[], []]; const { signal } = new AbortController();"
        " for (const place of [0, 1]) m.follow('conv_1', { after: place, heard: (e) => heard[place].push(e.number),"
        " ended: (reason) => { heard[place].push(reason); if (place) done(heard); } }, signal); })",
    )

    assert heard == [[1, 2, 3, 4, "deleted"], [2, 3, 4, "deleted"]]
    assert asked == ["0", "2", "2", "3"]


async def test_a_stream_that_is_silent_for_too_long_is_asked_for_anew(lone_tab: Tab) -> None:
    tab = lone_tab
    tab.expected.append("ERR_")
    asked: list[str] = []
    first = asyncio.Event()

    async def stream(route: Route) -> None:
        asked.append(route.request.headers["last-event-id"])
        first.set()
        if len(asked) > 1:
            end = 'event: end\ndata: {"event": "end", "reason": "deleted"}\n\n'
            await route.fulfill(body=frame(8) + end, content_type="text/event-stream")

    await tab.open("/settings/account")
    await tab.page.route("**/v1/conversations/*/events", stream)
    await tab.page.clock.install()
    following = called(
        tab,
        "events",
        "await new Promise((done) => { const heard = []; m.follow('conv_2', { after: 7,"
        " heard: (e) => heard.push(e.number), ended: (reason) => done([...heard, reason]) },"
        " new AbortController().signal); })",
    )
    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
        heard = tasks.create_task(following)
        await first.wait()
        while not heard.done():
            await tab.page.clock.fast_forward(41_000)

    assert heard.result() == [8, "deleted"]
    assert set(asked) == {"7"}


async def test_what_is_typed_is_asked_for_once_and_never_after_the_page_was_left(lone_tab: Tab) -> None:
    tab, page = lone_tab, lone_tab.page
    await tab.open("/settings/account")
    await page.clock.install()
    begin = (
        "(window.asked = 0, window.leave = new AbortController(),"
        " window.type = m.whenItRests(() => { window.asked += 1; }, window.leave.signal), type(), type(), null)"
    )
    await called(tab, "components/patience", begin)
    await page.clock.fast_forward(1_000)
    assert await page.evaluate("asked") == 1

    await page.evaluate("(type(), leave.abort(), type())")

    await page.clock.fast_forward(1_000)
    assert await page.evaluate("asked") == 1


async def test_a_page_does_not_look_again_while_a_dialog_is_open(lone_tab: Tab) -> None:
    tab, page = lone_tab, lone_tab.page
    await tab.open("/settings/account")
    await page.clock.install()
    look = "(window.looked = 0, m.whileSeen(async () => { window.looked += 1; }, 1_000, new AbortController().signal), null)"
    await called(tab, "components/watch", look)
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.clock.fast_forward(1_000)
    assert await page.evaluate("looked") == 0

    await page.keyboard.press("Escape")

    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.clock.fast_forward(1_000)
    assert await page.evaluate("looked") == 1


async def test_a_table_that_is_read_again_keeps_the_pages_that_were_opened(tab: Tab) -> None:
    page = tab.page

    async def things(route: Route) -> None:
        is_first = "cursor=" not in route.request.url
        names = [{"name": f"{'first' if is_first else 'second'} {place}"} for place in range(50)]
        await route.fulfill(json={"items": names, "has_more": is_first, "next_cursor": "next" if is_first else None})

    await page.route("**/v1/things?*", things)
    await tab.open("/settings/account")
    await called(
        tab,
        "components/table",
        "(window.things = m.table({ caption: 'Things', path: '/things',"
        " columns: [{ title: 'Name', cell: (row) => row.name }],"
        " nothing: { title: 'None', sentence: 'None.' }, signal: new AbortController().signal }),"
        " document.querySelector('main').replaceChildren(things.element), null)",
    )
    rows = page.get_by_role("table", name="Things").locator("tbody tr")
    await expect(rows).to_have_count(50)
    await page.get_by_role("button", name="Show more").click()
    await expect(rows).to_have_count(100)

    await page.evaluate("things.reload()")
    assert await rows.count() == 100

    await page.evaluate("things.reload({ name: 'first' })")
    assert await rows.count() == 50


async def test_every_address_has_a_page_and_every_entry_of_the_navigation_an_address(tab: Tab) -> None:
    await tab.open("/settings/account")

    found = await called(
        tab,
        "routes",
        "({ pages: await Promise.all(m.ROUTES.map(async ({ path, load }) => { const page = await load();"
        " return [path, typeof page.show, Boolean(page.title)]; })), paths: m.ROUTES.map(({ path }) => path),"
        " places: [...new Set(m.ROUTES.map(({ place }) => place))].sort(),"
        " shown: [...document.querySelectorAll('.place')].map((a) => a.getAttribute('href')).sort(),"
        " settings: m.SETTINGS.map(({ href }) => href) })",
    )

    routes = msgspec.convert(found, Routes)
    assert [page for page in routes.pages if page[1:] != ("function", True)] == []
    assert routes.places == routes.shown
    assert {*routes.shown, *routes.settings} <= set(routes.paths)
    assert {path.split("/")[1] for path in routes.paths} == set(PLACES)


async def test_the_more_telling_address_counts_and_what_is_none_has_no_page(tab: Tab) -> None:
    page = tab.page
    await tab.open("/agents/new")
    await expect(page.get_by_role("heading", level=1)).to_have_text("New agent")
    for path, words in (
        ("/settings/keys/", "Keys"),
        ("/agents/%E0%A4%A", "There is nothing here"),
        ("/agents", "Agents"),
    ):
        await called(tab, "router", "m.go(a)", path)
        await expect(page.get_by_role("heading", level=1)).to_have_text(words)


async def test_a_chart_has_its_figures_as_a_table_and_leaves_nothing_behind(tab: Tab) -> None:
    page = tab.page
    await tab.open("/settings/account")
    await called(
        tab,
        "chart",
        "(window.leave = new AbortController(), document.querySelector('main').replaceChildren(m.chart({ title: 'Turns',"
        " times: [1e9, 1e9 + 3600, 1e9 + 7200], lines: [{ name: 'Answered', values: [1, null, 3000] }] },"
        " window.leave.signal)), null)",
    )
    drawn = page.locator("figure.chart canvas")
    await expect(drawn).to_have_count(1)
    table = page.get_by_role("table", name="Turns")
    await expect(table.locator("td")).to_have_text(["1", "", "3k"])
    await page.get_by_role("button", name="Table: Turns").click()
    await expect(drawn).to_be_hidden()
    await expect(table).to_be_visible()
    await page.get_by_role("button", name="Table: Turns").click()
    await called(tab, "theme", "m.useTheme('dark')")
    await page.set_viewport_size({"width": 700, "height": 500})
    await expect(drawn).to_have_count(1)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    await page.evaluate("window.leave.abort()")

    await expect(drawn).to_have_count(0)


class Routes(msgspec.Struct):
    pages: list[tuple[str, str, bool]]
    paths: list[str]
    places: list[str]
    shown: list[str]
    settings: list[str]
