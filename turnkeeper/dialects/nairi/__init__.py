"""The Nairi dialect: `/api/public/v1`."""

from turnkeeper.dialects.nairi.door import PREFIX, build

__all__ = ["PREFIX", "build"]
