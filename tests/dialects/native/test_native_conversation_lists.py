"""Conversations as wholes: listed, found by their words, labelled, deleted."""

import pytest
from inline_snapshot import snapshot

from tests.dialects.conftest import Stage
from tests.dialects.native.client import Native
from tests.dialects.native.talks import Talks, talk_of, talks_of


@pytest.mark.requirement("native.conversations.change")
async def test_labels_change_one_by_one(member: Native) -> None:
    talks = Talks(member)
    talk = await talks.begin(title="First", tags=["a"], metadata={"a": "1", "b": "2"})
    path = f"/conversations/{talk}"
    assert (await member.patch(path, {"metadata": {"a": None, "c": "3"}})).headers["ETag"] == '"2"'
    assert (await member.patch(path, {"archived": True})).headers["ETag"] == '"3"'
    found = talk_of(await member.patch(path, {"title": None, "tags": ["x", "y"]}))
    assert (found.title, found.tags, found.metadata) == ("", ["x", "y"], {"b": "2", "c": "3"})
    assert found.archived_at is not None
    same = await member.patch(path, {"tags": ["x", "y"], "archived": True})
    assert same.headers["ETag"] == '"4"'
    assert talk_of(await member.patch(path, {"metadata": None, "archived": False})).metadata == {}


@pytest.mark.requirement("native.conversations.change")
async def test_a_change_of_what_was_changed_meanwhile_is_refused(member: Native) -> None:
    path = f"/conversations/{await Talks(member).begin()}"
    first = await member.patch(path, {"title": "One"}, If_Match='"1"', Idempotency_Key="k")
    assert first.status == 200
    late = await member.patch(path, {"title": "Two"}, If_Match='"1"')
    assert (late.status, late.problem.code) == (412, "precondition_failed")
    again = await member.patch(path, {"title": "One"}, If_Match='"1"', Idempotency_Key="k")
    assert (again.status, again.body) == (200, first.body)


@pytest.mark.requirement("native.conversations.change")
async def test_metadata_does_not_grow_beyond_its_bound(member: Native) -> None:
    path = f"/conversations/{await Talks(member).begin(metadata={f'k{n}': 'v' for n in range(50)})}"
    refused = await member.patch(path, {"metadata": {"one": "more"}})
    assert [(fault.pointer, fault.code) for fault in refused.problem.errors] == [("/metadata", "too_many")]
    assert (await member.patch(path, {"metadata": {"one": "more", "k0": None}})).status == 200


@pytest.mark.requirement("native.conversations.list")
async def test_lists_are_filtered(stage: Stage, admin: Native, member: Native) -> None:
    mine, theirs = Talks(member), Talks(admin)
    tagged = await mine.begin(tags=["red", "blue"], metadata={"ticket": "1", "a[b]": "é"})
    archived = await mine.begin(tags=["red"])
    await member.patch(f"/conversations/{archived}", {"archived": True})
    foreign = await theirs.begin(agent="closed", metadata={"ticket": "2"})
    account = talk_of(await admin.get(f"/conversations/{foreign}")).account_id

    async def found(asking: Native, query: str) -> set[str]:
        return {talk.id for talk in talks_of(await asking.get(f"/conversations?{query}")).items}

    assert await found(member, "") == {tagged}
    assert await found(admin, "") == {tagged, foreign}
    assert await found(admin, "archived=any") == {tagged, archived, foreign}
    assert await found(admin, "archived=true") == {archived}
    assert await found(admin, "agent=closed") == {foreign}
    assert await found(admin, "tag=red&tag=blue&archived=any") == {tagged}
    assert await found(admin, "tag=red&archived=any") == {tagged, archived}
    assert await found(admin, "metadata[ticket]=2") == {foreign}
    assert await found(admin, "metadata%5Bticket%5D=1&metadata[a[b]]=%C3%A9") == {tagged}
    assert await found(admin, f"account={account}") == {foreign}
    assert await found(admin, "status=error") == set()
    assert await found(admin, "origin=api") == {tagged, foreign}
    assert await found(admin, "created_before=2020-01-01T00:00:00Z") == set()
    assert await found(admin, "updated_after=2020-01-01T00:00:00Z") == {tagged, foreign}
    assert await found(Native(stage, stage.keys.outsider), "archived=any") == set()


