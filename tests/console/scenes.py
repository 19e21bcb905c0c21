"""What a server has to show in pictures: an invented telecom provider in its third week with its agents."""

import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec
import requests

from tests.console.browser import Console
from tests.console.scripted import ModelThread
from tests.console.traced import begun, made, until
from tests.fakes.scripted_model import Call, CallsTools, Fails, Reply, Says, SeenRequest, Stalls

MODEL = "openai:gpt-5-mini"
FLAGS = ("--model", MODEL, "--prices", f"{MODEL}=1.25/10/0.12/1.25", "--webhook-private-addresses")
"""How the server is started: with a model that has a price, and webhooks that reach this machine."""

RESET = "How do I reset my R5, and how do I see that it is back?"
_RESET = """\
Hold the recessed button with a paper clip for **ten seconds until all lights go out** [1]. Then:

1. Wait about three minutes for the router to start [1].
2. Sign in at `http://192.168.20.1` and set your Wi-Fi name again.

| Internet light | Meaning |
|---|---|
| green | connected |
| orange, blinking | signing in, wait two minutes |
| red | no connection to the ONT |
"""
SCRIPT = "Can you write me a little script that tells me when the line is down?"
_SCRIPT = """\
This asks the router every half a minute, and says so once when it stops answering:

```sh
#!/bin/sh
# Tells once when the router is away, and once when it is back.
while sleep 30; do
  if ping -c 1 -W 2 192.168.20.1 >/dev/null; then now=up; else now=down; fi
  [ "$now" = "$last" ] || echo "$(date +%T) the line is $now"
  last=$now
done
```

Leave it running in a terminal. At night, report a fault on **0800 555 0199**.
"""
SLA = "Does FiberUP Business Duplex include an SLA?"
REPORT = "Write a report about our routers for the sales team"
ANSWERS: Mapping[str, str] = {
    RESET: _RESET,
    SLA: "Yes: **99.9 %** a calendar month, an answer within 4 hours and repair within 8 hours, day and night [1].",
    "What does FiberUP Business Duplex cost a month?": "**89 euros a month** without VAT, for at least 24 months [1].",
    "Is there maintenance over Christmas?": "No. Between 15 December and 6 January nothing is planned [1].",
    "How many VPN tunnels can the Router R9 hold?": "Up to **20 tunnels** at the same time [1].",
    "Do I get a discount if I take ten SIM cards?": "Yes, **10 %** on every card from the tenth on [1].",
    "How tightly may the yellow fibre cable be bent?": "No tighter than a radius of **30 mm** [1].",
    "Until when must I claim a service credit?": "Within **30 days** after the end of the month [1].",
}
"""Questions that the demo's documents answer; the agent searches first."""

SMALL = (
    ("Cancel my contract at the end of March", "Done as a draft. Shall I send it, or do you want to look first?"),
    ("Our number should move with us to Leipzig", "Then we need the old contract's number and the date of the move."),
    (
        "Invoice 2026-1107 has two setup fees",
        "You are right, one of them was waived. I have put a credit of 99 euros forward.",
    ),
    ("Who visits us on Thursday, and when?", "A technician, between 8:00 and 12:00. He calls half an hour before."),
    ("Summarise this week's fault reports", "Eleven reports, nine solved within four hours. Two wait for a part."),
    ("Translate the maintenance notice into Polish", "Gotowe: prace potrwają od 1:00 do 5:00."),
    ("Which customers are still on the old R3?", "Forty-two. Seven of them have asked for a new one this year."),
    ("The phone in room 4 has no tone", "Is its lamp dark or orange? If it is dark, try the other port first."),
    (
        "Draft an answer to Mrs Okafor about roaming",
        "Here is one in four sentences. It names the price outside the EU.",
    ),
    ("What was the outage in Halle about?", "A digger cut a fibre at 14:10. It was spliced at 17:55."),
    ("Offer for 12 seats of Cloud Phone", "12 seats with a T40 each: 168 euros a month, and 480 once."),
    ("Book the meeting room for Tuesday", "It is booked from 10:00 to 11:30."),
)
"""What is said to agents that search nothing."""
_QUICK = dict(SMALL)


