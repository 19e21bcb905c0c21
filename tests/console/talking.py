"""Turns for pages that show what turns came to."""

import requests

from tests.console.browser import Console
from tests.patience import PATIENCE


def answered(console: Console, text: str) -> str:
    """Say something to the first agent and wait for the answer; the message's id."""
    headers = {"Authorization": f"Bearer {console.server.key}", "Prefer": "wait=30"}
    agents = requests.get(f"{console.address}/v1/agents", headers=headers, timeout=2 * PATIENCE).json()["items"]
    body = {"agent": agents[0]["id"], "message": {"text": text}}
    made = requests.post(f"{console.address}/v1/conversations", json=body, headers=headers, timeout=2 * PATIENCE)
    assert made.ok, made.text
    return str(made.json()["message"]["id"])
