"""The native dialect: `/v1`."""

from turnkeeper.dialects.native.door import PREFIX, build, endpoints, route_table

__all__ = ["PREFIX", "build", "endpoints", "route_table"]
