"""How long tests wait for what must come."""

PATIENCE = 30.0
"""Seconds, at most. It is far more than anything takes, and only a test that fails waits so long: a machine with more to do
than it has processors for must not make one fail."""

PROCESS_PATIENCE = 120.0
"""The same, where a process has to start first: loading Python and ours takes seconds of a processor."""
