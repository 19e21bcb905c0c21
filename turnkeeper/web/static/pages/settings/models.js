// Settings → Models and tools: what agents of the organization can use, and what it costs.
import { get, post } from "../../api.js";
import { button, linkButton } from "../../components/button.js";
import { empty, skeleton } from "../../components/empty.js";
import { input } from "../../components/form.js";
import { loaded } from "../../components/loaded.js";
import { scrolled } from "../../components/scroll.js";
import { tell, toast } from "../../components/toast.js";
import { el, fill } from "../../dom.js";
import { compact, money } from "../../format.js";
import { may } from "../../session.js";
import { settingsHead } from "./frame.js";

export const title = "Models and tools";

const MOST = 200;
const KINDS = /** @type {Record<string, string>} */ ({
  pure: "reads only",
  idempotent: "twice is as once",
  keyed: "has a key: twice is as once",
  at_most_once: "never repeated unasked",
});

/** @param {import("../../router.js").Visit} visit */
export function show({ root, signal }) {
  const models = el("div", {}, skeleton(6));
  const tools = el("div", {}, skeleton(4));
  const servers = el("div", {}, skeleton(2));
  root.append(
    settingsHead("/settings/models", "What your agents can use, and what it costs."),
    el(
      "div",
      { class: "stack-wide" },
      el("section", { class: "stack-of" }, el("h2", {}, "Models"), models),
      el("section", { class: "stack-of" }, el("h2", {}, "Tools"), tools),
      el("section", { class: "stack-of" }, el("h2", {}, "MCP servers"), el("p", { class: "soft" }, "Each agent has its own; they are set under Agents."), servers),
    ),
  );
  void loaded(models, async () => modelsOf(await get("/models", { signal })));
  void loaded(tools, async () => toolsOf(await get("/tools", { signal })));
  void loaded(servers, async () => serversOf(await get("/agents", { query: { limit: 100 }, signal })));
}

/** @param {any} found */
function modelsOf({ default: usual, providers }) {
  const place = el("div", { class: "stack-of" });
  const search = input({ type: "search", placeholder: "Search models", "aria-label": "Search models" });
  // Those that can be used come first.
  const sorted = [...providers].sort((/** @type {any} */ a, /** @type {any} */ b) => Number(Boolean(a.problem)) - Number(Boolean(b.problem)));
  const draw = () => {
    const words = search.value.trim().toLowerCase();
    fill(place, sorted.map((provider) => providerOf(provider, words, usual)));
    if (!place.children.length) fill(place, el("p", { class: "soft" }, "No model has this name."));
  };
  search.addEventListener("input", draw);
  draw();
  return el("div", { class: "stack-of" }, el("p", {}, "Agents that name no model use ", el("code", {}, usual), "."), el("div", { class: "choices" }, search), place);
}

/**
 * @param {any} provider
 * @param {string} words
 * @param {string} usual
 */
function providerOf(provider, words, usual) {
  const found = provider.models.filter((/** @type {any} */ model) => `${model.name} ${model.title ?? ""}`.toLowerCase().includes(words));
  if (words && !found.length) return null;
  const key = !provider.needs_key ? "needs no key" : provider.key_from ? `key from the ${provider.key_from}` : "no key yet";
  const price = (/** @type {number | undefined} */ value) => (value === undefined ? "–" : money(value));
  return el(
    "details",
    { class: "card provider", open: Boolean(words) || usual.startsWith(`${provider.name}:`) },
    el("summary", {}, el("strong", {}, provider.title), " ", el("span", { class: `tag ${provider.problem ? "warn" : "good"}` }, provider.problem ? "not ready" : "ready"), " ", el("span", { class: "soft" }, `${found.length} models, ${key}`)),
    provider.problem ? el("p", { class: "soft" }, provider.problem, " ", provider.secret && may("admin") ? linkButton("To the vault", "/settings/vault", { kind: "quiet" }) : null) : null,
    found.length
      ? rows(
          `Models of ${provider.title}`,
          ["Model", "Context", "Input per million", "Output per million"],
          found.slice(0, MOST).map((/** @type {any} */ model) => [
            [el("code", {}, model.name), model.is_deprecated ? el("span", { class: "tag warn" }, "old") : null],
            model.context_tokens ? compact(model.context_tokens) : "–",
            price(model.price?.input),
            price(model.price?.output),
          ]),
        )
      : el("p", { class: "soft" }, "None is known by name; any name may be tried."),
  );
}

/** @param {any} found */
function toolsOf({ items }) {
  if (!items.length) return el("p", { class: "soft" }, "There are no tools.");
  return rows("Tools", ["Tool", "Kind", "From"], items.map((/** @type {any} */ tool) => [el("div", { class: "stack" }, el("code", { class: "strong" }, tool.name), el("small", { class: "soft" }, tool.description)), KINDS[tool.kind], tool.source]), false);
}

/** @param {any} found */
function serversOf({ items }) {
  const having = items.filter((/** @type {any} */ agent) => agent.settings.mcp_servers?.length);
  if (!having.length) return empty({ title: "No agent has an MCP server", sentence: "Add one to an agent under Agents, with the tools that it may use.", icon: "server" });
  return el(
    "ul",
    { class: "rows" },
    having.flatMap((/** @type {any} */ agent) =>
      agent.settings.mcp_servers.map((/** @type {any} */ server) =>
        el(
          "li",
          {},
          el("div", { class: "stack" }, el("strong", {}, server.name), el("small", { class: "soft" }, "of ", el("a", { href: `/agents/${agent.id}` }, agent.name))),
          may("manage_agents") ? button("Try it", { icon: "zap", onclick: () => tryIt(agent, server) }) : null,
        ),
      ),
    ),
  );
}

/**
 * @param {any} agent
 * @param {any} server
 */
async function tryIt(agent, server) {
  try {
    const found = await post(`/agents/${agent.id}/mcp-servers/${encodeURIComponent(server.name)}/test`);
    if (found.problem) toast(`${server.name}: ${found.problem}`, "failed");
    else toast(`${server.name} answers, with ${found.tools?.length ?? 0} tools.`);
  } catch (error) {
    tell(error);
  }
}

/**
 * @param {string} caption
 * @param {string[]} heads
 * @param {import("../../dom.js").Child[][]} lines
 * @param {boolean} [areNumbers] in all columns but the first
 */
function rows(caption, heads, lines, areNumbers = true) {
  const kind = (/** @type {number} */ place) => (place && areNumbers ? "number" : null);
  return scrolled(
    caption,
    el(
      "table",
      { class: "table" },
      el("caption", { class: "unseen" }, caption),
      el("thead", {}, el("tr", {}, heads.map((words, place) => el("th", { scope: "col", class: kind(place) }, words)))),
      el("tbody", {}, lines.map((cells) => el("tr", {}, cells.map((cell, place) => (place ? el("td", { class: kind(place) }, cell) : el("th", { scope: "row" }, cell)))))),
    ),
  );
}