def answers(request: SeenRequest) -> Reply:
    """What the model says: the same to the same question."""
    question = request.question
    if question in ANSWERS:
        if request.messages[-1].role == "tool":
            return Says(ANSWERS[question])
        query = msgspec.json.encode({"query": question}).decode()
        thinking = "" if question != RESET else "The quick guide of the R5 should say how, and what its lights mean."
        return CallsTools((Call(tool="search_documents", arguments=query, call_id="search"),), thinking=thinking)
    if question.startswith("Send"):
        return Fails(400, "The prompt was refused by the provider's content filter.", code="content_filter")
    if question.startswith("Compare"):
        return Stalls("I begin with the prices. ")
    return Says(_QUICK.get(question, _SCRIPT if question == SCRIPT else question.removeprefix("say ")))


def furnish(console: Console, model: ModelThread) -> None:
    """Agents, people, settings and data."""
    model.does(lambda it: setattr(it, "rule", answers))
    for agent in _AGENTS:
        made(console, "/agents", agent)
    change = {
        "instructions": "Answer in one sentence.\nBe kind.\nNever promise a refund.\nName the invoice.",
        "limits": {"cost_usd": 0.25},
    }
    console.ask("PATCH", "/agents/billing", {**change, "note": "Shorter, and a limit of cost."})
    for name, scopes in (("Dashboard", ["read"]), ("Web shop", ["read", "converse"])):
        made(console, "/keys", {"name": name, "scopes": scopes})
    for email in ("jo@fiberup.example", "mara@fiberup.example"):
        made(console, "/members", {"kind": "user", "email": email, "password": "correct horse battery"})
    made(console, "/members", {"kind": "service", "name": "web shop"})
    for name in ("CRM_TOKEN", "OPENAI_API_KEY", "PAYMENTS_TOKEN"):
        console.ask("PUT", f"/secrets/{name}", {"value": "x"})
    console.ask("PUT", "/limits", {"tokens": 50_000, "cost_usd": 0.5, "cost_usd_a_day": 20.0})
    _schedules(console)
    _data(console)


_AGENTS: Sequence[Mapping[str, object]] = (
    {
        "name": "Billing",
        "description": "Explains invoices, and puts credits forward.",
        "instructions": "Answer in two sentences.\nBe kind.\nName the invoice.",
    },
    {"name": "Front desk", "description": "Knows who comes when, and books rooms."},
    {
        "name": "Clerk",
        "description": "Writes reports and letters, and asks before it keeps one.",
        "tools": ["write_file", "search_products"],
        "settings": {"approvals": {"rules": [{"tool": "write_file"}], "expires_after_seconds": 86_400}},
    },
)


def _schedules(console: Console) -> None:
    morning = {"name": "Morning report", "agent": "front-desk", "text": "Summarise this week's fault reports"}
    ran = made(console, "/schedules", {**morning, "cron": "30 8 * * mon-fri", "timezone": "Europe/Berlin"})
    for _ in range(3):
        console.ask("POST", f"/schedules/{ran['id']}/run")
    review = {"name": "Contracts that end soon", "agent": "billing", "text": "say Nine contracts end next month."}
    made(console, "/schedules", {**review, "cron": "0 7 1 * *", "timezone": "Europe/Berlin"})


def _data(console: Console) -> None:
    """A second data set, filled in three runs, of which one had files that nobody can read."""
    handbook = str(made(console, "/data-sets", {"name": "Staff handbook"})["id"])
    pages = {name: f"# {name}\n\n{text}" for name, text in _HANDBOOK.items()}
    for files in (
        {f"{name}.md": text for name, text in pages.items()},
        {"scan-0412.pdf": "no PDF", "Prices (old).pdf": "no PDF either", "Lunch.md": "# Lunch\n\nAt noon, downstairs."},
        {"Parking.md": "# Parking\n\nBehind the house; the barrier opens with the badge."},
    ):
        sent = [("file", (name, text.encode())) for name, text in files.items()]
        headers = {"Authorization": f"Bearer {console.server.key}", "Prefer": "wait=20"}
        address = f"{console.address}/v1/data-sets/{handbook}/syncs"
        answer = requests.post(address, files=sent, headers=headers, timeout=30)
        assert answer.ok, answer.text


