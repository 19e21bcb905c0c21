"""Clients of the Nairi dialect with the keys of the people."""

import pytest

from tests.dialects.conftest import Stage
from tests.dialects.nairi.client import Nairi


@pytest.fixture
def admin(stage: Stage) -> Nairi:
    """With an admin's key."""
    return Nairi(stage, stage.keys.admin)


@pytest.fixture
def member(stage: Stage) -> Nairi:
    """With the key of a member of the same organization."""
    return Nairi(stage, stage.keys.member)


@pytest.fixture
def outsider(stage: Stage) -> Nairi:
    """With the key of another organization's admin."""
    return Nairi(stage, stage.keys.outsider)
