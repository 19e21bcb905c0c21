"""The list of conversations: pages by number, filters, links."""

import pytest
from inline_snapshot import snapshot

from tests.dialects.conftest import Stage
from tests.dialects.enthusiast.client import Answer, Client, Json

CONVERSATIONS = "/api/conversations"


def ids(page: Answer) -> list[object]:
    """The ids on a page."""
    return [row["id"] for row in page.objects("results")]


def links(page: Answer, stage: Stage) -> tuple[object, object]:
    """The addresses beside a page, without the host of the test."""
    beside = [page.object()[name] for name in ("previous", "next")]
    assert all(link is None or str(link).startswith(f"{stage.address}/api/") for link in beside)
    previous, following = (None if link is None else str(link).removeprefix(stage.address) for link in beside)
    return previous, following


@pytest.mark.requirement("enthusiast.list.shape")
async def test_a_page_shows_conversations_newest_first_without_messages(member: Client) -> None:
    await member.ask(await member.begin(), "Hello\n  there")
    assert (await member.get(CONVERSATIONS)).plain == snapshot(
        (
            200,
            {
                "count": 1,
                "next": None,
                "previous": None,
                "results": [
                    {
                        "id": 1,
                        "started_at": "time",
                        "summary": "Hello there",
                        "agent": {
                            "id": 1,
                            "name": "Helper",
                            "description": "",
                            "dataset": 1,
                            "agent_type": "enthusiast-agent-user-manual-search",
                            "created_at": "time",
                            "updated_at": "time",
                            "deleted_at": None,
                            "corrupted": False,
                        },
                    }
                ],
            },
        )
    )


@pytest.mark.requirement("enthusiast.list.pages")
async def test_pages_have_25_and_absolute_links_without_page_1(stage: Stage, member: Client) -> None:
    made = [await member.begin() for _ in range(26)]
    first, second, last = [await member.get(f"{CONVERSATIONS}{query}") for query in ("", "?page=2", "?page=last")]
    assert [page.number("count") for page in (first, second)] == [26, 26]
    assert (len(ids(first)), ids(first) + ids(second)) == (25, made[::-1])
    assert last.raw == second.raw
    assert [links(page, stage) for page in (first, second)] == snapshot(
        [(None, "/api/conversations?page=2"), ("/api/conversations", None)]
    )


@pytest.mark.requirement("enthusiast.list.page-size")
async def test_a_page_size_is_honoured_up_to_100_and_stays_in_the_links(stage: Stage, member: Client) -> None:
    for _ in range(5):
        await member.begin()
    agent = stage.people.agent.id
    page = await member.get(f"{CONVERSATIONS}/?page_size=2&page=2&agent_id={agent}")
    assert len(ids(page)) == 2
    assert links(page, stage) == snapshot(
        ("/api/conversations?agent_id=1&page_size=2", "/api/conversations?agent_id=1&page=3&page_size=2")
    )
    for ignored in ("0", "-1", "two", "", "9" * 30, "1000"):
        assert len(ids(await member.get(f"{CONVERSATIONS}?page_size={ignored}"))) == 5


@pytest.mark.requirement("enthusiast.list.links-host")
async def test_links_carry_the_host_that_the_client_named(member: Client) -> None:
    for _ in range(2):
        await member.begin()
    page = await member.get(f"{CONVERSATIONS}?page_size=1", {"Host": "turnkeeper.example:8443"})
    assert page.object()["next"] == "http://turnkeeper.example:8443/api/conversations?page=2&page_size=1"


@pytest.mark.requirement("enthusiast.list.pages")
async def test_a_page_that_there_is_not_is_not_found(member: Client) -> None:
    pages = ["0", "2", "-1", "x", "", "1.0", "LAST", "9" * 40, "%00", "%F0%9F%92%A9", "%C2%B2"]
    answers = [await member.get(f"{CONVERSATIONS}?page={page}") for page in pages]
    assert [answer.plain for answer in answers] == [(404, {"detail": "Invalid page."})] * len(pages)


@pytest.mark.requirement("enthusiast.list.pages")
async def test_an_empty_list_has_one_page(member: Client) -> None:
    empty: Json = {"count": 0, "next": None, "previous": None, "results": []}
    answers = [await member.get(f"{CONVERSATIONS}{query}") for query in ("", "?page=1", "?page=last")]
    assert [answer.plain for answer in answers] == [(200, empty)] * 3


@pytest.mark.requirement("enthusiast.list.filters")
async def test_filters_narrow_the_list_and_never_show_others(stage: Stage, admin: Client, member: Client) -> None:
    people = stage.people
    with_open = (await admin.post(CONVERSATIONS, {"agent_id": people.agent.id})).number("id")
    with_closed = (await admin.post(CONVERSATIONS, {"agent_id": people.closed_agent.id})).number("id")
    await member.begin()
    queries = {
        f"agent_id={people.agent.id}": [with_open],
        f"data_set_id={people.closed_data_set_id}": [with_closed],
        f"agent_id={people.agent.id}&data_set_id={people.data_set_id}": [with_open],
        f"agent_id={people.agent.id}&data_set_id={people.closed_data_set_id}": [],
        "agent_id=&data_set_id=": [with_closed, with_open],
        "agent_id=999999": [],
        "agent_id=-5": [],
    }
    found = {query: ids(await admin.get(f"{CONVERSATIONS}?{query}")) for query in queries}
    assert found == queries


@pytest.mark.requirement("enthusiast.list.filters")
async def test_a_filter_that_is_no_number_is_told(member: Client) -> None:
    texts = ["x", "1.5", "%00", "1%20OR%201=1", str(2**63), "9" * 2_000]
    answers = [await member.get(f"{CONVERSATIONS}?agent_id={text}&data_set_id={text}") for text in texts]
    assert {answer.status for answer in answers} == {400}
    assert [answer.body for answer in answers] == snapshot(
        [
            {"data_set_id": ["Enter a number."], "agent_id": ["Enter a number."]},
            {"data_set_id": ["Enter a number."], "agent_id": ["Enter a number."]},
            {"data_set_id": ["Enter a number."], "agent_id": ["Enter a number."]},
            {"data_set_id": ["Enter a number."], "agent_id": ["Enter a number."]},
            {
                "data_set_id": ["Ensure this value is less than or equal to 9223372036854775807."],
                "agent_id": ["Ensure this value is less than or equal to 9223372036854775807."],
            },
            {"data_set_id": ["Enter a number."], "agent_id": ["Enter a number."]},
        ]
    )


@pytest.mark.requirement("enthusiast.read.malformed")
async def test_a_malformed_conversation_id_is_not_found(stage: Stage, member: Client) -> None:
    before = stage.rows()
    texts = ["0", "-1", "x", "1.5", str(2**63), "9" * 500, "%00", "1%20", "%F0%9F%92%A9", "%C2%B2"]
    answers = [await member.get(f"{CONVERSATIONS}/{text}") for text in texts]
    answers += [await member.post(f"{CONVERSATIONS}/{text}", {"question_message": "Hi"}) for text in texts]
    missing = (404, {"detail": "No Conversation matches the given query."})
    assert [answer.plain for answer in answers] == [missing] * 2 * len(texts)
    assert stage.rows() == before
