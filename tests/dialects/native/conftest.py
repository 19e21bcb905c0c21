"""Clients of the native dialect with the keys of the people, and the shop."""

import pytest

from tests.dialects.conftest import Stage
from tests.dialects.native.client import Native, Shop, open_shop


@pytest.fixture
def admin(stage: Stage) -> Native:
    """With an admin's key."""
    return Native(stage, stage.keys.admin)


@pytest.fixture
def member(stage: Stage) -> Native:
    """With the key of a member of the same organization."""
    return Native(stage, stage.keys.member)


@pytest.fixture
def outsider(stage: Stage) -> Native:
    """With the key of another organization's admin."""
    return Native(stage, stage.keys.outsider)


@pytest.fixture
def nobody(stage: Stage) -> Native:
    """Without a key."""
    return Native(stage, None)


@pytest.fixture
async def shop(stage: Stage) -> Shop:
    """An agent that asks a person before each refund."""
    return await open_shop(stage)