_HANDBOOK = {
    "Holidays": "Thirty days a year. Ask two weeks ahead; your team decides together who is there.",
    "Travel": "Second class, and first from four hours on. Keep the receipts.",
    "Badges": "A lost badge is locked at once: call 12, day and night.",
    "Working from home": "Two days a week, more when the children are ill.",
    "Security": "Lock the screen. Nobody of ours ever asks for your password.",
}


def talk_much(console: Console) -> list[str]:
    """Several hundred turns, to be moved into the past; the ids of their conversations."""
    questions = [*(text for text, _ in SMALL), *(text for text in ANSWERS if text != RESET)]
    talks, last = list[str](), list[str]()
    for number in range(60):
        text = (
            questions[number % len(questions)] if number % 9 else f"Send the reminder for invoice 2026-11{number + 30}"
        )
        agent = "fiberup-support" if text in ANSWERS else ("billing", "front-desk")[number % 2]
        talk = begun(console, text, agent=agent, tags=["vip"] if number % 7 == 2 else ())
        talks.append(talk.conversation)
        last.append(talk.message)
        for more in range(number % 11):
            again = {"text": SMALL[(number + more) % len(SMALL)][0]}
            last[-1] = str(made(console, f"/conversations/{talk.conversation}/messages", again)["id"])
    for message in last:
        console.ask("GET", f"/messages/{message}", wait=30)
    return talks


def talk_now(console: Console, model: ModelThread) -> None:
    """What is on top: a talk with sources, a stopped one, a failed one, and one that waits for a person."""
    stopped = begun(console, "Compare our three business lines in a table", agent="billing")
    until(console, stopped.message, "turn.started")
    console.ask("POST", f"/messages/{stopped.message}/cancel")
    failed = begun(console, "Send the reminder for invoice 2026-1142", agent="billing", tags=["dunning"])
    until(console, failed.message, "message.failed")
    report = msgspec.json.encode({"name": "routers.md", "content": "# Routers\n\nThe R5 and the R9, side by side."})
    call = Call(tool="write_file", arguments=report.decode(), call_id="write")
    model.does(lambda it: it.will(CallsTools((call,), text="I have what I need, and would keep it as a file.")))
    asked = begun(console, REPORT, agent="clerk")
    until(console, asked.message, "approval.asked")
    talk = begun_in_the_console(console, RESET, agent="fiberup-support")
    message = made(console, f"/conversations/{talk}/messages", {"text": SCRIPT})
    until(console, str(message["id"]), "message.completed")


def begun_in_the_console(console: Console, text: str, *, agent: str) -> str:
    """Begin a conversation as the console does, so that it has the origin `web`; its id."""
    cookies = {"turnkeeper_session": console.cookie}
    who = requests.get(f"{console.address}/v1/sessions/current", cookies=cookies, timeout=10).json()
    headers = {"Origin": console.address, "X-CSRF-Token": str(who["csrf_token"])}
    body = {"agent": agent, "message": {"text": text}}
    address = f"{console.address}/v1/conversations"
    return str(
        requests.post(address, json=body, headers=headers, cookies=cookies, timeout=10).json()["conversation"]["id"]
    )


@contextmanager
def told(console: Console) -> Generator[None]:
    """Two webhooks: one whose receiver is well, and one whose receiver is not."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Receiver) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        root = f"http://127.0.0.1:{server.server_address[1]}"
        for path, words, types in (
            ("orders", "Order desk", ["message.completed", "message.failed"]),
            ("crm", "CRM", ["approval.*"]),
        ):
            made(console, "/webhooks", {"url": f"{root}/{path}", "description": words, "types": types})
        try:
            yield
        finally:
            server.shutdown()
            thread.join(5)


class _Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.send_response(204 if self.path == "/orders" else 503)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""
