"""Not a language model: a script that behaves like one, so that the example runs without any key.

It speaks as much of OpenAI's chat completions as Turnkeeper needs, and decides by what it reads in the talk: list the
charges, refund the failed one, send a receipt, say so. With a real model (`OPENAI_API_KEY`) it is not used.
"""

import json
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Json = dict[str, object]


def decide(messages: list[dict[str, str]]) -> tuple[str, Json] | str:
    """The next call of a tool, or the answer."""
    asked = next(place for place in reversed(range(len(messages))) if messages[place]["role"] == "user")
    found = re.search(r"cus_\w+", messages[asked]["content"])
    answers = [str(message["content"]) for message in messages[asked:] if message["role"] == "tool"]
    if found is None:
        return "Which customer is it about? Tell me an id like cus_123."
    if not answers:
        return "payments__list_charges", {"customer": found[0]}
    failed = re.search(r"(ch_\w+) ([\d.]+) failed$", answers[0], re.MULTILINE)
    if failed is None:
        return f"There is no failed charge of {found[0]} that could be refunded."
    return refund(found[0], failed[1], failed[2], answers[1:])


def refund(customer: str, charge: str, amount: str, answers: list[str]) -> tuple[str, Json] | str:
    """What comes after the list of charges."""
    if not answers:
        return "payments__refund_charge", {"charge": charge, "amount": float(amount)}
    if "was refunded" not in answers[0]:
        return f"Nothing was refunded. {answers[0]}"
    if len(answers) == 1:
        return "payments__send_receipt", {"customer": customer, "text": answers[0]}
    return f"I refunded {amount} euros for the failed charge {charge} of {customer}. {answers[1]}"


def chunks(decision: tuple[str, Json] | str, number: int) -> Iterator[Json]:
    """The decision as a streamed reply."""
    if isinstance(decision, str):
        for word in re.findall(r"\S+\s*", decision):
            yield {"choices": [{"index": 0, "delta": {"content": word}}]}
        yield {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    else:
        function = {"name": decision[0], "arguments": json.dumps(decision[1])}
        call = {"index": 0, "id": f"call_{number}", "type": "function", "function": function}
        yield {"choices": [{"index": 0, "delta": {"tool_calls": [call]}}]}
        yield {"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]}
    yield {"choices": [], "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}}


class Handler(BaseHTTPRequestHandler):
    """Answers `POST …/chat/completions`."""

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for chunk in chunks(decide(request["messages"]), len(request["messages"])):
            whole = {"id": "scripted", "object": "chat.completion.chunk", "model": "scripted", **chunk}
            self.wfile.write(f"data: {json.dumps(whole)}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


def started() -> ThreadingHTTPServer:
    """A server on a free port of loopback; it answers once `serve_forever` runs."""
    return ThreadingHTTPServer(("127.0.0.1", 0), Handler)
