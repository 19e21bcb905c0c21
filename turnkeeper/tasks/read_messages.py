"""The task `read_messages`: messages that nobody searched yet become searchable. Deferred by searches; safe to repeat."""

from turnkeeper.store import message_words
from turnkeeper.store.database import Database


class ReadMessages:
    """Writes down the words of messages, a few hundred at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self) -> None:
        """Read until nothing is left."""
        after: int | None = None
        has_more = True
        while has_more:
            async with self._database.transaction() as connection:
                after = await message_words.read_on(connection, after=after)
                has_more = after is not None or await message_words.read_whole(connection)
