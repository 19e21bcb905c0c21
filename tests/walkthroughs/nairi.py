"""Drive a conversation: start, poll, read the reply, send a follow-up. Prints what the assistant said."""

import json
import os

import requests

BASE = f"{os.environ['SERVER']}/api/public/v1"
HEADERS = {"Authorization": f"Bearer {os.environ['KEY']}", "Content-Type": "application/json"}


def poll(message_id: str) -> str:
    waiting = HEADERS | {"Prefer": "wait=5"}
    while True:
        status = requests.get(f"{BASE}/messages/{message_id}", headers=waiting, timeout=60).json()["status"]
        if status in ("completed", "failed"):
            return status


def visible(job_id: str) -> list[dict[str, str]]:
    response = requests.get(f"{BASE}/conversations/{job_id}/messages", headers=HEADERS, timeout=60)
    return [message for message in response.json()["messages"] if message["role"] != "progress"]


agent_id = requests.get(f"{BASE}/agents", headers=HEADERS, timeout=60).json()[0]["agent_id"]
started = requests.post(
    f"{BASE}/conversations/start",
    headers=HEADERS,
    json={"agent_id": agent_id, "prompt": os.environ["QUESTION"], "ask_mode": False},
    timeout=60,
).json()
state = poll(started["message_id"])
answer = visible(started["job_id"])[-1]["content"]

continued = requests.post(
    f"{BASE}/conversations/{started['job_id']}/continue",
    headers=HEADERS,
    json={"prompt": "What does FiberUP Business Duplex cost?"},
    timeout=60,
).json()
poll(continued["message_id"])
rows = visible(started["job_id"])
follow_up = rows[-1]["content"]
print(json.dumps({"state": state, "roles": [row["role"] for row in rows], "answer": answer, "follow_up": follow_up}))
