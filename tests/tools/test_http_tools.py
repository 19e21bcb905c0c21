"""The HTTP tools: which hosts they speak to, what they send, and how they end."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest
from aiohttp import web

from tests.patience import PATIENCE
from tests.tools.things import EFFECT, Names, Site, Vault, context
from turnkeeper.agents.tools.http.client import HttpClient, HttpLimits
from turnkeeper.agents.tools.http.rules import check_rules
from turnkeeper.agents.tools.http.tools import HttpTools
from turnkeeper.agents.tools.tool import Tool, kind_of_call
from turnkeeper.core.addresses import is_public
from turnkeeper.core.agents import HttpRule
from turnkeeper.core.effects import ToolKind
from turnkeeper.core.errors import InvalidError, OutcomeUnknownError, ToolFailedError, ToolRetryError, TransientError

TOKEN = "sk-very-secret-token"
LIMITS = HttpLimits(connect_seconds=30.0, seconds=30.0, bytes=100_000)


async def hello(request: web.Request) -> web.StreamResponse:
    return web.Response(text="hello")


async def page(request: web.Request) -> web.StreamResponse:
    markup = (
        "<head><title>Shop</title><script>var x</script></head><h1>Hours</h1><p>Nine to <b>five</b>.<ul><li>Mon</ul>"
    )
    return web.Response(text=markup, content_type="text/html")


async def picture(request: web.Request) -> web.StreamResponse:
    return web.Response(body=b"\x89PNG....", content_type="image/png")


async def huge(request: web.Request) -> web.StreamResponse:
    """50 MB, as long as somebody reads."""
    response = web.StreamResponse(headers={"Content-Type": "text/plain"})
    await response.prepare(request)
    for _ in range(800):
        await response.write(b"x" * 65_536)
    return response


async def dies(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def echo(request: web.Request) -> web.StreamResponse:
    return web.json_response({"authorization": request.headers.get("Authorization"), "body": await request.text()})


async def inside(request: web.Request) -> web.StreamResponse:
    return web.Response(status=302, headers={"Location": "http://metadata.test/latest"})


async def onwards(request: web.Request) -> web.StreamResponse:
    return web.Response(status=302, headers={"Location": "/hello"})


async def around(request: web.Request) -> web.StreamResponse:
    return web.Response(status=302, headers={"Location": "/around"})


async def unavailable(request: web.Request) -> web.StreamResponse:
    return web.Response(status=503, headers={"Retry-After": "7"})


async def gateway(request: web.Request) -> web.StreamResponse:
    return web.Response(status=502)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async def stalls(request: web.Request) -> web.StreamResponse:
        await site.stalling.wait()
        return web.Response()

    handlers = (hello, page, picture, huge, dies, echo, inside, onwards, around, unavailable, gateway, stalls)
    async with Site(**{handler.__name__: handler for handler in handlers}) as site:
        yield site


@pytest.fixture
async def client() -> AsyncIterator[HttpClient]:
    names = Names({"shop.test": ["127.0.0.1"], "metadata.test": ["169.254.169.254"], "six.test": ["::1"]})
    async with HttpClient(look_up=names, limits=LIMITS) as client:
        yield client


def rule(site: Site, *, kind: ToolKind = "at_most_once", private: bool = True, **headers: str) -> HttpRule:
    return HttpRule(
        host=f"shop.test:{site.port}",
        methods=("GET", "HEAD", "POST"),
        kind=kind,
        headers=headers,
        allows_private_addresses=private,
    )


async def get(client: HttpClient, rules: list[HttpRule], url: str, **more: object) -> str:
    tool = HttpTools(Vault(TOKEN=TOKEN), client).tools(rules)[0]
    return await called(tool, {"url": url, **more})


async def post(client: HttpClient, rules: list[HttpRule], url: str, **more: object) -> str:
    return await called(HttpTools(Vault(TOKEN=TOKEN), client).tools(rules)[-1], {"method": "POST", "url": url, **more})


async def called(tool: Tool, arguments: object) -> str:
    async with asyncio.timeout(PATIENCE):
        return (await tool.call(msgspec.json.encode(arguments).decode(), context())).text


async def test_text_is_shown_and_a_page_as_its_words(site: Site, client: HttpClient) -> None:
    assert await get(client, [rule(site)], site.url("hello")) == "HTTP 200 OK · text/plain\n\nhello"
    assert (await get(client, [rule(site)], site.url("page"))).endswith("Shop\n# Hours\nNine to five.\n- Mon")
    assert "<h1>" in await get(client, [rule(site)], site.url("page"), as_text=False)


async def test_what_is_no_text_is_named_and_not_shown(site: Site, client: HttpClient) -> None:
    assert "not text (8 bytes)" in await get(client, [rule(site)], site.url("picture"))


async def test_fifty_megabytes_are_cut_where_the_limit_is(site: Site, client: HttpClient) -> None:
    text = await get(client, [rule(site)], site.url("huge"))

    assert "x" * LIMITS.bytes in text
    assert len(text) < LIMITS.bytes + 200
    assert "Cut: only the first 100,000 bytes" in text


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://elsewhere.test/", "is not allowed. Allowed: shop.test"),
        ("http://shop.test/", "is not allowed"),  # another port
        ("ftp://shop.test/", "not an absolute http or https URL"),
        ("/etc/passwd", "not an absolute"),
        ("http://me:pw@shop.test/", "user or password"),
        ("http://[::1", "is not a URL"),
        ("http://shop.test:99999/", "is not a URL"),
    ],
)
async def test_what_the_rules_do_not_allow_is_not_called(site: Site, client: HttpClient, url: str, words: str) -> None:
    with pytest.raises(ToolFailedError, match=words):
        await get(client, [rule(site)], url)
    assert site.seen == []


@pytest.mark.parametrize("host", ["shop.test", "metadata.test", "six.test"])
async def test_a_name_of_a_private_address_is_refused_after_the_look_up(client: HttpClient, host: str) -> None:
    async with Site(hello=hello) as site:
        allowed = HttpRule(host=f"{host}:{site.port}")
        with pytest.raises(ToolFailedError, match="not one of the public internet"):
            await get(client, [allowed], site.url("hello", host=host))
        assert site.seen == []


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "0.0.0.0", "[::]", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254", "10.0.0.1"]
)
async def test_a_private_address_itself_is_refused(client: HttpClient, host: str) -> None:
    with pytest.raises(ToolFailedError, match="not one of the public internet"):
        await get(client, [HttpRule(host=host)], f"http://{host}/")


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "017700000001", "127.1", "0", "localhost"])
async def test_other_spellings_of_loopback_are_refused_too(host: str) -> None:
    async with HttpClient(limits=LIMITS) as client:  # the system's own look-up: these need no network
        with pytest.raises(ToolFailedError, match=r"not one of the public internet|no host that can be called"):
            await get(client, [HttpRule(host=host)], f"http://{host}/")


async def test_a_redirect_is_followed_only_as_far_as_the_rules_go(site: Site, client: HttpClient) -> None:
    rules = [rule(site), HttpRule(host="metadata.test")]

    assert (await get(client, rules, site.url("onwards"))).endswith("hello")
    with pytest.raises(ToolFailedError, match="not one of the public internet"):
        await get(client, rules, site.url("inside"))
    with pytest.raises(ToolFailedError, match="is not allowed"):
        await get(client, [rule(site)], site.url("inside"))
    with pytest.raises(ToolFailedError, match="more than 5 times"):
        await get(client, rules, site.url("around"))


async def test_a_secret_goes_out_and_is_hidden_from_the_model(site: Site, client: HttpClient) -> None:
    text = await get(client, [rule(site, Authorization="Bearer vault:TOKEN")], site.url("echo"))

    assert site.seen[0][2]["Authorization"] == f"Bearer {TOKEN}"
    assert TOKEN not in text
    assert "[secret]" in text


async def test_a_secret_that_is_missing_is_said_by_name(site: Site, client: HttpClient) -> None:
    with pytest.raises(ToolFailedError, match="no secret 'NONE'"):
        await get(client, [rule(site, Authorization="vault:NONE")], site.url("echo"))


async def test_a_model_can_overrule_no_header_of_a_rule_and_none_of_ours(site: Site, client: HttpClient) -> None:
    rules = [rule(site, Authorization="fixed")]

    assert "fixed" in await get(client, rules, site.url("echo"), headers={"authorization": "mine", "X-More": "1"})
    for name, value in (("Host", "x"), ("Cookie", "a=b"), ("X-A", "1\r\nX-B: 2"), ("Idempotency-Key", "mine")):
        with pytest.raises(ToolRetryError, match="cannot be set"):
            await get(client, rules, site.url("echo"), headers={name: value})


async def test_json_is_sent_as_it_was_written(site: Site, client: HttpClient) -> None:
    await post(client, [rule(site)], site.url("echo"), json={"amount": 1.10})

    assert (site.seen[0][2]["Content-Type"], site.seen[0][3]) == ("application/json", '{"amount":1.1}')
    assert "Idempotency-Key" not in site.seen[0][2]


async def test_a_keyed_host_gets_the_effect_id(site: Site, client: HttpClient) -> None:
    await post(client, [rule(site, kind="keyed")], site.url("echo"))

    assert site.seen[0][2]["Idempotency-Key"] == str(EFFECT)


@pytest.mark.parametrize("name", ["dies", "stalls", "gateway"])
async def test_a_request_without_an_answer_ends_as_its_kind_demands(name: str) -> None:
    limits = HttpLimits(seconds=0.3)
    async with HttpClient(look_up=Names({"shop.test": ["127.0.0.1"]}), limits=limits) as client:

        async def stalls(request: web.Request) -> web.StreamResponse:
            await site.stalling.wait()
            return web.Response()

        async with Site(dies=dies, stalls=stalls, gateway=gateway) as site:
            with pytest.raises(OutcomeUnknownError, match="may or may not have happened"):
                await post(client, [rule(site)], site.url(name))
            with pytest.raises(TransientError):
                await post(client, [rule(site, kind="keyed")], site.url(name))
            assert [seen[0] for seen in site.seen] == ["POST", "POST"]


async def test_what_was_never_sent_has_not_happened(client: HttpClient) -> None:
    async with Site() as site:
        gone = rule(site)
    with pytest.raises(ToolFailedError, match="cannot be reached"):
        await post(client, [gone], site.url("hello"))


async def test_a_busy_keyed_host_is_asked_again_when_it_says(site: Site, client: HttpClient) -> None:
    with pytest.raises(TransientError) as caught:
        await post(client, [rule(site, kind="keyed")], site.url("unavailable"))
    assert caught.value.retry_after == 7
    assert "HTTP 503" in await post(client, [rule(site)], site.url("unavailable"))


def test_the_kind_of_a_request_is_that_of_its_rule() -> None:
    rules = [
        HttpRule(host="*.shop.test", methods=("POST",), kind="idempotent"),
        HttpRule(host="pay.shop.test", methods=("POST",), kind="keyed"),
    ]
    (tool,) = HttpTools(Vault(), HttpClient()).tools(rules)

    def kind(url: str) -> ToolKind:
        return kind_of_call(tool, f'{{"method": "post", "url": "{url}"}}')

    assert kind("https://pay.shop.test/") == "keyed"
    assert kind("https://www.shop.test/") == "idempotent"
    assert kind("https://elsewhere.test/") == "at_most_once"
    assert kind_of_call(tool, "{") == "at_most_once"


@pytest.mark.parametrize("arguments", ["{", "[]", "{}", '{"url": 5}', '{"url": "http://shop.test/", "headers": "no"}'])
async def test_malformed_arguments_are_told_to_the_model(site: Site, client: HttpClient, arguments: str) -> None:
    for tool in HttpTools(Vault(), client).tools([rule(site)]):
        with pytest.raises(ToolRetryError):
            await tool.call(arguments, context())


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        (HttpRule(host="https://shop.test"), "settings.http[0].host"),
        (HttpRule(host="shop.test/path"), "settings.http[0].host"),
        (HttpRule(host="sh*p.test"), "settings.http[0].host"),
        (HttpRule(host="shop.test:0"), "settings.http[0].host"),
        (HttpRule(host=""), "settings.http[0].host"),
        (HttpRule(host="*", headers={"X-Key": "vault:K"}), "settings.http[0].host"),
        (HttpRule(host="*", allows_private_addresses=True), "settings.http[0].host"),
        (HttpRule(host="shop.test", methods=("get",)), "settings.http[0].methods"),
        (HttpRule(host="shop.test", methods=()), "settings.http[0].methods"),
        (HttpRule(host="shop.test", headers={"X Y": "1"}), "settings.http[0].headers"),
        (HttpRule(host="shop.test", headers={"X": "1\n2"}), "settings.http[0].headers"),
    ],
)
def test_rules_that_cannot_be_meant_are_refused(bad: HttpRule, field: str) -> None:
    with pytest.raises(InvalidError) as caught:
        check_rules([bad])
    assert caught.value.field == field


def test_rules_that_can_be_meant_are_taken() -> None:
    hosts = ["shop.test", "*.shop.test", "localhost:8080", "127.0.0.1", "[::1]:80", "bücher.example", "*"]
    check_rules([HttpRule(host=host) for host in hosts])


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("168.63.129.16", False),
        ("::ffff:168.63.129.16", False),
        ("::127.0.0.1", False),
        ("fd00:ec2::254", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("no address", False),
    ],
)
def test_only_addresses_of_the_internet_are_public(address: str, *, public: bool) -> None:
    assert is_public(address) is public
