"""A running server, a model that says what the test tells it, and an agent that asks before it refunds."""

from tests.dialects.conftest import stage
from tests.dialects.native.conftest import admin, shop

__all__ = ["admin", "shop", "stage"]
