"""What the first start prints: the key, and for each dialect commands that work when they are pasted."""

import shlex

QUESTION = "Does FiberUP Business Duplex include an SLA?"

_CONSOLE = """
  The console. This link signs you in, once, within an hour:

    {link}
"""

_KEY = """
  An organization, an admin and an API key were made. The key is shown once and stored nowhere:

    {secret}

  In another terminal, paste (curl and jq are needed):

    export KEY={secret}
    export SERVER={address}
    export CT="Content-Type: application/json"
"""

_ENTHUSIAST = """
  The Enthusiast dialect:

    ID=$(curl -s $SERVER/api/conversations -H "Authorization: Token $KEY" \\
      -H "$CT" -d '{{"data_set_id": {data_set_id}}}' | jq -r .id)
    TASK=$(curl -s $SERVER/api/conversations/$ID -H "Authorization: Token $KEY" \\
      -H "$CT" -d '{{"question_message": "{question}"}}' | jq -r .task_id)
    curl -s $SERVER/api/task_status/$TASK -H "Authorization: Token $KEY" -H "Prefer: wait=30"
    curl -s $SERVER/api/conversations/$ID -H "Authorization: Token $KEY" | jq .history
"""

_NAIRI = """
  The Nairi dialect:

    RESP=$(curl -s $SERVER/api/public/v1/conversations/start -H "Authorization: Bearer $KEY" \\
      -H "$CT" -d '{{"agent_id": "{agent_slug}", "prompt": "{question}"}}')
    JOB_ID=$(echo "$RESP" | jq -r .job_id) MSG_ID=$(echo "$RESP" | jq -r .message_id)
    curl -s $SERVER/api/public/v1/messages/$MSG_ID -H "Authorization: Bearer $KEY" -H "Prefer: wait=30" | jq .status
    curl -s $SERVER/api/public/v1/conversations/$JOB_ID/messages -H "Authorization: Bearer $KEY" \\
      | jq '.messages[] | select(.role != "progress")'
"""

_NO_DEMO = """
  There is nothing to talk to yet; bring in your own documents:

    turnkeeper data-sets import NAME PATH…
"""


def sign_in_link(address: str, code: str) -> str:
    """The address that signs in by a code: behind the #, which no server hears and no log keeps."""
    return f"{address}/sign-in#code={code}"


def first_words(address: str, *, secret: str, code: str, data_set_id: int | None, agent_slug: str | None) -> str:
    """The text, without colours, as it will be copied from."""
    console = _CONSOLE.format(link=sign_in_link(address, code))
    key = console + _KEY.format(secret=shlex.quote(secret), address=shlex.quote(address))
    if data_set_id is None or agent_slug is None:
        return key + _NO_DEMO + "\n"
    enthusiast = _ENTHUSIAST.format(data_set_id=data_set_id, question=QUESTION)
    nairi = _NAIRI.format(agent_slug=agent_slug, question=QUESTION)
    return key + enthusiast + nairi + "\n"
