"""Doors that speak HTTP: translation only."""
