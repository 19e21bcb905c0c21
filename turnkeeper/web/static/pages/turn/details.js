// What is known of one stretch of a turn: its times, what went in and what came out.
import { copyButton } from "../../components/copy.js";
import { icon } from "../../components/icon.js";
import { el } from "../../dom.js";
import { clock, duration, money, number } from "../../format.js";

const SHOWN_CHARACTERS = 20_000;

/** @type {Record<import("./spans.js").Kind, {words: string, icon: string}>} */
export const KINDS = {
  wait: { words: "Waiting", icon: "clock" },
  attempt: { words: "Attempt", icon: "play" },
  model: { words: "Model", icon: "sparkles" },
  search: { words: "Retrieval", icon: "search" },
  tool: { words: "Tool", icon: "wrench" },
  approval: { words: "Approval", icon: "hand" },
};
const WHY = {
  first: "A worker began to answer.",
  decided: "People decided, and the turn went on.",
  again: "The attempt before was cut off: its worker died, or the model or a tool was away. The turn began again.",
};
const STATES = /** @type {Record<string, string>} */ ({ waiting: "waits for a person", approved: "approved", denied: "denied", expired: "nobody decided in time", withdrawn: "withdrawn" });

/**
 * What is to be said about how a stretch went, in few words; the first is the most important.
 * @param {import("./spans.js").Span} span
 * @returns {{words: string, kind: string}[]}
 */
export function marks(span) {
  return [
    span.end === null && { words: span.kind === "approval" ? "waits" : "running", kind: "accent" },
    span.cut && { words: "cut off", kind: "bad" },
    span.isVoid && { words: "void", kind: "warn" },
    span.again && { words: "made again", kind: "warn" },
    span.kind === "approval" && span.end !== null && { words: STATES[span.facts.state] ?? span.facts.state, kind: span.failed ? "bad" : "good" },
    span.kind !== "approval" && span.failed && { words: "error", kind: "bad" },
  ].filter((mark) => mark !== false && mark !== undefined);
}

/**
 * @param {import("./spans.js").Span} span
 * @param {{began: number, now: number, conversation: any}} of
 */
export function details(span, { began, now, conversation }) {
  const end = span.end ?? now;
  return el(
    "div",
    { class: "span-details" },
    el("header", {}, icon(KINDS[span.kind].icon, 18), el("h2", {}, span.name), el("div", { class: "tags" }, marks(span).map((mark) => el("span", { class: `tag ${mark.kind}` }, mark.words)))),
    sentence(span),
    facts([
      ["Took", span.kind === "attempt" ? null : duration(end - span.start)],
      ["Began", `+${duration(span.start - began)} (${clock(new Date(span.start).toISOString())})`],
      ["First token", span.first ? `after ${duration(span.first - span.start)}` : null],
      ["Generation", span.first ? duration(end - span.first) : null],
      ...factsOf(span, end),
    ]),
    payloads(span, conversation),
  );
}

/** @param {import("./spans.js").Span} span */
function sentence(span) {
  const words = [];
  if (span.kind === "attempt") {
    words.push(WHY[/** @type {keyof typeof WHY} */ (span.facts.why)]);
    const before = span.facts.resumesAt - 1;
    if (span.attempt > 1) {
      words.push(before ? `Model ${before === 1 ? "call 1 was" : `calls 1 to ${before} were`} replayed from the records with the tools that had answered; from call ${before + 1} on everything was run.` : "Nothing was on record: everything was run again.");
    }
  }
  if (span.isVoid) words.push("What it said does not count: a later attempt made this call again.");
  if (span.kind === "wait") words.push(span.facts.again ? "Nobody worked on it until the next attempt." : "From being accepted until a worker began.");
  if (span.isGuess) words.push("The log has no times of its own for this; they are those at which its events were written.");
  return words.length ? el("p", { class: "soft" }, words.join(" ")) : null;
}

/**
 * @param {import("./spans.js").Span} span
 * @param {number} end
 * @returns {[string, string | null][]}
 */
