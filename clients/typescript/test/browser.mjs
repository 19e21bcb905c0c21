// What a page, or a worker of one, does with the client at a server of another origin; `run` tells what came of it.
import { AnswerError, Turnkeeper, etagOf } from "./dist/index.js";

const retries = { firstSeconds: 0.01, longestSeconds: 0.1, most: 50 };
const WORDS = Array.from({ length: 30 }, (_, number) => `word${number}`).join(" ");
/** More each time, so that even the longest frame comes through in the end. */
const CUT_AFTER_BYTES = 250;

const gathered = async (events) => {
  const found = [];
  for await (const event of events) found.push(event);
  return found;
};

/** Cuts every stream in its midst, and notes from where each was asked for. */
const cutting = (resumed) => async (input, init) => {
  const response = await fetch(input, init);
  const headers = new Headers(init.headers);
  if (headers.get("Accept") !== "text/event-stream" || response.body === null) return response;
  resumed.push(Number(headers.get("Last-Event-ID")));
  let left = CUT_AFTER_BYTES * resumed.length;
  const cut = new TransformStream({
    transform(piece, controller) {
      controller.enqueue(piece.subarray(0, left));
      left -= piece.length;
      if (left <= 0) controller.terminate();
    },
  });
  return new Response(response.body.pipeThrough(cut), { status: response.status, headers: response.headers });
};

/** Loses the answer to the first request, which the server carries out; notes the keys. */
const losing = (keys) => async (input, init) => {
  const response = await fetch(input, init);
  if (init.method !== "POST") return response;
  if (keys.push(new Headers(init.headers).get("Idempotency-Key")) === 1) throw new TypeError("lost");
  return response;
};

export const run = async ({ address, key, agent, place }) => {
  const client = new Turnkeeper({ address, key, retries });
  const told = {};

  const resumed = [];
  const cut = new Turnkeeper({ address, key, retries, fetch: cutting(resumed) });
  const turn = await cut.stream({ agent, text: `say ${WORDS}`, timeout: 30 });
  const events = await gathered(turn);
  const log = (await client.listMessageEvents(turn.messageId)).items;
  told.isWhole = JSON.stringify(events) === JSON.stringify(log) && turn.text === WORDS;
  told.wentOn = resumed.length > 2 && resumed.every((number, at) => at === 0 || number >= resumed[at - 1]);

  const keys = [];
  const lost = new Turnkeeper({ address, key, retries, fetch: losing(keys) });
  const sent = await lost.converse({ agent, text: `say ${place}twice`, timeout: 30 });
  const found = await client.listConversations({ search: `"${place}twice"` });
  told.keys = [keys.length, new Set(keys).size];
  told.isThereOnce = JSON.stringify(found.items.map((each) => each.id)) === JSON.stringify([sent.conversationId]);

  const stop = new AbortController();
  try {
    for await (const _ of client.followMessage(turn.messageId, { signal: stop.signal })) stop.abort();
  } catch (error) {
    told.aborted = error.name;
  }

  try {
    await client.createConversation({ agent, colour: "red" });
  } catch (error) {
    told.refused = error instanceof AnswerError && [error.status, error.errors[0].pointer, Boolean(error.requestId)];
  }
  told.version = Boolean(etagOf(await client.getConversation(turn.conversationId)));

  const file = await client.uploadFile({ name: "a.txt", content: new Blob(["From a page."]) });
  told.file = await (await client.getFileContent(file.id)).text();
  return told;
};

if ("WorkerGlobalScope" in globalThis) {
  globalThis.onmessage = async ({ data }) => globalThis.postMessage(await run(data).catch((error) => String(error)));
}
