"""Clients of the native dialect, for Python and TypeScript."""
