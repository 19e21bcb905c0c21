"""Turnkeeper: a self-hosted server for conversations with AI agents; every accepted turn is kept."""
