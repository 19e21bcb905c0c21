// Overview: how turns went, what waits for a decision, and how the server is.
import { get, isAbort, post } from "../api.js";
import { chart } from "../chart.js";
import { button } from "../components/button.js";
import { dialog } from "../components/dialog.js";
import { empty, failure, skeleton } from "../components/empty.js";
import { area, field, form, select } from "../components/form.js";
import { time } from "../components/time.js";
import { tell, toast } from "../components/toast.js";
import { whileSeen } from "../components/watch.js";
import { el, fill } from "../dom.js";
import { bytes, compact, duration, money, number } from "../format.js";
import { note } from "../router.js";
import { may } from "../session.js";

export const title = "Overview";

const HOUR_MS = 3_600_000;
const EVERY_MS = 15_000;
const RANGES = [
  { value: "6h", words: "Last 6 hours", ms: 6 * HOUR_MS, by: "hour" },
  { value: "24h", words: "Last 24 hours", ms: 24 * HOUR_MS, by: "hour" },
  { value: "7d", words: "Last 7 days", ms: 7 * 24 * HOUR_MS, by: "hour" },
  { value: "30d", words: "Last 30 days", ms: 30 * 24 * HOUR_MS, by: "day" },
  { value: "90d", words: "Last 90 days", ms: 90 * 24 * HOUR_MS, by: "day" },
  { value: "365d", words: "Last year", ms: 365 * 24 * HOUR_MS, by: "day" },
];
const FIELDS = ["agent", "model", "account"];

/** @param {import("../router.js").Visit} visit */
export function show({ root, query, signal }) {
  /** @type {Record<string, string>} */
  const wanted = { range: query.get("range") ?? "24h" };
  for (const name of FIELDS) wanted[name] = query.get(name) ?? "";
  const figures = el("div", {}, skeleton(3));
  const turns = el("div", {}, skeleton(6));
  const approvals = el("div", {}, skeleton(2));
  const health = el("div", { class: "stack-wide" }, skeleton(3));
  const board = makeBoard(figures, turns, signal);
  const load = async () => {
    await Promise.all([board.refresh(wanted), loadApprovals(approvals, signal, load), loadHealth(health, signal)]);
  };
  const filters = makeFilters(wanted, signal, () => {
    note({ ...wanted, range: wanted.range === "24h" ? null : wanted.range });
    void board.load(wanted);
  });
  root.append(
    el(
      "header",
      { class: "page-head" },
      el("div", {}, el("h1", {}, "Overview"), el("p", { class: "soft" }, "How turns went, what waits, and how the server is.")),
      filters,
    ),
    el(
      "div",
      { class: "stack-wide" },
      figures,
      el("section", { class: "card", "aria-labelledby": "overview-approvals" }, el("h2", { id: "overview-approvals" }, "Waiting for a decision"), approvals),
      turns,
      el("section", { class: "card", "aria-labelledby": "overview-health" }, el("h2", { id: "overview-health" }, "Health"), health),
    ),
  );
  void load();
  whileSeen(load, EVERY_MS, signal);
}

/**
 * The range and the filters; those whose values cannot be read are left out.
 * @param {Record<string, string>} wanted
 * @param {AbortSignal} signal
 * @param {() => void} changed
 */
function makeFilters(wanted, signal, changed) {
  const made = el("div", { class: "choices", role: "group", "aria-label": "What is shown" });
  /**
   * @param {string} name
   * @param {string} label
   * @param {{value: string, words: string}[]} options
   */
  const choice = (name, label, options) => {
    const control = select(options, wanted[name], { "aria-label": label });
    control.addEventListener("change", () => {
      wanted[name] = control.value;
      changed();
    });
    return control;
  };
  made.append(choice("range", "Time", RANGES));
  void (async () => {
    try {
      const [agents, models, members] = await Promise.all([
        get("/agents", { query: { limit: 100 }, signal }),
        get("/usage", { query: { group_by: "model" }, signal }),
        may("admin") ? get("/members", { query: { limit: 100 }, signal }) : null,
      ]);
      const of = (/** @type {any[]} */ items, /** @type {string} */ words) => [{ value: "", words }, ...items];
      made.append(
        choice("agent", "Agent", of(agents.items.map((/** @type {any} */ each) => ({ value: each.id, words: each.name })), "All agents")),
        choice("model", "Model", of(models.items.map((/** @type {any} */ each) => ({ value: each.model, words: each.model })), "All models")),
      );
      if (members) {
        const people = members.items.map((/** @type {any} */ each) => ({ value: each.id, words: each.name }));
        made.append(choice("account", "Account", of(people, "All accounts")));
      }
    } catch (error) {
      if (!isAbort(error)) tell(error);
    }
  })();
  return made;
}

