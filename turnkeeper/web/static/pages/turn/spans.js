// The log of one turn as stretches of time: waits, model calls, searches, tools and approvals, by attempt.

/** @typedef {import("../../events.js").LogEvent} LogEvent */
/** @typedef {"wait" | "attempt" | "model" | "search" | "tool" | "approval"} Kind */
/**
 * A stretch of time. Times are milliseconds since 1970, by the server's clock.
 * @typedef {object} Span
 * @property {string} id the same after a reload
 * @property {Kind} kind
 * @property {string} name
 * @property {number} attempt
 * @property {number} start
 * @property {number | null} end null while it runs
 * @property {number | null} [first] when a model said the first thing
 * @property {boolean} [failed]
 * @property {boolean} [cut] its attempt ended before it did
 * @property {boolean} [isVoid] what it said does not count: it was made again
 * @property {boolean} [again] it is made for another time
 * @property {boolean} [isGuess] the log has no times of it, only when its events were written
 * @property {any} facts what else is known, by kind
 */

/** The turn, put together event by event; events come in order and once. */
export class Course {
  constructor() {
    /** @type {Span[]} */
    this.spans = [];
    /** @type {LogEvent | null} the event that ended the message */
    this.ending = null;
    this.attempt = 0;
    this.lastNumber = 0;
    /** When the turn's first and newest facts were. */
    this.began = 0;
    this.newest = 0;
    this.base = 0;
    this.isDecided = false;
    /** From when the model has been at work, as far as nothing else was. */
    this.free = 0;
    /** @type {Map<string, any>} what each call of a tool was asked with */
    this.calls = new Map();
    /** @type {Map<string, Span>} */
    this.open = new Map();
  }

  /** @param {LogEvent} event */
  take(event) {
    if (event.number <= this.lastNumber) return;
    this.lastNumber = event.number;
    const at = Date.parse(event.created_at);
    if (!this.began) this.began = at;
    const told = /** @type {Record<string, (event: LogEvent, at: number) => void>} */ ({
      "message.queued": this.queued,
      "turn.started": this.started,
      text: this.said,
      thinking: this.said,
      "model.returned": this.modelReturned,
      "tool.called": this.toolCalled,
      "tool.returned": this.toolReturned,
      "approval.asked": this.asked,
      "approval.decided": this.decided,
      "message.absorbed": this.ended,
      "message.completed": this.ended,
      "message.failed": this.ended,
      "message.cancelled": this.ended,
    })[event.event];
    told?.call(this, event, at);
    this.newest = Math.max(this.newest, at, ...this.spans.slice(-8).map((span) => span.end ?? span.start));
  }

  /** What runs now although the log does not say so yet: a model that has not said anything. */
  get pending() {
    if (this.ending || this.attempt === 0 || this.open.size > 0) return null;
    return /** @type {Span} */ ({ id: "pending", kind: "model", name: "Model is asked", attempt: this.attempt, start: this.free, end: null, facts: {} });
  }

  /**
   * @param {LogEvent} event
   * @param {number} at
   */
  queued(event, at) {
    this.add("queue", { id: "queue", kind: "wait", name: "Queue", start: at, facts: { overlap: event.overlap } });
  }

  /**
   * @param {LogEvent} event
   * @param {number} at
   */
  started(event, at) {
    const why = event.attempt === 1 ? "first" : this.isDecided ? "decided" : "again";
    const idle = this.newest;
    for (const [key, span] of this.open) {
      if (span.kind === "approval") continue;
      span.end = span.kind === "wait" ? at : Math.max(span.start, Math.min(idle, at));
      span.cut = span.kind !== "wait";
      this.open.delete(key);
    }
    for (const span of this.spans) {
      if (span.kind === "model" && span.facts.call >= event.resumes_at) {
        span.isVoid = true;
        span.cut ||= !span.facts.usage;
      }
    }
    this.attempt = event.attempt;
    if (why === "again") {
      this.spans.push({ id: `wait-${event.attempt}`, kind: "wait", name: "Until it began again", attempt: event.attempt, start: Math.min(idle, at), end: at, facts: { again: true } });
    }
    this.add(null, { id: `attempt-${event.attempt}`, kind: "attempt", name: `Attempt ${event.attempt}`, start: at, facts: { why, resumesAt: event.resumes_at } }).end = at;
    this.base = this.free = at;
    this.isDecided = false;
  }

  /**
   * @param {LogEvent} event
   * @param {number} at
   */
  said(event, at) {
    const span = this.modelSpan(event.model_call);
    span.first ??= Math.max(span.start, at);
    if (event.event === "text") span.facts.text += event.text;
    else span.facts.thinking += event.text;
  }

