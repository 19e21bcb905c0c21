"""The door for people at `/`: one page, and what machines ask about the server's health."""

from turnkeeper.web.door import build

__all__ = ["build"]