/**
 * Figures and charts. What is there stays until the new is; a later question wins.
 * @param {HTMLElement} figures
 * @param {HTMLElement} place
 * @param {AbortSignal} signal
 */
function makeBoard(figures, place, signal) {
  let drawn = new AbortController();
  let asked = 0;
  let [ended, tookMs] = [0, 0];
  signal.addEventListener("abort", () => drawn.abort());
  /** @param {Record<string, string>} wanted */
  async function load(wanted) {
    const mine = ++asked;
    const range = RANGES.find(({ value }) => value === wanted.range) ?? RANGES[1];
    try {
      const found = await get("/overview", {
        query: {
          from: new Date(Date.now() - range.ms).toISOString(),
          by: range.by,
          ...Object.fromEntries(FIELDS.map((name) => [name, wanted[name] || null])),
        },
        signal,
      });
      if (mine !== asked) return;
      drawn.abort();
      drawn = new AbortController();
      fill(figures, figuresOf(found));
      fill(place, chartsOf(found, drawn.signal));
    } catch (error) {
      if (isAbort(error) || mine !== asked) return;
      fill(figures);
      fill(place, failure(error, () => load(wanted)));
    }
  }
  /**
   * Look again, unless that takes so long that it would keep the server busy: no more than a twentieth of the time.
   * @param {Record<string, string>} wanted
   */
  async function refresh(wanted) {
    if (Date.now() - ended < tookMs * 20) return;
    const began = Date.now();
    await load(wanted);
    ended = Date.now();
    tookMs = ended - began;
  }
  return { load, refresh };
}

/** @param {any} found */
function figuresOf({ total, queue, is_cut: isCut }) {
  return [
    el(
      "dl",
      { class: "figures" },
      figure("Turns", number(total.turns), `${number(total.completed)} answered, ${number(total.cancelled)} cancelled`),
      figure("Failed", number(total.failed), total.turns ? `${percent(total.failed / total.turns)} of all` : "none", total.failed ? "bad" : ""),
      figure("Answered in", spread(total.answered, "p50"), `95 % within ${spread(total.answered, "p95")}`),
      figure("Queue wait", spread(total.waited, "p50"), `95 % within ${spread(total.waited, "p95")}`),
      figure("In the queue now", number(queue.waiting), `${number(queue.running)} under way${queue.waiting ? `; the oldest waits ${duration(queue.oldest_seconds * 1000)}` : ""}`),
      figure("Spent", total.cost_usd === null ? "–" : money(total.cost_usd), `${compact(total.input_tokens)} in, ${compact(total.output_tokens)} out`),
    ),
    isCut ? el("p", { class: "soft" }, "There are so many turns that only the newest are counted; choose a shorter time.") : null,
  ];
}

/**
 * @param {any} found
 * @param {AbortSignal} signal
 */