  /**
   * @param {LogEvent} event
   * @param {number} at
   */
  modelReturned(event, at) {
    const span = this.modelSpan(event.model_call);
    Object.assign(span.facts, { model: event.model, usage: event.usage, asked: event.asked });
    this.close(`model-${event.model_call}`, at, event.timing);
  }

  /**
   * @param {LogEvent} event
   * @param {number} at
   */
  toolCalled(event, at) {
    for (const [key, span] of this.open) if (span.kind === "model") this.close(key, at, null);
    this.calls.set(event.call_id, { tool: event.tool, arguments: event.arguments });
    this.toolSpan(event.call_id, event.tool, at);
  }

  /**
   * @param {LogEvent} event
   * @param {number} at
   */
  toolReturned(event, at) {
    const span = this.toolSpan(event.call_id, event.tool, this.free);
    Object.assign(span.facts, { output: event.output, passages: event.passages ?? [] });
    if (span.facts.passages.length) span.kind = "search";
    span.failed = event.outcome === "error";
    this.close(`tool-${event.call_id}`, at, event.timing);
  }

  /**
   * @param {LogEvent} event
   * @param {number} at
   */
  asked(event, at) {
    const called = this.open.get(`tool-${event.call_id}`);
    if (called) {
      // The call was not made: it waits.
      this.open.delete(`tool-${event.call_id}`);
      this.spans.splice(this.spans.indexOf(called), 1);
    }
    this.add(`approval-${event.approval_id}`, {
      id: event.approval_id,
      kind: "approval",
      name: event.tool,
      start: at,
      facts: { ...this.calls.get(event.call_id), callId: event.call_id, question: event.question, reason: event.reason, state: "waiting" },
    });
  }

  /**
   * @param {LogEvent} event
   * @param {number} at
   */
  decided(event, at) {
    const span = this.open.get(`approval-${event.approval_id}`);
    this.isDecided = true;
    if (!span) return;
    Object.assign(span.facts, { state: event.state, note: event.note });
    span.failed = event.state !== "approved";
    this.close(`approval-${event.approval_id}`, at, null);
  }

  /**
   * @param {LogEvent} event
   * @param {number} at
   */
  ended(event, at) {
    this.ending = event;
    for (const [key, span] of this.open) {
      if (span.kind === "tool" || span.kind === "search") span.cut = true;
      if (span.kind === "model" && event.event !== "message.completed") span.cut = true;
      this.close(key, at, null);
    }
  }

  /**
   * @param {string | null} key by which it is closed
   * @param {Omit<Span, "attempt" | "end">} of
   * @returns {Span}
   */
  add(key, of) {
    const span = { attempt: Math.max(1, this.attempt), end: null, ...of };
    this.spans.push(span);
    if (key) this.open.set(key, span);
    return span;
  }

  /** @param {number} call */
  modelSpan(call) {
    const key = `model-${call}`;
    const known = this.open.get(key);
    if (known) return known;
    const again = this.spans.some((span) => span.kind === "model" && span.facts.call === call);
    return this.add(key, {
      id: `model-${this.attempt}-${call}`,
      kind: "model",
      name: `Model call ${call}`,
      start: this.free,
      again,
      facts: { call, text: "", thinking: "" },
    });
  }

  /**
   * @param {string} call
   * @param {string} tool
   * @param {number} at
   */
  toolSpan(call, tool, at) {
    const key = `tool-${call}`;
    const known = this.open.get(key);
    if (known) return known;
    const again = this.spans.some((span) => span.facts.callId === call && span.kind !== "approval");
    return this.add(key, {
      id: `tool-${this.attempt}-${call}`,
      kind: tool.startsWith("search_") ? "search" : "tool",
      name: tool,
      start: at,
      again,
      facts: { ...this.calls.get(call), callId: call },
    });
  }

  /**
   * @param {string} key
   * @param {number} at
   * @param {{began_ms: number, first_ms: number | null, ended_ms: number} | null | undefined} timing
   */
  close(key, at, timing) {
    const span = this.open.get(key);
    if (!span) return;
    this.open.delete(key);
    if (timing) {
      span.start = this.base + timing.began_ms;
      span.end = this.base + timing.ended_ms;
      if (timing.first_ms !== null) span.first = this.base + timing.first_ms;
    } else {
      span.end = Math.max(span.start, at);
      span.isGuess = span.kind === "model" || span.kind === "tool" || span.kind === "search";
    }
    this.free = Math.max(this.free, span.end);
  }
}

