#!/usr/bin/env bash
# Drive a conversation: start, poll, read the reply, send a follow-up. Prints what the assistant said.
set -euo pipefail
BASE="$SERVER/api/public/v1"
AUTH="Authorization: Bearer $KEY"
CT="Content-Type: application/json"
AGENT_ID=$(curl -sf -H "$AUTH" "$BASE/agents" | jq -r '.[0].agent_id')

poll() {
  while true; do
    STATUS=$(curl -sf -H "$AUTH" "$BASE/messages/$1" | jq -r .status)
    case "$STATUS" in
      completed | failed) break ;;
    esac
    sleep 0.1
  done
}

RESP=$(jq -n --arg agent "$AGENT_ID" --arg prompt "$QUESTION" '{agent_id: $agent, prompt: $prompt, ask_mode: false}' \
  | curl -sf -X POST "$BASE/conversations/start" -H "$AUTH" -H "$CT" -d @-)
JOB_ID=$(echo "$RESP" | jq -r .job_id)
MSG_ID=$(echo "$RESP" | jq -r .message_id)
poll "$MSG_ID"
STATE=$STATUS
ANSWER=$(curl -sf -H "$AUTH" "$BASE/conversations/$JOB_ID/messages" \
  | jq '[.messages[] | select(.role != "progress")][-1].content')

RESP=$(curl -sf -X POST "$BASE/conversations/$JOB_ID/continue" \
  -H "$AUTH" -H "$CT" \
  -d '{"prompt": "What does FiberUP Business Duplex cost?"}')
poll "$(echo "$RESP" | jq -r .message_id)"
curl -sf -H "$AUTH" "$BASE/conversations/$JOB_ID/messages" | jq --arg state "$STATE" --argjson answer "$ANSWER" \
  '[.messages[] | select(.role != "progress")] | {state: $state, roles: [.[].role], answer: $answer, follow_up: .[-1].content}'
