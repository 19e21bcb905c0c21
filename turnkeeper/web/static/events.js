// The log of a conversation, as it grows: each event once and in order, over however many cuts and restarts.
import { ApiError, addressOf, isAbort, noteAnswer, weather } from "./api.js";

const SOONEST_MS = 250;
const LATEST_MS = 8000;
/** The server says something every 15 seconds; a connection that is quiet for longer is dead, and nobody told. */
const DEAD_MS = 40_000;

/** @typedef {{event: string, number: number, message_id?: string, [more: string]: any}} LogEvent */
/** @typedef {{after: number, heard: (event: LogEvent) => void, ended: (reason: string) => void}} Follower */

/** @type {Map<string, Log>} one connection a conversation, shared by all that follow it */
const logs = new Map();

/**
 * Follow a conversation's log behind event `after`; a page reads the snapshot first and goes on after its `last_event`.
 *
 * The connection is shared: a second follower of the same conversation gets what it lacks, then the same events.
 * @param {string} conversation
 * @param {Follower} follower `ended` is told `access_ended`, `deleted`, or the code of what refused the stream
 * @param {AbortSignal} signal ends it
 */
export function follow(conversation, follower, signal) {
  if (signal.aborted) return;
  const log = logs.get(conversation);
  // Who begins before the others have begun has a connection of his own: it is rare, and nothing can be missed.
  const shared = log && log.position <= follower.after ? log : new Log(conversation, follower.after);
  if (!logs.has(conversation)) logs.set(conversation, shared);
  shared.add(follower, signal);
}

/** One connection and its followers. */
class Log {
  /**
   * @param {string} conversation
   * @param {number} after
   */
  constructor(conversation, after) {
    this.conversation = conversation;
    this.position = after;
    /** @type {Set<Follower>} */
    this.followers = new Set();
    this.stop = new AbortController();
  }

  /**
   * @param {Follower} follower
   * @param {AbortSignal} signal
   */
  add(follower, signal) {
    this.followers.add(follower);
    signal.addEventListener("abort", () => this.drop(follower), { once: true });
    if (this.followers.size === 1) void this.run();
  }

  /** @param {Follower} follower */
  drop(follower) {
    this.followers.delete(follower);
    if (this.followers.size > 0) return;
    if (logs.get(this.conversation) === this) logs.delete(this.conversation);
    this.stop.abort();
  }

  async run() {
    let wait = SOONEST_MS;
    while (this.followers.size > 0) {
      const before = this.position;
      try {
        const reason = await this.read();
        if (reason !== null && reason !== "closing") return this.end(reason);
      } catch (error) {
        if (this.stop.signal.aborted) return;
        if (error instanceof ApiError && error.status < 500 && error.status !== 429) return this.end(error.code);
        // One that was given up because it was silent says nothing of the server.
        if (!isAbort(error)) noteAnswer(false);
      }
      wait = this.position > before ? SOONEST_MS : Math.min(wait * 2, LATEST_MS);
      await pause(wait * (0.5 + Math.random() / 2), this.stop.signal);
    }
  }

  /** Read until the connection ends; the reason of the last frame, or null when it was cut. */
  async read() {
    const quiet = new AbortController();
    const still = () => setTimeout(() => quiet.abort(), DEAD_MS);
    let watch = still();
    const alive = () => {
      clearTimeout(watch);
      watch = still();
    };
    try {
      return await this.readUntil(AbortSignal.any([this.stop.signal, quiet.signal]), alive);
    } finally {
      clearTimeout(watch);
    }
  }

  /**
   * @param {AbortSignal} signal
   * @param {() => void} alive called whenever something came
   */
  async readUntil(signal, alive) {
    const answer = await fetch(addressOf(`/conversations/${this.conversation}/events`), {
      headers: { Accept: "text/event-stream", "Last-Event-ID": String(this.position) },
      signal,
      credentials: "same-origin",
    });
    if (!answer.ok || !answer.body) {
      if (answer.status === 401) weather.dispatchEvent(new Event("signed-out"));
      const problem = await answer.json().catch(() => ({}));
      throw new ApiError(answer.status, problem.code ?? "unknown", problem.detail ?? "The stream was refused.");
    }
    noteAnswer(true);
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = ""; ; ) {
      const { done, value } = await reader.read();
      if (done) return null;
      alive();
      const frames = (text + value).split("\n\n");
      text = frames.pop() ?? "";
      for (const frame of frames) {
        const reason = this.take(frame);
        if (reason) return reason;
      }
    }
  }

  /**
   * @param {string} frame
   * @returns {string | null} why the stream is over
   */
  take(frame) {
    const data = frame.split("\n").find((line) => line.startsWith("data: "));
    if (!data) return null;
    const event = JSON.parse(data.slice(6));
    if (event.event === "end") return event.reason;
    if (event.number <= this.position) return null;
    this.position = event.number;
    for (const follower of [...this.followers]) {
      if (event.number <= follower.after) continue;
      try {
        follower.heard(event);
      } catch (error) {
        // A page's fault: it is told in the browser's console, and the connection has nothing to do with it.
        reportError(error);
      }
    }
    return null;
  }

  /** @param {string} reason */
  end(reason) {
    if (logs.get(this.conversation) === this) logs.delete(this.conversation);
    for (const follower of [...this.followers]) follower.ended(reason);
    this.followers.clear();
  }
}

/**
 * What a turn has said so far, put together by the rules of the log: an attempt that begins anew takes back the text of the
 * model call that it makes again and of later ones.
 */
export class TurnText {
  constructor() {
    /** @type {Map<number, string>} */
    this.texts = new Map();
    /** @type {Map<number, string>} */
    this.thoughts = new Map();
  }

  /** @param {LogEvent} event any of the turn's events */
  take(event) {
    if (event.event === "text") this.join(this.texts, event);
    else if (event.event === "thinking") this.join(this.thoughts, event);
    else if (event.event === "turn.started") {
      for (const of of [this.texts, this.thoughts]) {
        for (const call of [...of.keys()]) if (call >= (event.resumes_at ?? 1)) of.delete(call);
      }
    }
  }

  /** The text of the newest model call: what is, or will be, the reply. */
  get reply() {
    const newest = Math.max(0, ...this.texts.keys());
    return this.texts.get(newest) ?? "";
  }

  /**
   * @param {Map<number, string>} of
   * @param {LogEvent} event
   */
  join(of, event) {
    of.set(event.model_call, (of.get(event.model_call) ?? "") + event.text);
  }
}

/**
 * @param {number} milliseconds
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function pause(milliseconds, signal) {
  return new Promise((done) => {
    const timer = setTimeout(done, milliseconds);
    const wake = () => {
      clearTimeout(timer);
      done();
    };
    signal.addEventListener("abort", wake, { once: true });
    // A machine that wakes up need not wait for the rest.
    window.addEventListener("online", wake, { once: true });
  });
}
