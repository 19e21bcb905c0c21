"""Run a conversation via the API: create, send, check the status, get the messages. Prints what the agent said."""

import json
import os

import requests

SERVER = os.environ["SERVER"]
HEADERS = {"Authorization": f"Token {os.environ['KEY']}"}

conversation = requests.post(f"{SERVER}/api/conversations", headers=HEADERS, json={"data_set_id": 1}, timeout=60).json()
task = requests.post(
    f"{SERVER}/api/conversations/{conversation['id']}",
    headers=HEADERS,
    json={"question_message": os.environ["QUESTION"], "data_set_id": 1},
    timeout=60,
).json()

state = "PENDING"
while state == "PENDING":
    url = f"{SERVER}/api/task_status/{task['task_id']}"
    state = requests.get(url, headers=HEADERS | {"Prefer": "wait=5"}, timeout=60).json()["state"]

history = requests.get(f"{SERVER}/api/conversations/{conversation['id']}", headers=HEADERS, timeout=60).json()[
    "history"
]
print(json.dumps({"state": state, "roles": [each["role"] for each in history], "answer": history[-1]["text"]}))
