"""What is read all the time is planned a few times, not at each reading: planning takes longer than the reading itself."""

from tests.fakes.people import Crew
from turnkeeper.actions.conversations import ConversationActions
from turnkeeper.store import messages, talks
from turnkeeper.store.changes import Changes
from turnkeeper.store.database import Database
from turnkeeper.store.notices import Notices

MOST_PLANS = 5
"""PostgreSQL tries so many before it keeps one, if it finds that one no worse."""


async def test_readings_by_id_keep_their_plans(database: Database, notices: Notices, crew: Crew) -> None:
    actions, admin = ConversationActions(database, Changes(notices)), crew.people.admin
    started = await actions.start(admin, agent=crew.people.agent, text="Hello", mode="execute", origin="api")
    wanted, talk = [started.value.message_public_id], started.value.conversation_id

    async with database.connection() as connection:
        for _ in range(3 * MOST_PLANS):
            await messages.find_each(connection, admin, wanted, only_own=True)
            await messages.standings(connection, admin, wanted)
            await messages.states_of(connection, admin, wanted, only_own=True)
            await talks.find(connection, admin, conversation=talk, only_own=True, limit=100)
        kept = await connection.execute(
            "SELECT count(*), max(custom_plans) FROM pg_prepared_statements WHERE generic_plans > %s", (0,)
        )
        assert await kept.fetchone() == (4, MOST_PLANS)
