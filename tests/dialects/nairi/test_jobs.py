"""The list of an agent's conversations: filters, sorts, pages."""

from urllib.parse import quote

import pytest
from inline_snapshot import snapshot

from tests.dialects.conftest import Stage
from tests.dialects.nairi.client import Nairi

LIST = "/agents/helper/conversations"


async def seven(stage: Stage, admin: Nairi) -> list[str]:
    """Seven jobs with titles 1 to 7, created a second apart; updated in the reverse order; three in the same moment."""
    jobs = [(await admin.start(str(number))).job_id for number in range(1, 8)]
    stage.execute(
        "UPDATE conversations SET created_at = '2026-01-01T00:00:00Z'::timestamptz + least(id, 5) * interval '1 s',"
        " updated_at = '2026-02-01T00:00:00.000400Z'::timestamptz - id * interval '1 s'"
    )
    return jobs


@pytest.mark.requirement("nairi.jobs.filter-and-sort")
async def test_jobs_come_newest_first_unless_sorted_otherwise(stage: Stage, admin: Nairi) -> None:
    await seven(stage, admin)
    titles = {
        sort: "".join([job.title for job in await admin.jobs(f"{LIST}{sort}")])
        for sort in (
            "",
            "?sort=created_at_desc",
            "?sort=created_at_asc",
            "?sort=updated_at_asc",
            "?sort=updated_at_desc",
            "?limit=2&offset=1",
            "?offset=999999999999999999",
        )
    }
    assert titles == snapshot(
        {
            "": "7654321",
            "?sort=created_at_desc": "7654321",
            "?sort=created_at_asc": "1234567",
            "?sort=updated_at_asc": "7654321",
            "?sort=updated_at_desc": "1234567",
            "?limit=2&offset=1": "65",
            "?offset=999999999999999999": "",
        }
    )


@pytest.mark.requirement("nairi.jobs.filter-and-sort")
async def test_jobs_can_be_filtered_by_status(stage: Stage, admin: Nairi) -> None:
    await seven(stage, admin)
    stage.execute("UPDATE conversations SET status = 'completed' WHERE summary = '2'")
    stage.execute("UPDATE conversations SET status = 'abandoned' WHERE summary = '3'")
    assert [job.title for job in await admin.jobs(f"{LIST}?status=completed,abandoned")] == ["3", "2"]
    assert [job.status for job in await admin.jobs(f"{LIST}?status=completed")] == ["completed"]
    assert len(await admin.jobs(f"{LIST}?status=active")) == 5


@pytest.mark.requirement("nairi.jobs.filter-and-sort")
async def test_a_moment_that_was_shown_never_brings_its_row_again(stage: Stage, admin: Nairi) -> None:
    await seven(stage, admin)
    middle = (await admin.jobs(f"{LIST}?sort=updated_at_asc"))[3]
    for moment in (
        middle.updated_at,
        quote(middle.updated_at),
        middle.updated_at.replace("Z", "%2B00:00"),
        middle.updated_at.replace("Z", "+00:00"),
        middle.updated_at.lower(),
    ):
        later = await admin.jobs(f"{LIST}?sort=updated_at_asc&updated_after={moment}")
        assert [job.title for job in later] == ["3", "2", "1"], moment
    assert len(await admin.jobs(f"{LIST}?updated_after=0001-01-01T00:00:00Z")) == 7


@pytest.mark.requirement("nairi.jobs.cursor")
@pytest.mark.parametrize("sort", ["created_at_asc", "created_at_desc", "updated_at_asc", "updated_at_desc"])
async def test_pages_by_cursor_have_no_gap_and_no_repeat(stage: Stage, admin: Nairi, sort: str) -> None:
    await seven(stage, admin)
    whole = [job.id for job in await admin.jobs(f"{LIST}?sort={sort}")]
    page = await admin.page(f"{LIST}?sort={sort}&limit=2")
    seen = [job.id for job in page.conversations]
    for _ in range(3):
        assert page.next_cursor is not None
        page = await admin.page(f"{LIST}?sort={sort}&limit=2&cursor={page.next_cursor}")
        seen += [job.id for job in page.conversations]
    assert page.next_cursor is None
    assert seen == whole
    assert len(set(seen)) == 7


@pytest.mark.requirement("nairi.jobs.cursor")
async def test_a_full_last_page_has_no_next_cursor(stage: Stage, admin: Nairi) -> None:
    await seven(stage, admin)
    assert (await admin.page(f"{LIST}?limit=7")).next_cursor is None
    assert (await admin.page(f"{LIST}?limit=6")).next_cursor is not None


@pytest.mark.requirement("nairi.jobs.filter-and-sort", "nairi.jobs.cursor")
async def test_a_query_that_cannot_be_used_is_refused_with_what_to_mend(stage: Stage, admin: Nairi) -> None:
    await seven(stage, admin)
    cursor = (await admin.page(f"{LIST}?limit=2")).next_cursor
    queries = [
        "status=",
        "status=active,",
        "status=Active",
        "status=done",
        "updated_after=",
        "updated_after=yesterday",
        "updated_after=2026-01-01T00:00:00",
        "updated_after=2026-02-30T00:00:00Z",
        "updated_after=0001-01-01T00:00:00%2B14:00",
        "sort=",
        "sort=title",
        "limit=0",
        "limit=101",
        "limit=ten",
        "limit=%D9%A1",
        "limit=",
        "limit=" + "9" * 5000,
        "offset=-1",
        "offset=1.5",
        "offset=%00",
        f"cursor={cursor}&offset=0",
        f"cursor={cursor}&sort=updated_at_asc",
        "cursor=",
        "cursor=AAAA",
        "cursor=%FF%00",
    ]
    answers = {query[-40:]: await admin.get(f"{LIST}?{query}") for query in queries}
    assert {query: answer.status for query, answer in answers.items() if answer.status != 400} == {}
    assert sorted({answer.error for answer in answers.values()}) == snapshot(
        [
            "This cursor belongs to a list in another order; start again without one.",
            "This cursor was not made by this server; start again without one.",
            "cursor and offset exclude each other: send one of them",
            "limit must be an integer between 1 and 100",
            "offset must be an integer of at least 0",
            "sort must be one of created_at_asc, created_at_desc, updated_at_asc, updated_at_desc",
            "status must be a comma-separated list of active, completed, error, abandoned",
            "updated_after must be an RFC 3339 time with a zone, such as 2026-04-12T18:45:12.000Z",
        ]
    )


@pytest.mark.requirement("nairi.jobs.own")
async def test_a_member_sees_its_own_jobs_and_an_admin_all(admin: Nairi, member: Nairi) -> None:
    theirs = await admin.start("Of the admin")
    mine = await member.start("Of the member")
    assert [job.id for job in await member.jobs(LIST)] == [mine.job_id]
    assert [job.id for job in await admin.jobs(LIST)] == [mine.job_id, theirs.job_id]
    refused = await member.get(f"/conversations/{theirs.job_id}/messages")
    assert (refused.status, refused.error) == (404, "job not found")