function chartsOf(found, signal) {
  const { total, items } = found;
  const times = items.map((/** @type {any} */ each) => Date.parse(each.at) / 1000);
  const line = (/** @type {string} */ name, /** @type {(each: any) => number | null} */ read) => ({ name, values: items.map(read) });
  const milliseconds = (/** @type {any} */ spread, /** @type {string} */ which) => (spread ? spread[which] : null);
  const draw = (/** @type {string} */ words, /** @type {any[]} */ lines, /** @type {any} */ format) =>
    el("section", { class: "card" }, chart({ title: words, times, lines, format }, signal));
  return total.turns === 0
      ? el("section", { class: "card" }, empty({ title: "No turns in this time", sentence: "Talk with an agent, or choose a longer time.", icon: "chart-column" }))
      : el(
          "div",
          { class: "charts" },
          draw("Turns", [line("Answered", (each) => each.completed), line("Failed", (each) => each.failed), line("Cancelled", (each) => each.cancelled)], compact),
          draw("From acceptance to the answer", [line("Half within", (each) => milliseconds(each.answered, "p50")), line("95 % within", (each) => milliseconds(each.answered, "p95"))], duration),
          draw("Wait in the queue", [line("Half within", (each) => milliseconds(each.waited, "p50")), line("95 % within", (each) => milliseconds(each.waited, "p95"))], duration),
          draw("Tokens", [line("In", (each) => each.input_tokens), line("Out", (each) => each.output_tokens)], compact),
          draw("Cost", [line("US dollars", (each) => each.cost_usd)], money),
          failures(found.failures),
        );
}

/**
 * @param {string} name
 * @param {string} value
 * @param {string} more
 * @param {string} [kind]
 */
const figure = (name, value, more, kind = "") =>
  el("div", { class: `figure ${kind}` }, el("dt", {}, name), el("dd", {}, el("strong", {}, value), el("small", { class: "soft" }, more)));

/** @type {(share: number) => string} */
const percent = (share) => new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 }).format(share);

/** @type {(of: Record<string, number> | null, which: string) => string} */
const spread = (of, which) => (of ? duration(of[which]) : "–");

/** @param {any[]} found */
function failures(found) {
  return el(
    "section",
    { class: "card", "aria-label": "Newest failures" },
    el("h2", { class: "small" }, "Newest failures"),
    found.length
      ? el(
          "ul",
          { class: "rows dense" },
          found.map((each) =>
            el(
              "li",
              {},
              el(
                "div",
                { class: "stack" },
                el("a", { href: `/conversations/${each.conversation_id}/turns/${each.message_id}` }, each.reason || "It failed."),
                el("small", { class: "soft" }, each.agent, " · ", time(each.at)),
              ),
            ),
          ),
        )
      : el("p", { class: "soft" }, "Nothing failed in this time."),
  );
}

/**
 * @param {HTMLElement} place
 * @param {AbortSignal} signal
 * @param {() => Promise<void>} changed
 */
async function loadApprovals(place, signal, changed) {
  try {
    const { items, has_more: more } = await get("/approvals", { query: { state: "waiting", limit: 20 }, signal });
    // What somebody is about to press stays where it is.
    if (place.contains(document.activeElement) && place.dataset.ids === ids(items)) return;
    place.dataset.ids = ids(items);
    fill(
      place,
      items.length
        ? el("ul", { class: "rows" }, items.map((/** @type {any} */ each) => approval(each, changed)))
        : el("p", { class: "soft" }, "Nobody waits for you."),
      more ? el("p", { class: "soft" }, "There are more; decide these first.") : null,
    );
  } catch (error) {
    if (!isAbort(error)) fill(place, failure(error, () => loadApprovals(place, signal, changed)));
  }
}

/** @type {(items: {id: string}[]) => string} */
const ids = (items) => items.map(({ id }) => id).join(" ");

/**
 * @param {any} asked
 * @param {() => Promise<void>} changed
 */