function factsOf(span, end) {
  const { usage, asked, model } = span.facts;
  const seconds = span.first ? (end - span.first) / 1000 : 0;
  return [
    ["Model", model ?? null],
    ["Tokens in", usage ? number(usage.input_tokens) : null],
    ["… of them cached", usage?.cache_read_tokens ? number(usage.cache_read_tokens) : null],
    ["Tokens out", usage ? number(usage.output_tokens) : null],
    ["Speed", usage && seconds > 0.05 ? `${number(Math.round(usage.output_tokens / seconds))} tokens/s` : null],
    ["Cost", usage ? (usage.cost_usd === null ? "no price known" : money(usage.cost_usd)) : null],
    ["Given", asked ? `${number(asked.messages)} ${asked.messages === 1 ? "message" : "messages"}, ${number(asked.tools)} ${asked.tools === 1 ? "tool" : "tools"}` : null],
    ["Output limit", asked ? `${number(asked.max_output_tokens)} tokens` : null],
    ["Ended with", asked?.finish_reason.replaceAll("_", " ") ?? null],
    ["Call", span.facts.callId ?? null],
    ["Question", span.facts.question === "outcome" ? "whether it happened" : span.facts.question ? "whether it may be made" : null],
    ["Note", span.facts.note ?? null],
    ["Overlap", span.facts.overlap && span.facts.overlap !== "enqueue" ? span.facts.overlap : null],
  ];
}

/** @param {[string, string | null][]} rows */
function facts(rows) {
  return el("dl", { class: "span-facts" }, rows.filter(([, value]) => value !== null).map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
}

/**
 * @param {import("./spans.js").Span} span
 * @param {any} conversation
 */
function payloads(span, conversation) {
  const { text, thinking, output, passages, reason } = span.facts;
  return [
    reason ? payload("Why it was asked", reason) : null,
    span.facts.arguments === undefined ? null : payload("Input", JSON.stringify(span.facts.arguments, null, 2)),
    passages?.length ? found(passages, conversation) : null,
    output === undefined ? null : payload(span.failed ? "Error" : "Output", output),
    thinking ? payload("Thoughts", thinking) : null,
    text ? payload("Text", text) : null,
  ];
}

/**
 * @param {any[]} passages
 * @param {any} conversation
 */
function found(passages, conversation) {
  const best = Math.max(...passages.map((passage) => passage.score), 1e-9);
  return el(
    "section",
    { class: "found" },
    el("h3", {}, `${passages.length} ${passages.length === 1 ? "passage" : "passages"}`),
    el(
      "ol",
      {},
      passages.map((passage) =>
        el(
          "li",
          {},
          el("span", { class: "soft mono" }, `[${passage.mark}]`),
          el(
            "span",
            { class: "stack" },
            conversation?.data_set && passage.document_id
              ? el("a", { href: `/data-sets/${conversation.data_set.id}/documents/${passage.document_id}?start=${passage.start}&end=${passage.end}` }, passage.title || passage.address)
              : el("span", {}, passage.title || passage.address),
            el("small", { class: "soft" }, `${passage.address} · characters ${number(passage.start)}–${number(passage.end)}`),
          ),
          el("meter", { min: 0, max: best, value: Math.max(0, passage.score), "aria-label": `Score of passage ${passage.mark}` }),
          el("span", { class: "mono" }, passage.score.toFixed(3)),
        ),
      ),
    ),
  );
}

/**
 * A text that went in or came out, with a way to take it along; a long one is shown whole when it is asked for.
 * @param {string} name
 * @param {string} text
 */
function payload(name, text) {
  const pre = el("pre", { tabindex: "0", "aria-label": name }, text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)} …` : text);
  const more = el("button", { type: "button", class: "button quiet", onclick: () => (pre.textContent = text, more.remove()) }, `Show all ${number(text.length)} characters`);
  return el(
    "section",
    { class: "code" },
    el("div", { class: "code-head" }, el("h3", {}, name), copyButton(() => text, `Copy: ${name}`)),
    pre,
    text.length > SHOWN_CHARACTERS ? more : null,
  );
}
