// The course of one turn: what was thought, said and called, in order, by the rules of the log.
import { get } from "../../api.js";

/** Of a hundred events each; an answer of half an hour has fewer. */
const MOST_PAGES = 200;

/**
 * @typedef {object} Part
 * @property {string} key the same for the same part, whatever happens to it
 * @property {"text" | "thinking" | "tool"} kind
 * @property {number} call which model call
 * @property {string} text of text and thinking
 * @property {string} [tool]
 * @property {unknown} [input]
 * @property {string} [output]
 * @property {"running" | "completed" | "error"} [state]
 * @property {string} [began]
 * @property {string} [ended]
 * @property {string} [approval] its id, when a person was asked
 * @property {boolean} [asks] whether it waits for a decision
 */

export class Course {
  constructor() {
    /** @type {Part[]} */
    this.parts = [];
    this.call = 1;
    this.attempts = 0;
  }

  /** @param {any} turn of a snapshot */
  seed(turn) {
    this.attempts = turn.attempt;
    for (const { model_call: call, text, thinking } of turn.said) {
      if (thinking) this.join("thinking", call, thinking);
      if (text) this.join("text", call, text);
    }
    for (const { call_id: id, tool, arguments: input } of turn.open_calls) this.called(id, tool, input, "");
  }

  /** @param {import("../../events.js").LogEvent} event any of the turn's events */
  take(event) {
    if (event.event === "text" || event.event === "thinking") this.join(event.event, event.model_call, event.text);
    else if (event.event === "tool.called") this.called(event.call_id, event.tool, event.arguments, event.created_at);
    else if (event.event === "tool.returned") this.returned(event);
    else if (event.event === "approval.asked") Object.assign(this.called(event.call_id, event.tool, undefined, event.created_at), { approval: event.approval_id, asks: true });
    else if (event.event === "approval.decided") this.called(event.call_id, event.tool, undefined, event.created_at).asks = false;
    else if (event.event === "turn.started") {
      this.attempts = event.attempt;
      this.parts = this.parts.filter((part) => part.kind === "tool" || part.call < event.resumes_at);
    }
  }

  /**
   * @param {"text" | "thinking"} kind
   * @param {number} call
   * @param {string} text
   */
  join(kind, call, text) {
    this.call = call;
    const key = `${kind}-${call}`;
    const found = this.parts.find((part) => part.key === key);
    if (found) found.text += text;
    else this.parts.push({ key, kind, call, text });
  }

  /**
   * @param {string} id
   * @param {string} tool
   * @param {unknown} input
   * @param {string} began
   * @returns {Part}
   */
  called(id, tool, input, began) {
    const key = `tool-${id}`;
    let part = this.parts.find((each) => each.key === key);
    if (!part) this.parts.push((part = { key, kind: "tool", call: this.call, text: "" }));
    Object.assign(part, { tool, began: began || part.began, state: "running" });
    if (input !== undefined) part.input = input;
    return part;
  }

  /** @param {import("../../events.js").LogEvent} event */
  returned(event) {
    const part = this.called(event.call_id, event.tool, undefined, "");
    Object.assign(part, { output: event.output, state: event.outcome, ended: event.created_at });
  }

  /** When the turn is over, nothing runs any more. */
  end() {
    for (const part of this.parts) if (part.state === "running") Object.assign(part, { state: "error", asks: false });
  }
}

/**
 * The course of a turn from the log, up to an event.
 * @param {string} message
 * @param {number} upTo the number of the last event that counts
 * @param {AbortSignal} signal
 * @param {number} [most] pages that are read
 * @returns {Promise<{course: Course, isCut: boolean}>} `isCut`: the log is longer than is read here, and the course is its beginning
 */
export async function courseOf(message, upTo, signal, most = MOST_PAGES) {
  const course = new Course();
  let after = 0;
  for (let page = 0; page < most; page += 1) {
    const { items, has_more: more, next_after: next } = await get(`/messages/${message}/events`, { query: { after, limit: 100 }, signal });
    for (const event of items) if (event.number <= upTo) course.take(event);
    if (!more || next >= upTo) return { course, isCut: false };
    after = next;
  }
  return { course, isCut: true };
}