function approval(asked, changed) {
  const decide = async (/** @type {string} */ decision, /** @type {string | null} */ written = null) => {
    await post(`/approvals/${asked.id}/decide`, { decision, note: written });
    toast(decision === "approve" ? `${asked.tool} is approved.` : `${asked.tool} is denied.`);
    await changed();
  };
  const question = asked.question === "call" ? "May it be called?" : "It was cut off: did it happen?";
  return el(
    "li",
    { class: "decision" },
    el(
      "div",
      { class: "stack" },
      el("strong", {}, `${asked.agent}: ${asked.tool}`),
      el("small", { class: "soft" }, question, " ", asked.reason),
      el("details", {}, el("summary", {}, "With what"), el("pre", { class: "raw", tabindex: "0" }, JSON.stringify(asked.arguments, null, 2))),
      el(
        "small",
        { class: "soft" },
        "asked ",
        time(asked.created_at),
        asked.expires_at ? [", expires ", time(asked.expires_at)] : null,
        " · ",
        el("a", { href: `/conversations/${asked.conversation_id}` }, "the conversation"),
      ),
    ),
    may("converse")
      ? el(
          "div",
          { class: "actions" },
          button("Deny …", { onclick: () => deny(asked, decide) }),
          button("Approve", { kind: "primary", onclick: () => decide("approve").catch(tell) }),
        )
      : null,
  );
}

/**
 * @param {any} asked
 * @param {(decision: string, note?: string | null) => Promise<void>} decide
 */
function deny(asked, decide) {
  dialog(`Deny ${asked.tool}?`, (close) => [
    el("p", {}, "The agent is told that it may not, and why if you say so; it goes on without it."),
    form({
      fields: [field("Why", "note", area({ maxlength: 2000, rows: 3 }), { hint: "The agent reads it. It may stay empty." })],
      words: "Deny",
      cancel: close,
      submit: async (_, data) => {
        await decide("deny", String(data.get("note") ?? "").trim() || null);
        close();
      },
    }),
  ]);
}

/**
 * @param {HTMLElement} place
 * @param {AbortSignal} signal
 */
async function loadHealth(place, signal) {
  if (!may("admin")) return fill(place, el("p", { class: "soft" }, "Only operators of the server see its processes."));
  try {
    fill(place, healthOf(await get("/nodes", { signal })));
  } catch (error) {
    if (isAbort(error)) return;
    const status = /** @type {{status?: number}} */ (error).status;
    fill(place, status === 403 ? el("p", { class: "soft" }, "Only operators of the server see its processes.") : failure(error, () => loadHealth(place, signal)));
  }
}

/** @param {any} found */
function healthOf({ items, database, queue, embedder_is_ready: embedder }) {
  const works = items.some((/** @type {any} */ each) => each.running !== null && each.is_alive);
  const part = (/** @type {string} */ name, /** @type {boolean} */ good, /** @type {string} */ state, /** @type {string} */ more) =>
    el("div", { class: "part" }, el("dt", {}, name, " ", el("span", { class: `tag ${good ? "good" : "bad"}` }, state)), el("dd", { class: "soft" }, more));
  return [
    el(
      "dl",
      { class: "parts" },
      part("Database", true, `${database.milliseconds.toFixed(1)} ms`, `${bytes(database.size_bytes)}, ${database.connections} of ${database.most_connections} connections, PostgreSQL ${database.version}`),
      part("Queue", works, works ? "worked on" : "nobody works", `${number(queue.waiting)} wait, ${number(queue.running)} run, the oldest waits ${duration(queue.oldest_seconds * 1000)}`),
      embedder === null ? null : part("Embedder", embedder, embedder ? "ready" : "loading", "Makes the vectors that documents are found by."),
    ),
    el("h3", {}, "Processes"),
    el(
      "ul",
      { class: "rows dense" },
      items.map((/** @type {any} */ each) =>
        el(
          "li",
          {},
          el("div", { class: "stack" }, el("strong", {}, each.name), el("small", { class: "soft" }, `${each.kind} ${each.version}, since `, time(each.started_at))),
          el(
            "div",
            { class: "stack end" },
            el("span", { class: `tag ${each.is_alive ? "good" : "bad"}` }, each.is_alive ? (each.running === null ? "serves" : `${number(each.running)} under way`) : "silent"),
            each.last_heartbeat_at ? el("small", { class: "soft" }, "heard of ", time(each.last_heartbeat_at)) : null,
          ),
        ),
      ),
    ),
  ];
}
