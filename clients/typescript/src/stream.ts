/** Server-sent events that resume by themselves, on `fetch`. */

import { ConnectionLostError, StreamEndedError } from "./errors.js";
import { AGAIN, Silence, answerError, pause, pauseAfter, retryAfterOf, type Retries } from "./request.js";
import type { Event } from "./shapes.js";

/** Servers send a comment every 15 seconds: who says nothing for so long is gone. */
const SILENCE_SECONDS = 45;

export interface Frame {
  event: string;
  data: string;
  retrySeconds: number | undefined;
}

/** Frames out of text, however it is cut. */
export class FrameReader {
  #rest = "";
  #event = "";
  #data: string[] = [];
  #retry: number | undefined;

  *feed(piece: string): Generator<Frame> {
    const lines = (this.#rest + piece).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      const frame = this.#take(line.endsWith("\r") ? line.slice(0, -1) : line);
      if (frame) yield frame;
    }
  }

  #take(line: string): Frame | undefined {
    if (line === "") return this.#whole();
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "event") this.#event = value;
    else if (name === "data") this.#data.push(value);
    else if (name === "retry" && /^\d+$/.test(value)) this.#retry = Number(value) / 1000;
    return undefined;
  }

  #whole(): Frame | undefined {
    const frame = { event: this.#event, data: this.#data.join("\n"), retrySeconds: this.#retry };
    const isEmpty = this.#data.length === 0 && this.#retry === undefined;
    [this.#event, this.#data, this.#retry] = ["", [], undefined];
    return isEmpty ? undefined : frame;
  }
}

export interface Following {
  fetch: typeof fetch;
  address: string;
  headers: Readonly<Record<string, string>>;
  after: number;
  retries: Retries;
  signal?: AbortSignal | undefined;
}

/** The events of a log, each once and in order, over as many connections as it takes. */
export async function* follow(following: Following): AsyncGenerator<Event, void, undefined> {
  const { address, retries, signal } = following;
  let last = following.after;
  let failures = 0;
  let wanted: number | undefined;
  let asked = 0;
  for (;;) {
    let cause: unknown = "it just ended";
    const cut = new Silence(SILENCE_SECONDS, signal);
    try {
      const headers = { ...following.headers, Accept: "text/event-stream", "Last-Event-ID": String(last) };
      const response = await following.fetch(address, { headers, signal: cut.signal, cache: "no-store" });
      if (response.status !== 200 || response.body === null) {
        const error = await answerError(response);
        if (!AGAIN.has(response.status)) throw new Final(error);
        [cause, wanted] = [error, retryAfterOf(response.headers)];
      } else {
        const frames = new FrameReader();
        for await (const piece of piecesOf(response.body, cut)) {
          for (const frame of frames.feed(piece)) {
            if (frame.retrySeconds !== undefined) asked = frame.retrySeconds;
            if (frame.data === "") continue;
            const event = JSON.parse(frame.data) as Event & { reason?: string };
            if (frame.event === "end") {
              if (event.reason === "access_ended" || event.reason === "deleted") {
                throw new Final(new StreamEndedError(event.reason));
              }
              if (event.reason !== "closing") return;
              wanted = asked;
            } else if (event.number > last) {
              [last, failures] = [event.number, 0];
              yield event;
              signal?.throwIfAborted(); // also between events that came together
            }
          }
        }
      }
    } catch (error) {
      if (error instanceof Final) throw error.error;
      if (signal?.aborted) throw signal.reason;
      cause = error;
    } finally {
      cut.end();
    }
    failures += 1;
    const seconds = pauseAfter(failures, retries, wanted);
    if (seconds === undefined) throw lost(last, cause);
    wanted = undefined;
    await pause(seconds, signal);
  }
}

/** An error that another attempt would not mend. */
class Final {
  constructor(readonly error: Error) {}
}

async function* piecesOf(body: ReadableStream<Uint8Array>, silence: Silence): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    silence.heard();
    yield decoder.decode(part.value, { stream: true });
  }
}

function lost(last: number, cause: unknown): Error {
  if (cause instanceof Error && "status" in cause) return cause;
  return new ConnectionLostError(`The stream broke after event ${last}.`, { cause });
}
