"""The life of a message without HTTP: the people, and the actions."""

from collections.abc import AsyncGenerator

import pytest

from tests.fakes.forked_workers import ForkedWorkers
from tests.fakes.people import Crew, People
from tests.fakes.scripted_model import ScriptedModel
from tests.turns.floor import Floor
from tests.turns.scene import Scene, set_scene
from turnkeeper.actions.approvals import ApprovalActions
from turnkeeper.actions.conversations import ConversationActions
from turnkeeper.actions.messages import MessageActions
from turnkeeper.store.changes import Changes
from turnkeeper.store.database import Database
from turnkeeper.store.notices import Notices


@pytest.fixture
def staff(crew: Crew) -> People:
    """The people, with agents of the extractive model."""
    return crew.people


@pytest.fixture
def changes(notices: Notices) -> Changes:
    """Who waits for which conversation."""
    return Changes(notices)


@pytest.fixture
def conversations(database: Database, changes: Changes) -> ConversationActions:
    """The actions on conversations."""
    return ConversationActions(database, changes)


@pytest.fixture
async def floor(
    database: Database, notices: Notices, changes: Changes, conversations: ConversationActions, staff: People
) -> AsyncGenerator[Floor]:
    """Where agents act."""
    async with ScriptedModel() as model:
        yield Floor(
            database=database,
            notices=notices,
            changes=changes,
            conversations=conversations,
            messages=MessageActions(database, changes, conversations),
            approvals=ApprovalActions(database, changes),
            staff=staff,
            model=model,
        )


@pytest.fixture
async def scene(
    database: Database, conversations: ConversationActions, changes: Changes, staff: People, forks: ForkedWorkers
) -> AsyncGenerator[Scene]:
    """A turn that acts, with no worker yet."""
    async with set_scene(database, conversations, changes, staff, forks) as scene:
        yield scene
