"""An MCP server of a few lines that starts at once and does not know its manners; its modes are its arguments.

`silent` never answers, `deaf` ends at once, `crooked` lists malformed tools beside a good one, `rude` prints what is no
message first. Its tools do what they are named for.
"""

import json
import os
import sys
from pathlib import Path

MODES = sys.argv[1:]
EMPTY: dict[str, object] = {"type": "object", "properties": {}}
TOOLS: list[object] = [
    {"name": "list", "inputSchema": EMPTY, "annotations": {"readOnlyHint": True}},
    {"name": "set", "inputSchema": EMPTY, "annotations": {"idempotentHint": True}},
    {"name": "pay", "description": "Pay.", "inputSchema": EMPTY},
    {"name": "die", "inputSchema": EMPTY},
    {"name": "stall", "inputSchema": EMPTY},
    {"name": "shout", "inputSchema": EMPTY},
    {"name": "refuse", "inputSchema": EMPTY},
    {"name": "babble", "inputSchema": EMPTY},
    {"name": "tell", "inputSchema": EMPTY},
]
CROOKED: list[object] = [
    {"name": "no schema"},
    {"name": "wrong schema", "inputSchema": {"type": "object", "properties": {"a": {"type": "nothing"}}}},
    {"name": "list schema", "inputSchema": []},
    {"inputSchema": EMPTY},
    "no object",
]


def say(message: object) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def text(words: str, **more: object) -> dict[str, object]:
    return {"content": [{"type": "text", "text": words}], **more}


def call(number: object, params: dict[str, object]) -> None:
    name = params["name"]
    if "CALLS" in os.environ:
        with Path(os.environ["CALLS"]).open("a") as file:
            file.write(json.dumps(params) + "\n")
    if name == "die":
        sys.stderr.write("I am done with this\n")
        os._exit(1)
    if name == "stall":
        return
    if name == "shout":  # the id comes last, as other libraries write it
        sys.stdout.write('{"result": {"content": [{"type": "text", "text": "loud \\u00e4 ')
        for _ in range(800):
            sys.stdout.write("x" * 65_536)
        sys.stdout.write(f'"}}]}}, "jsonrpc": "2.0", "id": {number}}}\n')
        sys.stdout.flush()
        return
    if name == "refuse":
        say({"jsonrpc": "2.0", "id": number, "error": {"code": -32000, "message": "no funds"}})
        return
    if name == "babble":
        say({"jsonrpc": "2.0", "id": number, "result": {"content": "not a list"}})
        return
    words = os.environ.get("PAYMENTS_KEY", "nothing") if name == "tell" else f"{name} done by {os.getpid()}"
    say({"jsonrpc": "2.0", "id": number, "result": text(words)})


def main() -> None:
    if "STARTS" in os.environ:
        with Path(os.environ["STARTS"]).open("a") as file:
            file.write("started\n")
    if "deaf" in MODES:
        return
    if "rude" in MODES:
        sys.stdout.write("Welcome to my server!\n")
    for line in sys.stdin:
        message = json.loads(line)
        number, method = message.get("id"), message.get("method")
        if "silent" in MODES or number is None:
            continue
        if method == "initialize":
            info = {"name": "plain", "version": "1"}
            result: dict[str, object] = {
                "protocolVersion": "2025-06-18",
                "capabilities": {"tools": {}},
                "serverInfo": info,
            }
            say({"jsonrpc": "2.0", "id": number, "result": result})
        elif method == "tools/list":
            tools = [*CROOKED, *TOOLS[:1]] if "crooked" in MODES else TOOLS
            say({"jsonrpc": "2.0", "id": number, "result": {"tools": tools}})
        elif method == "tools/call":
            call(number, message["params"])
        else:
            say({"jsonrpc": "2.0", "id": number, "error": {"code": -32601, "message": "Method not found"}})


main()
