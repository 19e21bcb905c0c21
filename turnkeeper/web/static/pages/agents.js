// Agents: all of them, what each is made of, and how much it is used.
import { get, isAbort, items } from "../api.js";
import { linkButton } from "../components/button.js";
import { whenSeenAgain } from "../components/fresh.js";
import { input } from "../components/form.js";
import { whenItRests } from "../components/patience.js";
import { table } from "../components/table.js";
import { time } from "../components/time.js";
import { el, fill } from "../dom.js";
import { day, number } from "../format.js";
import { note } from "../router.js";
import { may } from "../session.js";

export const title = "Agents";

const SHOWN_DAYS = 30;
const DAY_MS = 86_400_000;

/** @param {import("../router.js").Visit} visit */
export function show({ root, query, signal }) {
  root.classList.add("broad");
  const sets = nameOfSets(signal);
  const use = useOfAgents(signal);
  // Rows tell of a failure; when there are none, as on a page that was left at once, nobody has to.
  for (const known of [sets, use]) known.catch(() => undefined);
  const add = may("manage_agents") ? linkButton("New agent", "/agents/new", { icon: "plus", kind: "primary" }) : null;
  const list = table({
    caption: "Agents",
    path: "/agents",
    query: { search: query.get("search") },
    signal,
    columns: [
      {
        title: "Name",
        cell: (agent) =>
          el("div", { class: "stack" }, el("a", { class: "strong", href: `/agents/${agent.id}` }, agent.name), el("small", { class: "soft clip" }, agent.description || agent.slug)),
      },
      { title: "Model", cell: (agent) => (agent.model ? el("code", { class: "nowrap" }, agent.model) : el("span", { class: "soft nowrap" }, "the server’s default")), plain: true },
      { title: "Data set", cell: (agent) => dataSet(agent, sets) },
      { title: "Answers", plain: true, cell: (agent) => revision(agent) },
      { title: `Turns, ${SHOWN_DAYS} days`, number: true, cell: (agent) => later(use, (known) => number(known.get(agent.id)?.turns ?? 0)) },
      { title: "Last used", cell: (agent) => later(use, (known) => lastUsed(known.get(agent.id))) },
    ],
    nothing: {
      title: query.get("search") ? "No agent is like that" : "No agents yet",
      sentence: query.get("search")
        ? "Search for a part of a name, or empty the field."
        : "An agent is a model with instructions, tools and knowledge. Make one, and talk with it at once.",
      icon: "bot",
      action: may("manage_agents") ? linkButton("Begin with your files", "/welcome", { icon: "upload", kind: "primary" }) : undefined,
    },
  });
  const reload = whenItRests(() => {
    note({ search: search.value });
    return list.reload({ search: search.value });
  }, signal);
  const search = input({
    type: "search",
    value: query.get("search") ?? "",
    placeholder: "Search agents",
    "aria-label": "Search agents",
    oninput: reload,
  });
  whenSeenAgain(() => list.reload(), signal);
  root.append(
    el("header", { class: "page-head" }, el("div", {}, el("h1", {}, "Agents"), el("p", { class: "soft" }, "Who answers: with which model, instructions, tools and knowledge.")), add),
    el("div", { class: "filters" }, search),
    list.element,
  );
}

/** @param {any} agent */
function revision(agent) {
  const draft = agent.latest_revision > agent.revision;
  return el(
    "div",
    { class: "tags" },
    el("a", { class: "tag accent", href: `/agents/${agent.id}/revisions`, title: `Revisions of ${agent.name}` }, `Revision ${agent.revision}`),
    draft ? el("span", { class: "tag warn" }, `draft ${agent.latest_revision}`) : null,
    el("small", { class: "soft" }, time(agent.deployed_at)),
  );
}

/**
 * @param {any} agent
 * @param {Promise<Map<string, string>>} sets
 */
function dataSet(agent, sets) {
  if (!agent.data_set) return el("span", { class: "soft" }, "–");
  return later(sets, (names) => el("a", { class: "nowrap", href: `/data-sets/${agent.data_set}` }, names.get(agent.data_set) ?? "not yours to see"));
}

/** @param {{last: string} | undefined} use */
function lastUsed(use) {
  return use ? el("span", { class: "nowrap" }, day(use.last)) : el("span", { class: "soft nowrap" }, `not in ${SHOWN_DAYS} days`);
}

/**
 * A place that is filled when something is known.
 * @template T
 * @param {Promise<T>} promise
 * @param {(value: T) => import("../dom.js").Child} shown
 */
function later(promise, shown) {
  const place = el("span", {}, "…");
  promise.then((value) => fill(place, shown(value)), () => fill(place, "–"));
  return place;
}

/** @param {AbortSignal} signal */
async function nameOfSets(signal) {
  /** @type {Map<string, string>} */
  const names = new Map();
  for await (const set of items("/data-sets", {}, signal)) names.set(set.id, set.name);
  return names;
}

/**
 * What each agent was used in the last days, by its id.
 * @param {AbortSignal} signal
 */
async function useOfAgents(signal) {
  /** @type {Map<string, {turns: number, last: string}>} */
  const known = new Map();
  const from = new Date(Date.now() - SHOWN_DAYS * DAY_MS).toISOString().slice(0, 10);
  try {
    const report = await get("/usage", { query: { group_by: "agent,day", from }, signal });
    for (const sum of report.items) {
      const before = known.get(sum.agent_id) ?? { turns: 0, last: "" };
      known.set(sum.agent_id, { turns: before.turns + sum.turns, last: sum.day > before.last ? sum.day : before.last });
    }
  } catch (error) {
    if (!isAbort(error)) throw error;
  }
  return known;
}