@pytest.mark.requirement("native.conversations.list")
@pytest.mark.parametrize("sort", ["created_at", "-created_at", "updated_at", "-updated_at"])
async def test_lists_come_in_pages_in_every_order(member: Native, sort: str) -> None:
    talks = Talks(member)
    made = [await talks.begin(title=f"Talk {number}") for number in range(5)]
    await member.patch(f"/conversations/{made[2]}", {"title": "Changed"})
    expected = made if "created" in sort else [made[0], made[1], made[3], made[4], made[2]]
    assert await talks.pages(f"sort={sort}&limit=2") == (expected[::-1] if sort.startswith("-") else expected)


@pytest.mark.requirement("native.conversations.list")
async def test_queries_are_checked_as_a_whole(member: Native) -> None:
    answer = await member.get(
        "/conversations?status=x&origin=y&account=1&archived=no&search=&sort=z&limit=0&created_after=now&tag=&metadata[]=v"
        "&metadata[a=v&cursor=x"
    )
    assert sorted((fault.parameter, fault.code) for fault in answer.problem.errors) == snapshot(
        [
            ("account", "malformed_id"),
            ("archived", "invalid"),
            ("created_after", "invalid"),
            ("cursor", "invalid"),
            ("limit", "invalid"),
            ("metadata[]", "invalid"),
            ("metadata[a", "unknown_parameter"),
            ("origin", "invalid"),
            ("search", "blank"),
            ("sort", "invalid"),
            ("status", "invalid"),
            ("tag", "blank"),
        ]
    )


@pytest.mark.requirement("native.conversations.search")
async def test_a_search_finds_words_of_messages(stage: Stage, member: Native, admin: Native) -> None:
    talks = Talks(member)
    first, second = await talks.begin(), await talks.begin()
    await member.post(f"/conversations/{first}/messages", {"text": "The refund for ÄPFEL takes two weeks"})
    await member.post(f"/conversations/{second}/messages", {"text": "A refund, cancelled; weeks after two"})

    async def found(words: str, asking: Native = member) -> set[str]:
        page = talks_of(await asking.get(f"/conversations?search={words}"))
        assert page.has_all_words
        return {talk.id for talk in page.items}

    assert await found("REFUND") == {first, second}
    assert await found("refund+-cancelled") == {first}
    assert await found("%22two+weeks%22") == {first}
    assert await found("%C3%A4pfel+or+cancelled", admin) == {first, second}
    assert await found("refunded") == set()
    assert await found("!!!") == set()
    assert await found("refund", Native(stage, stage.keys.outsider)) == set()
    await member.post(f"/conversations/{second}/messages", {"text": "apples"})
    match = talks_of(await member.get("/conversations?search=apples")).items[0].match
    assert match is not None
    assert (match.snippet, (await member.get(f"/messages/{match.message_id}")).message.id) == (
        "**apples**",
        match.message_id,
    )


@pytest.mark.requirement("native.conversations.search")
async def test_a_search_comes_in_pages(member: Native) -> None:
    talks = Talks(member)
    made = [await talks.begin() for _ in range(5)]
    for talk in made:
        await member.post(f"/conversations/{talk}/messages", {"text": "needle"})
    assert await talks.pages("search=needle&limit=2") == made[::-1]


@pytest.mark.requirement("native.conversations.delete")
async def test_a_deleted_conversation_is_gone_at_every_door(stage: Stage, member: Native, outsider: Native) -> None:
    talks = Talks(member)
    talk = await talks.begin()
    async with stage.working():
        message = await talks.say(talk, "Hello")
    assert (await outsider.ask("DELETE", f"/conversations/{talk}")).status == 404
    removed = await member.ask("DELETE", f"/conversations/{talk}", headers={"Idempotency-Key": "k"})
    assert removed.status == 200
    assert removed.steady() == snapshot(
        {"id": "conv-1", "messages": 2, "events": 5, "effects": 0, "approvals": 0, "files": 0}
    )
    again = await member.ask("DELETE", f"/conversations/{talk}", headers={"Idempotency-Key": "k"})
    assert (again.status, again.body, again.headers["Idempotency-Replayed"]) == (200, removed.body, "true")
    assert (await member.ask("DELETE", f"/conversations/{talk}")).status == 404
    for path in (f"/conversations/{talk}", f"/conversations/{talk}/messages", f"/messages/{message}"):
        assert (await member.get(path)).status == 404
    assert (await member.post(f"/conversations/{talk}/messages", {"text": "Hello"})).status == 404
    rows = stage.rows()
    assert (rows["conversations"], rows["messages"], rows["events"]) == (0, 0, 0)
