"""A running server, and a client with an admin's key."""

from tests.dialects.conftest import stage
from tests.dialects.native.conftest import admin

__all__ = ["admin", "stage"]
