// The timeline of one turn: what took how long, what it cost, what went in and came out. It grows while the turn runs.
import { get, isAbort, send } from "../api.js";
import { failure, skeleton } from "../components/empty.js";
import { replay } from "../components/replay.js";
import { tabs } from "../components/tabs.js";
import { time } from "../components/time.js";
import { say } from "../components/toast.js";
import { el, fill } from "../dom.js";
import { follow } from "../events.js";
import { duration, money, number } from "../format.js";
import { note } from "../router.js";
import { details } from "./turn/details.js";
import { Course, sums } from "./turn/spans.js";
import { spanTable, waterfall } from "./turn/waterfall.js";

export const title = "Timeline of a turn";

const FRAME_MS = 200;
const ENDS = /** @type {Record<string, {words: string, kind: string}>} */ ({
  "message.completed": { words: "Answered", kind: "good" },
  "message.failed": { words: "Failed", kind: "bad" },
  "message.cancelled": { words: "Cancelled", kind: "warn" },
  "message.absorbed": { words: "Answered with another message", kind: "accent" },
});

/** @param {import("../router.js").Visit} visit */
export async function show(visit) {
  const { root, params, signal } = visit;
  const wait = skeleton(8);
  root.append(el("h1", {}, title), wait);
  try {
    const [message, conversation, { events, skew }] = await Promise.all([
      get(`/messages/${params.message}`, { signal }),
      get(`/conversations/${params.conversation}`, { signal }),
      logOf(params.message, signal),
    ]);
    if (signal.aborted) return;
    root.replaceChildren();
    build(visit, { message, conversation, events, skew });
  } catch (error) {
    if (isAbort(error)) return;
    wait.replaceWith(failure(error, () => (root.replaceChildren(), show(visit))));
  }
}

/**
 * The log of the turn as far as it goes, and how far this machine's clock is ahead of the server's.
 * @param {string} message
 * @param {AbortSignal} signal
 */
async function logOf(message, signal) {
  /** @type {import("../events.js").LogEvent[]} */
  const events = [];
  let skew = 0;
  for (let after = 0; ; ) {
    const answer = await send("GET", `/messages/${message}/events`, { query: { after, limit: 100 }, signal });
    const said = answer.headers.get("Date");
    if (said && after === 0) skew = Date.now() - Date.parse(said);
    const page = await answer.json();
    events.push(...page.items);
    if (!page.has_more) return { events, skew };
    after = page.next_after;
  }
}

/**
 * @param {import("../router.js").Visit} visit
 * @param {{message: any, conversation: any, events: import("../events.js").LogEvent[], skew: number}} of
 */
