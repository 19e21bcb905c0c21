"""A running server with an agent, and clients with the keys of the people."""

from tests.dialects.conftest import stage
from tests.dialects.native.conftest import admin, member, outsider, shop

__all__ = ["admin", "member", "outsider", "shop", "stage"]
