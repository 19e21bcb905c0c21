// The TypeScript client against a real server. SERVER and KEY are in the environment; the model does what it is told.
import assert from "node:assert/strict";
import http from "node:http";
import { test } from "node:test";

import { AnswerError, DeadlineError, FrameReader, TurnFailedError, Turnkeeper, etagOf } from "turnkeeper-client";

const { SERVER: address, KEY: key } = process.env;
const retries = { firstSeconds: 0.01, longestSeconds: 0.1, most: 50 };
const client = new Turnkeeper({ address, key, retries });
const WRITES = 'tool write_file {"name": "note.txt", "content": "Hello from the agent."}';

const gathered = async (events) => {
  const found = [];
  for await (const event of events) found.push(event);
  return found;
};

/** A server that gives these answers, one a request, and keeps the requests; a status of 0 hangs up. */
const scripted = async (answers, use) => {
  const seen = [];
  const server = http.createServer((request, response) => {
    request.resume().on("end", () => {
      const { status = 200, headers = {}, body = "{}" } = answers[seen.push(request.headers) - 1] ?? { status: 404 };
      if (status === 0) request.socket.destroy();
      else response.writeHead(status, headers).end(body);
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await use(new Turnkeeper({ address: `http://127.0.0.1:${server.address().port}`, key, retries }));
  } finally {
    server.closeAllConnections();
    server.close();
  }
  return seen;
};

test("a question is answered and the conversation goes on", async () => {
  const first = await client.converse({ agent: "helper", text: "say Good morning.", timeout: 5 });
  const second = await client.converse({ conversation: first.conversationId, text: "say And good night.", timeout: 5 });

  assert.deepEqual([first.text, second.text], ["Good morning.", "And good night."]);
});

test("a turn is streamed event by event", async () => {
  const turn = await client.stream({ agent: "helper", text: "say one two three", timeout: 5 });
  const events = await gathered(turn);

  assert.equal(events.at(-1).event, "message.completed");
  assert.equal(turn.text, "one two three");
  assert.equal((await turn.result()).text, "one two three");
  assert.deepEqual((await client.listMessageEvents(turn.messageId)).items, events);
});

test("a turn that asks people goes on when they decided", async () => {
  const asked = await client.converse({ agent: "writer", text: WRITES, timeout: 5 });
  assert.deepEqual([asked.status, asked.waitsFor.length], ["pending", 1]);

  assert.equal((await client.approve(asked.waitsFor[0], "Fine.")).state, "approved");
  assert.match((await client.wait(asked.messageId, { timeout: 5 })).text, /^The tool said: /);
});

test("a function may decide what a turn asks", async () => {
  const onApproval = (approval) => (approval.tool === "write_file" ? "deny" : undefined);
  const turn = await client.converse({ agent: "writer", text: WRITES, timeout: 5, onApproval });

  assert.equal(turn.status, "completed");
});

test("what fails is an error that says why", async () => {
  await assert.rejects(client.converse({ agent: "helper", text: "fail 400", timeout: 5 }), TurnFailedError);
  await assert.rejects(client.createConversation({ agent: "helper", colour: "red" }), (error) => {
    assert.ok(error instanceof AnswerError);
    assert.equal(error.errors[0].pointer, "/colour");
    assert.ok(error.requestId);
    return true;
  });
  assert.throws(() => client.getMessage(".."), TypeError);
});

test("a deadline ends the wait and not the turn", async () => {
  const asked = await client.converse({ agent: "writer", text: WRITES, timeout: 5 });
  await assert.rejects(gathered(client.followMessage(asked.messageId, { timeout: 0.2 })), DeadlineError);

  assert.equal((await client.getMessage(asked.messageId)).status, "pending");
  await client.cancelMessage(asked.messageId);
});

test("the same key never asks twice, and versions are kept", async () => {
  const question = { agent: "helper", text: "say once", timeout: 5, idempotencyKey: "once-from-typescript" };
  const [one, two] = [await client.converse(question), await client.converse(question)];
  assert.equal(one.messageId, two.messageId);

  const ifMatch = etagOf(await client.getConversation(one.conversationId));
  await client.changeConversation(one.conversationId, { title: "Theirs" }, { ifMatch });
  await assert.rejects(client.changeConversation(one.conversationId, { title: "Mine" }, { ifMatch }), {
    code: "precondition_failed",
  });
});

test("files go up with a message and come down", async () => {
  const files = [{ name: "a.txt", content: new Blob(["From a blob."]) }];
  const turn = await client.converse({ agent: "helper", text: "say read", files, timeout: 5 });
  const [file] = await gathered(client.iterateConversationFiles(turn.conversationId));

  assert.equal(await (await client.getFileContent(file.id)).text(), "From a blob.");
});

test("lists are iterated page after page", async () => {
  for (let made = 0; made < 3; made += 1) {
    await client.createConversation({ agent: "helper", metadata: { from: "node & co" } });
  }
  assert.equal((await gathered(client.iterateConversations({ metadata: { from: "node & co" }, limit: 1 }))).length, 3);
});

test("what is asked for later is sent again with the same key", async () => {
  const later = { "Retry-After": "0" };
  const answers = [{ status: 429, headers: later }, { status: 503, headers: later }, { status: 0 }, { body: '{"id":"file_1"}' }];
  const seen = await scripted(answers, async (other) => {
    assert.equal((await other.uploadFile({ name: "a.txt", content: new Blob(["abc"]) })).id, "file_1");
  });

  assert.equal(seen.length, 4);
  assert.equal(new Set(seen.map((headers) => headers["idempotency-key"])).size, 1);
  assert.equal(seen[0]["user-agent"], "turnkeeper-client/0.1.0");
});

test("a stream that closes or breaks goes on after the last event", async () => {
  const text = (number) => `id: ${number}\nevent: text\ndata: {"event":"text","number":${number},"text":"x","model_call":1}\n\n`;
  const end = (reason) => `event: end\ndata: {"reason":"${reason}"}\n\n`;
  const answers = [
    { body: `retry: 10\n\n${text(1)}${end("closing")}` },
    { status: 503 },
    { body: text(1) + text(2) + "id: 3\nevent: te" },
    { status: 0 },
    { body: text(3) + end("turn_ended") },
  ];
  const seen = await scripted(answers, async (other) => {
    assert.deepEqual((await gathered(other.followMessage("msg_1"))).map((event) => event.number), [1, 2, 3]);
  });

  assert.deepEqual(seen.map((headers) => headers["last-event-id"]), ["0", "1", "1", "2", "2"]);
});

test("frames are the same however they are cut", () => {
  const text = ': hello\r\nid: 1\r\nevent: text\r\ndata: {"a":\r\ndata: 1}\r\n\r\nretry: 20\n\n';
  for (let cut = 0; cut <= text.length; cut += 1) {
    const reader = new FrameReader();
    assert.deepEqual([...reader.feed(text.slice(0, cut)), ...reader.feed(text.slice(cut))], [
      { event: "text", data: '{"a":\n1}', retrySeconds: undefined },
      { event: "", data: "", retrySeconds: 0.02 },
    ]);
  }
});
