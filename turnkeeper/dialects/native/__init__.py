"""The native dialect: `/v1`."""

from turnkeeper.dialects.native.door import PREFIX, build, endpoints

__all__ = ["PREFIX", "build", "endpoints"]
