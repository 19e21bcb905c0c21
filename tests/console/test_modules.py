"""The modules that pages are made of, in a real browser."""

from tests.console.browser import IN_BROWSER, Tab

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
