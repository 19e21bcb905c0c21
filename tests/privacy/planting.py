"""A person, and what is kept of one: planted wherever a person or an agent can put something."""

import aiohttp
import msgspec
import psycopg

from tests.dialects.conftest import Stage
from tests.dialects.native.client import Answer, Native, Shop
from tests.fakes.scripted_model import Call, CallsTools, Says
from tests.privacy.canary import CANARY
from turnkeeper.core.ids import from_prefixed


class Receipt(msgspec.Struct):
    id: str
    kind: str
    state: str
    removed: dict[str, int]
    audit_number: int | None
    hash: str | None


class Named(msgspec.Struct):
    id: str


class Talk(msgspec.Struct):
    id: str


class Begun(msgspec.Struct):
    id: str


class Me(msgspec.Struct):
    account: Named


def receipt_in(answer: Answer) -> Receipt:
    assert answer.status in {200, 202}, answer.body
    return msgspec.json.decode(answer.body, type=Receipt)


async def erased(stage: Stage, admin: Native, subject: object) -> Receipt:
    """Ask for it, with a worker that does it."""
    async with stage.working():
        asked = await admin.post("/erasures", subject)
        assert asked.status == 202, asked.body
        found = receipt_in(await admin.get(asked.headers["Location"].removeprefix("/v1"), Prefer="wait=30"))
    assert found.state == "completed", found
    return found


async def planted(stage: Stage, shop: Shop, own: Native, key: str) -> str:
    """A conversation of this person that has the word wherever a person or an agent can put one; its id."""
    made = await own.post(
        "/conversations",
        {"agent": shop.agent.slug, "title": f"T {CANARY}", "metadata": {"customer": CANARY}, "tags": [CANARY]},
        Idempotency_Key=f"key-{CANARY}",
    )
    assert made.status < 300, made.body
    talk = msgspec.json.decode(made.body, type=Talk).id
    stage.model.will(
        CallsTools((Call(tool="refund", arguments=f'{{"customer": "{CANARY}", "amount": 1}}', call_id="c1"),)),
        Says(f"Done, {CANARY}."),
    )
    async with shop.working():
        sent = await own.post(f"/conversations/{talk}/messages", {"text": f"Refund {CANARY}."}, Idempotency_Key="m")
        assert sent.status < 300, sent.body
        message = await shop.parked(own, msgspec.json.decode(sent.body, type=Begun).id)
        decided = await Native(stage, stage.keys.admin).decide(
            message.waits_for[0], "approve", f"Yes, {CANARY}.", Idempotency_Key="d"
        )
        assert decided.status == 200, decided.body
        finished = await own.finished(message.id)
    assert finished.reply is not None
    rated = await own.ask(
        "PUT",
        f"/messages/{message.id}/feedback",
        data=msgspec.json.encode({"rating": "up", "comment": CANARY}),
        headers={"Content-Type": "application/json", "Idempotency-Key": "f"},
    )
    assert rated.status == 200, rated.body
    await own.get(f"/conversations?q={CANARY}")
    await uploaded(stage, talk, key, f"{CANARY} in a file.".encode())
    stage.execute(
        "INSERT INTO memories (conversation_id, up_to_message_id, text, model) SELECT c.id, max(m.id),"
        f" '{CANARY}', 'm' FROM conversations c JOIN messages m ON m.conversation_id = c.id GROUP BY c.id"
        " ON CONFLICT DO NOTHING"
    )
    return talk


async def uploaded(stage: Stage, talk: str, key: str, content: bytes) -> None:
    """A file of the person's, for this conversation."""
    with psycopg.connect(stage.database_url, autocommit=True) as connection:
        public_id = from_prefixed(("conv",), talk)
        row = connection.execute("SELECT id FROM conversations WHERE public_id = %s", (public_id,)).fetchone()
    assert row is not None
    data = aiohttp.FormData()
    data.add_field("file", content, filename=f"{CANARY}.txt", content_type="text/plain")
    headers = {"Authorization": f"Token {key}"}
    address = f"{stage.address}/api/conversations/{row[0]}/upload"
    async with stage.http.post(address, data=data, headers=headers) as response:
        assert response.status < 300, await response.text()


async def imported(stage: Stage, own: Native) -> None:
    """A data set with a document that the person uploaded."""
    made = await own.post("/data-sets", {"name": "Papers"})
    assert made.status == 201, made.body
    data_set = msgspec.json.decode(made.body, type=Named).id
    async with stage.working():
        done = await own.ask(
            "PUT",
            f"/data-sets/{data_set}/documents?address={CANARY}.txt",
            data=msgspec.json.encode({"markdown": f"# The {CANARY}\n\nAll about it, and of nothing else."}),
            headers={"Content-Type": "application/json", "Prefer": "wait=30", "Idempotency-Key": "i"},
        )
    assert done.status < 300, done.body


async def person(stage: Stage, admin: Native) -> tuple[str, Native, str]:
    """An admin with the word in his address; his id, his client and his key."""
    body = {"kind": "user", "email": f"{CANARY}@acme.example", "password": "correct horse battery", "role": "admin"}
    made = await admin.post("/members", body, Idempotency_Key="p")
    account = msgspec.json.decode(made.body, type=Named).id
    answer = await admin.post("/keys", {"name": CANARY, "account_id": account}, Idempotency_Key="k")
    secret = msgspec.json.decode(answer.body, type=dict[str, object])["secret"]
    assert isinstance(secret, str)
    return account, Native(stage, secret), secret
