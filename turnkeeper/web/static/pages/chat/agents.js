// Which agent to talk to: what it is for, and what it may do.
import { el, unique } from "../../dom.js";
import { input } from "../../components/form.js";
import { icon } from "../../components/icon.js";

const MANY = 8;

/**
 * @param {any[]} agents
 * @param {Map<string, string>} dataSets names by id
 * @param {string | null} chosen the id of the one that is chosen at first
 * @param {(agent: any) => void} choose
 */
export function agentChoice(agents, dataSets, chosen, choose) {
  const name = unique("agent");
  const cards = agents.map((agent) => {
    const radio = el("input", { type: "radio", name, value: agent.id, checked: agent.id === chosen, class: "unseen", onchange: () => choose(agent) });
    const card = el(
      "label",
      { class: "agent" },
      radio,
      el("span", { class: "agent-name" }, icon("bot"), el("strong", {}, agent.name)),
      agent.description ? el("span", { class: "agent-words" }, agent.description) : null,
      el("span", { class: "tags" }, abilities(agent, dataSets).map(([words, picture]) => el("span", { class: "tag" }, icon(picture, 13), words))),
    );
    return { agent, card };
  });
  const list = el("div", { class: "agents" }, cards.map(({ card }) => card));
  const search = agents.length > MANY ? input({ type: "search", placeholder: "Find an agent", "aria-label": "Find an agent" }) : null;
  search?.addEventListener("input", () => {
    const wanted = search.value.trim().toLowerCase();
    for (const { agent, card } of cards) card.hidden = !`${agent.name} ${agent.description ?? ""}`.toLowerCase().includes(wanted);
  });
  return el("fieldset", { class: "choice" }, el("legend", {}, "Who shall answer?"), search, list);
}

/**
 * What an agent may do, in a few words.
 * @param {any} agent
 * @param {Map<string, string>} dataSets
 * @returns {[string, string][]}
 */
function abilities(agent, dataSets) {
  /** @type {[string, string][]} */
  const found = [];
  if (agent.data_set) found.push([dataSets.get(agent.data_set) ?? "Searches a data set", "database"]);
  const { mcp_servers: servers = [], http = [], approvals } = agent.settings ?? {};
  const tools = agent.tools.length;
  if (tools) found.push([tools === 1 ? agent.tools[0] : `${tools} tools`, "wrench"]);
  if (servers.length) found.push([servers.length === 1 ? "1 MCP server" : `${servers.length} MCP servers`, "server"]);
  if (http.length) found.push(["Asks web services", "external-link"]);
  if (approvals?.rules?.length) found.push(["Asks before it acts", "hand"]);
  return found;
}
