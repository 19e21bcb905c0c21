// Settings → Limits: what turns may take, and what they took.
import { addressOf, get, put } from "../../api.js";
import { skeleton } from "../../components/empty.js";
import { field, form, input, select } from "../../components/form.js";
import { loaded } from "../../components/loaded.js";
import { scrolled } from "../../components/scroll.js";
import { table } from "../../components/table.js";
import { toast } from "../../components/toast.js";
import { el } from "../../dom.js";
import { compact, day, money, number } from "../../format.js";
import { note } from "../../router.js";
import { may } from "../../session.js";
import { settingsHead } from "./frame.js";

export const title = "Limits";

const DAY_MS = 86_400_000;
const MOST_SHOWN = 400;
const LIMITS = [
  { name: "cost_usd_a_day", words: "US dollars a day", hint: "All agents, by days of UTC.", step: "any" },
  { name: "tokens_a_day", words: "Tokens a day", hint: "All agents, in and out.", step: "1" },
  { name: "cost_usd", words: "US dollars a turn", hint: "What its model calls cost.", step: "any" },
  { name: "tokens", words: "Tokens a turn", hint: "In and out.", step: "1" },
  { name: "model_calls", words: "Model calls a turn", hint: "1 to 1,000.", step: "1" },
  { name: "tool_calls", words: "Tool calls a turn", hint: "0 to 10,000.", step: "1" },
  { name: "seconds", words: "Seconds a turn", hint: "1 to 86,400.", step: "any" },
];
const GROUPS = [
  { value: "day", words: "By day" },
  { value: "agent", words: "By agent" },
  { value: "model", words: "By model" },
  { value: "account", words: "By account" },
  { value: "day,agent", words: "By day and agent" },
];
const RANGES = [
  { value: "7", words: "Last 7 days" },
  { value: "30", words: "Last 30 days" },
  { value: "90", words: "Last 90 days" },
  { value: "365", words: "Last year" },
];

/** @param {import("../../router.js").Visit} visit */
export function show({ root, query, signal }) {
  const own = el("div", {}, skeleton(4));
  root.append(
    settingsHead("/settings/limits", "What the turns of your agents may take, and what they took."),
    el(
      "div",
      { class: "stack-wide" },
      el("section", { class: "card" }, el("h2", {}, "Limits of the organization"), el("p", { class: "soft" }, "Of these and an agent’s own limits, the lower one counts. An empty field is no limit. A turn that reaches one ends, and says so."), own),
      el("section", { class: "stack-of" }, el("h2", {}, "Limits of agents"), agentLimits(signal)),
      usage(query, signal),
    ),
  );
  void loaded(own, () => limitsForm(signal));
}

/** @param {AbortSignal} signal */
async function limitsForm(signal) {
  const limits = await get("/limits", { signal });
  return form({
    fields: [
      el(
        "div",
        { class: "field-grid" },
        LIMITS.map(({ name, words, hint, step }) => field(words, name, input({ type: "number", min: "0", step, inputmode: "decimal", value: limits[name] ?? "", disabled: !may("admin") }), { hint })),
      ),
    ],
    words: "Save the limits",
    submit: async (_, data) => {
      const wanted = Object.fromEntries(LIMITS.map(({ name }) => [name, data.get(name) === "" || data.get(name) === null ? null : Number(data.get(name))]));
      await put("/limits", wanted);
      toast("The limits are saved; they count for turns that begin from now on.");
    },
  });
}

