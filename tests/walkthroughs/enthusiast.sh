#!/usr/bin/env bash
# Run a conversation via the API: create, send, check the status, get the messages. Prints what the agent said.
set -euo pipefail
AUTH="Authorization: Token $KEY"
CT="Content-Type: application/json"

ID=$(curl -sf -X POST "$SERVER/api/conversations" -H "$AUTH" -H "$CT" -d '{"data_set_id": 1}' | jq -r .id)
TASK=$(jq -n --arg question "$QUESTION" '{question_message: $question, data_set_id: 1}' \
  | curl -sf -X POST "$SERVER/api/conversations/$ID" -H "$AUTH" -H "$CT" -d @- | jq -r .task_id)

while true; do
  STATE=$(curl -sf "$SERVER/api/task_status/$TASK" -H "$AUTH" | jq -r .state)
  case "$STATE" in
    SUCCESS | FAILURE) break ;;
  esac
  sleep 0.1
done

curl -sf "$SERVER/api/conversations/$ID" -H "$AUTH" \
  | jq --arg state "$STATE" '{state: $state, roles: [.history[].role], answer: .history[-1].text}'
