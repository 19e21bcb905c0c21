"""The Enthusiast dialect, under `/api`: conversations over an agent with a data set, polled by task."""

from turnkeeper.dialects.enthusiast.door import PREFIX, build

__all__ = ["PREFIX", "build"]