/** @param {AbortSignal} signal */
function agentLimits(signal) {
  const shown = (/** @type {number | null} */ value, /** @type {(value: number) => string} */ format = number) => (value === null || value === undefined ? el("span", { class: "soft" }, "none") : format(value));
  return table({
    caption: "Limits of agents",
    path: "/agents",
    signal,
    columns: [
      { title: "Agent", cell: (agent) => el("a", { href: `/agents/${agent.id}` }, agent.name) },
      { title: "Dollars a day", number: true, cell: (agent) => shown(agent.limits.cost_usd_a_day, money) },
      { title: "Tokens a day", number: true, cell: (agent) => shown(agent.limits.tokens_a_day, compact) },
      { title: "Dollars a turn", number: true, cell: (agent) => shown(agent.limits.cost_usd, money) },
      { title: "Model calls", number: true, cell: (agent) => shown(agent.limits.model_calls) },
      { title: "Tool calls", number: true, cell: (agent) => shown(agent.limits.tool_calls) },
      { title: "Seconds", number: true, cell: (agent) => shown(agent.limits.seconds) },
    ],
    nothing: { title: "No agents yet", sentence: "Make one under Agents; its limits are set there.", icon: "bot" },
  }).element;
}

/**
 * @param {URLSearchParams} query
 * @param {AbortSignal} signal
 */
function usage(query, signal) {
  const by = select(GROUPS, query.get("by") ?? "day", { "aria-label": "Told apart" });
  const range = select(RANGES, query.get("days") ?? "30", { "aria-label": "Time" });
  const place = el("div", {}, skeleton(5));
  const file = el("a", { class: "button plain", download: "" }, "As CSV");
  let asking = new AbortController();
  const load = () => {
    // What was chosen before may be answered after what is chosen now.
    asking.abort();
    asking = new AbortController();
    const either = AbortSignal.any([signal, asking.signal]);
    const from = new Date(Date.now() - (Number(range.value) - 1) * DAY_MS).toISOString().slice(0, 10);
    const wanted = { group_by: by.value, from };
    file.href = addressOf("/usage", { ...wanted, format: "csv" });
    void loaded(place, async () => sums(await get("/usage", { query: wanted, signal: either })));
  };
  for (const control of [by, range]) {
    control.addEventListener("change", () => {
      note({ by: by.value === "day" ? null : by.value, days: range.value === "30" ? null : range.value });
      load();
    });
  }
  load();
  return el("section", { class: "stack-of" }, el("div", { class: "section-head" }, el("h2", {}, "Usage"), el("div", { class: "choices" }, by, range, file)), place);
}

/** @param {any} report */
function sums({ items, total, group_by: groups, is_cut: isCut }) {
  if (!items.length) return el("p", { class: "soft" }, "Nothing was spent in this time.");
  const name = (/** @type {any} */ each, /** @type {string} */ group) => (group === "day" ? day(`${each.day}T12:00:00Z`) : each[group]);
  const heads = /** @type {Record<string, string>} */ ({ day: "Day", agent: "Agent", model: "Model", account: "Account" });
  const dollars = (/** @type {any} */ each) => [each.cost_usd === null ? "–" : money(each.cost_usd), each.unpriced_calls ? el("small", { class: "soft" }, ` + ${number(each.unpriced_calls)} unpriced`) : null];
  const cells = (/** @type {any} */ each) => [number(each.turns), number(each.input_tokens), number(each.output_tokens), dollars(each)].map((cell) => el("td", { class: "number" }, cell));
  return scrolled(
    "Usage",
    el(
      "table",
      { class: "table" },
      el("caption", { class: "unseen" }, "Usage"),
      el("thead", {}, el("tr", {}, groups.map((/** @type {string} */ group) => el("th", { scope: "col" }, heads[group])), ["Turns", "Tokens in", "Tokens out", "Cost"].map((words) => el("th", { scope: "col", class: "number" }, words)))),
      el("tbody", {}, items.slice(0, MOST_SHOWN).map((/** @type {any} */ each) => el("tr", {}, groups.map((/** @type {string} */ group, /** @type {number} */ place) => el(place ? "td" : "th", place ? {} : { scope: "row" }, name(each, group))), cells(each)))),
      el("tfoot", {}, el("tr", {}, el("th", { scope: "row", colspan: groups.length }, isCut || items.length > MOST_SHOWN ? "All of them, also those that are not shown" : "All"), cells(total))),
    ),
  );
}
