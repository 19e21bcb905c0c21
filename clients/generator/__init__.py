"""Writes what of the clients follows from the OpenAPI document of the native dialect; `make clients` runs it."""