function build({ root, query, signal, title: name }, { message, conversation, events, skew }) {
  const course = new Course();
  for (const event of events) course.take(event);
  const question = message.text.replace(/\s+/g, " ").trim();
  name(`Turn: ${question.slice(0, 60)}`);
  const now = () => Date.now() - skew;

  const state = el("span", { class: "tag" });
  const figures = el("dl", { class: "turn-figures" });
  const beside = el("aside", { class: "span-beside", "aria-label": "Details of the chosen part", tabindex: "-1" });
  const bars = waterfall((span) => {
    note({ part: span.id });
    fill(beside, details(span, { began: course.began, now: now(), conversation }));
    shownAs = spanState(span);
  });
  const places = el("div", { class: "span-table" });
  let shownAs = "";
  /** @type {{stop: () => void} | null} */
  let player = null;

  const views = tabs("How the turn is shown", [
    { words: "Waterfall", content: () => (player?.stop(), el("div", { class: "trace" }, bars.element, beside)) },
    { words: "Table", content: () => (player?.stop(), fill(places, spanTable(course, now())), places) },
    {
      words: "Replay",
      content: () => {
        const made = replay({ events: [...events], questions: new Map([[message.id, message.text]]), signal });
        player = made;
        return made.element;
      },
    },
  ]);
  const back = `/conversations/${conversation.id}`;
  root.classList.add("broad");
  root.append(
    el(
      "header",
      { class: "page-head" },
      el(
        "div",
        { class: "stack" },
        el("p", { class: "crumbs" }, el("a", { href: "/conversations" }, "Conversations"), " / ", el("a", { href: back }, "This conversation"), " / Turn"),
        el("h1", { class: "clip", title: question.slice(0, 500) }, question || "A message without words"),
        el("p", { class: "soft trace-head" }, state, el("a", { href: `/agents/${conversation.agent.id}` }, conversation.agent.name), message.agent_revision ? `revision ${message.agent_revision}` : null, time(message.created_at)),
      ),
    ),
    figures,
    views,
  );

  function paint() {
    const at = now();
    const end = course.ending ? ENDS[course.ending.event] : null;
    const isParked = !end && [...course.open.values()].some((span) => span.kind === "approval");
    const status = end ?? (course.attempt === 0 ? { words: "Queued", kind: "" } : isParked ? { words: "Waits for a person", kind: "warn" } : { words: "Running", kind: "accent" });
    if (state.textContent !== status.words) {
      if (state.textContent) say(`${status.words}.`);
      state.textContent = status.words;
      state.className = `tag ${status.kind}`;
    }
    paintFigures(figures, course, at);
    bars.update(course, at);
    const span = bars.span();
    if (!span && bars.rows().length) bars.choose(first(bars.rows(), query.get("part")), false);
    else if (span && spanState(span) !== shownAs && !beside.contains(document.activeElement)) bars.choose(span.id, false);
    if (places.isConnected && !places.contains(document.activeElement) && !course.ending) fill(places, spanTable(course, at));
  }
  paint();
  if (course.ending) return;

  const clock = setInterval(() => (course.ending ? clearInterval(clock) : paint()), FRAME_MS);
  signal.addEventListener("abort", () => clearInterval(clock), { once: true });
  const ends = new AbortController();
  follow(
    conversation.id,
    {
      after: course.lastNumber,
      heard: (event) => {
        if (event.message_id !== message.id) return;
        skew = Math.min(skew, Date.now() - Date.parse(event.created_at));
        events.push(event);
        course.take(event);
        if (event.event === "text" || event.event === "thinking") return;
        paint();
        if (!course.ending) return;
        if (places.isConnected) fill(places, spanTable(course, now()));
        ends.abort();
      },
      ended: () => undefined,
    },
    AbortSignal.any([signal, ends.signal]),
  );
}

/**
 * What is chosen when one arrives: what the address says, else the first that failed, else the first call of a model.
 * @param {import("./turn/spans.js").Span[]} rows
 * @param {string | null} wanted
 */
function first(rows, wanted) {
  const found = rows.find((span) => span.id === wanted) ?? rows.find((span) => span.failed) ?? rows.find((span) => span.kind === "model" && !span.isVoid) ?? rows[0];
  return found.id;
}

/** What must differ for the details to be written anew.
 * @param {import("./turn/spans.js").Span} span
 */
const spanState = (span) => JSON.stringify([span.id, span.end, span.first, span.cut, span.isVoid, span.facts.text?.length]);

/**
 * @param {HTMLElement} list
 * @param {Course} course
 * @param {number} now
 */
function paintFigures(list, course, now) {
  const sum = sums(course, now);
  /** @type {[string, string | null][]} */
  const rows = [
    ["Whole turn", duration(sum.total)],
    ["Queue", duration(sum.waited)],
    ["First token", sum.firstToken === null ? "–" : duration(sum.firstToken)],
    ["Models", duration(sum.model)],
    ["Tools", duration(sum.tools)],
    ["People", sum.approvals ? duration(sum.approvals) : null],
    ["Tokens in", number(sum.input)],
    ["Tokens out", number(sum.output)],
    ["Cost", sum.cost === null ? "–" : money(sum.cost)],
  ];
  fill(list, rows.filter(([, value]) => value !== null).map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))), failureOf(course));
}

/** @param {Course} course */
function failureOf(course) {
  return course.ending?.event === "message.failed" ? el("div", { class: "why" }, el("dt", {}, "Why"), el("dd", {}, course.ending.reason)) : null;
}
