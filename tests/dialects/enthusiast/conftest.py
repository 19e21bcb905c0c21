"""Clients of the dialect with each kind of key."""

import pytest

from tests.dialects.conftest import Stage
from tests.dialects.enthusiast.client import Client


@pytest.fixture
def admin(stage: Stage) -> Client:
    """An admin of the organization."""
    return Client(stage=stage, key=stage.keys.admin)


@pytest.fixture
def member(stage: Stage) -> Client:
    """A member of the organization, and of one of its data sets."""
    return Client(stage=stage, key=stage.keys.member)


@pytest.fixture
def outsider(stage: Stage) -> Client:
    """An admin of another organization."""
    return Client(stage=stage, key=stage.keys.outsider)


@pytest.fixture
def nobody(stage: Stage) -> Client:
    """No key at all."""
    return Client(stage=stage, key=None)