/**
 * What the whole turn took, in milliseconds, tokens and dollars; void work is paid for too.
 * @param {Course} course
 * @param {number} now
 */
export function sums(course, now) {
  /** @param {Kind[]} kinds */
  const length = (kinds) => covered(course.spans.filter((span) => kinds.includes(span.kind)), now);
  const first = course.spans.find((span) => span.kind === "model" && !span.isVoid && span.first);
  const usages = course.spans.map((span) => span.facts.usage).filter(Boolean);
  const costs = usages.map((usage) => usage.cost_usd).filter((cost) => cost !== null);
  return {
    total: endOf(course, now) - course.began,
    waited: length(["wait"]),
    firstToken: first?.first ? first.first - course.began : null,
    model: length(["model"]),
    tools: length(["tool", "search"]),
    approvals: length(["approval"]),
    input: usages.reduce((sum, usage) => sum + usage.input_tokens, 0),
    output: usages.reduce((sum, usage) => sum + usage.output_tokens, 0),
    cost: costs.length ? costs.reduce((sum, cost) => sum + cost, 0) : null,
  };
}

/**
 * @param {Course} course
 * @param {number} now
 */
export const endOf = (course, now) => Math.max(course.began, course.ending ? course.newest : now, ...course.spans.map((span) => span.end ?? span.start));

/**
 * How long at least one of these ran.
 * @param {Span[]} spans
 * @param {number} now
 */
function covered(spans, now) {
  let sum = 0;
  let until = -Infinity;
  for (const span of [...spans].sort((a, b) => a.start - b.start)) {
    const end = span.end ?? now;
    sum += Math.max(0, end - Math.max(span.start, until));
    until = Math.max(until, end);
  }
  return sum;
}

/**
 * Where moments stand on the page, from 0 to 1. Where nobody works for long (a queue, people), time is drawn shorter, so that the
 * rest can be seen.
 * @param {Course} course
 * @param {number} now
 */
export function scaleOf(course, now) {
  const [from, to] = [course.began, Math.max(endOf(course, now), course.began + 1)];
  const busy = [...course.spans, ...(course.pending ? [course.pending] : [])]
    .filter((span) => ["model", "tool", "search"].includes(span.kind))
    .sort((a, b) => a.start - b.start);
  /** @type {{start: number, end: number, weight: number, isShort: boolean}[]} */
  const pieces = [];
  let at = from;
  const work = Math.max(1, covered(busy, now));
  const most = Math.max(work * 0.35, 1);
  /** @param {number} until */
  const idle = (until) => {
    if (until > at) pieces.push({ start: at, end: until, weight: Math.min(until - at, busy.length ? most : Infinity), isShort: busy.length > 0 && until - at > most * 2 });
    at = Math.max(at, until);
  };
  for (const span of busy) {
    idle(Math.min(span.start, to));
    const end = span.end ?? to;
    if (end > at) pieces.push({ start: at, end, weight: end - at, isShort: false });
    at = Math.max(at, end);
  }
  idle(to);
  for (const piece of pieces) if (!piece.isShort) piece.weight = piece.end - piece.start;
  const whole = pieces.reduce((sum, piece) => sum + piece.weight, 0) || 1;
  /** @param {number} moment */
  const place = (moment) => {
    let sum = 0;
    for (const piece of pieces) {
      if (moment >= piece.end) sum += piece.weight;
      else return moment <= piece.start ? sum / whole : (sum + (piece.weight * (moment - piece.start)) / (piece.end - piece.start)) / whole;
    }
    return sum / whole;
  };
  return { place, breaks: pieces.filter((piece) => piece.isShort), from, to, ticks: ticksOf(pieces, whole, from, to) };
}

/**
 * Round moments for the axis, none where time is drawn shorter.
 * @param {{start: number, end: number, weight: number, isShort: boolean}[]} pieces
 * @param {number} whole
 * @param {number} from
 * @param {number} to
 */
function ticksOf(pieces, whole, from, to) {
  const rough = whole / 5;
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 15e3, 3e4, 6e4, 12e4, 3e5, 6e5, 18e5, 36e5, 72e5].find((each) => each >= rough) ?? 864e5;
  const found = [];
  for (const piece of pieces) {
    if (piece.isShort) continue;
    for (let at = Math.ceil((piece.start - from) / step) * step; at + from <= Math.min(piece.end, to) && found.length < 40; at += step) found.push(at + from);
  }
  return [...new Set(found)];
}
