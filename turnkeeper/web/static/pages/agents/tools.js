// What an agent can do: tools by name, servers of tools, hosts it may speak to, and what needs a person's yes.
import { get, isAbort, post } from "../../api.js";
import { button } from "../../components/button.js";
import { dialog } from "../../components/dialog.js";
import { failure, skeleton } from "../../components/empty.js";
import { select } from "../../components/form.js";
import { tell } from "../../components/toast.js";
import { el, fill } from "../../dom.js";
import { duration } from "../../format.js";
import { choice, labelled, numberInput, pairsInput, several, textInput, ticks, wordsInput } from "./inputs.js";

/** What a second call would do, for people. */
export const KINDS = {
  pure: "It only reads. Called again without a thought.",
  idempotent: "Twice is as once. Called again when no answer came.",
  keyed: "It takes a key, by which a second call does nothing. Called again with the same key.",
  at_most_once: "A second call would do it again. Never called again: a person is asked.",
};
const KIND_NAMES = /** @type {(keyof typeof KINDS)[]} */ (Object.keys(KINDS));
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/** @param {keyof typeof KINDS} kind */
export const kindTag = (kind) => el("span", { class: `tag ${kind === "at_most_once" ? "warn" : kind === "pure" ? "good" : ""}`, title: KINDS[kind] }, kind.replaceAll("_", " "));

/**
 * @param {import("./inputs.js").Desk} desk
 * @param {Record<string, any>} content
 * @param {AbortSignal} signal
 */
export function toolsField(desk, content, signal) {
  const place = el("div", {}, skeleton(3));
  const load = async () => {
    try {
      const { items } = await get("/tools", { signal });
      const named = items.filter((/** @type {any} */ tool) => tool.source === "server" || tool.source === "plugin");
      const gone = content.tools.filter((/** @type {string} */ name) => !named.some((/** @type {any} */ tool) => tool.name === name));
      const options = [
        ...named.map((/** @type {any} */ tool) => ({
          value: tool.name,
          words: [el("code", {}, tool.name), " ", kindTag(tool.kind), tool.source === "plugin" ? el("span", { class: "tag" }, "plug-in") : null],
          hint: tool.description.split("\n")[0],
        })),
        ...gone.map((/** @type {string} */ name) => ({ value: name, words: el("code", {}, name), hint: "This server does not have it any more." })),
      ];
      fill(place, ticks(desk, "Tools by name", "tools", content, "tools", options));
    } catch (error) {
      if (!isAbort(error)) fill(place, failure(error, load));
    }
  };
  void load();
  return [place, kindsExplained()];
}

function kindsExplained() {
  return el(
    "details",
    { class: "fold quiet" },
    el("summary", {}, "What the kinds mean"),
    el("dl", { class: "kinds" }, KIND_NAMES.map((kind) => el("div", {}, el("dt", {}, kindTag(kind)), el("dd", {}, KINDS[kind])))),
  );
}

const kindOptions = KIND_NAMES.map((kind) => ({ value: kind, words: kind.replaceAll("_", " ") }));

/**
 * @param {import("./inputs.js").Desk & {agentId: () => string | null, isChanged: () => boolean}} desk
 * @param {Record<string, any>} settings
 */
export function serversField(desk, settings) {
  return several(desk, {
    list: settings.mcp_servers,
    one: "MCP server",
    add: "Add an MCP server",
    nothing: "None. An MCP server brings tools of other programs.",
    fresh: () => ({ name: "", command: [], url: "", environment: {}, headers: {}, tools: null, kinds: {}, seconds: 60, allows_private_addresses: false }),
    content: (server, place) => {
      const box = el("div", { class: "several-fields" });
      const draw = (/** @type {boolean} */ isProgram) => fill(box, serverFields(desk, server, `settings/mcp_servers/${place}`, isProgram, draw));
      draw(server.command.length > 0);
      return box;
    },
  });
}

/**
 * @param {import("./inputs.js").Desk & {agentId: () => string | null, isChanged: () => boolean}} desk
 * @param {Record<string, any>} server
 * @param {string} at
 * @param {boolean} isProgram it is started by a command, and not reached at an address
 * @param {(isProgram: boolean) => void} changed
 */
function serverFields(desk, server, at, isProgram, changed) {
  return [
    labelled("How it is reached", `${at}/how`, wayOf(desk, server, isProgram, changed)),
    el("div", { class: "pair" },
      labelled("Name", `${at}/name`, textInput(desk, server, "name", { class: "mono" }), { hint: "Its tools are called name__tool." }),
      isProgram
        ? labelled("Command", `${at}/command`, commandInput(desk, server), { hint: "Runs with the rights of the server. Quotes keep an argument with blanks together; python is the server’s own." })
        : labelled("Address", `${at}/url`, textInput(desk, server, "url", { orNull: true, type: "url", placeholder: "https://crm.example.com/mcp" }), { hint: "It speaks streamable HTTP." }),
    ),
    isProgram
      ? labelled("Environment", `${at}/environment`, pairsInput(desk, server, "environment", "=", { placeholder: "PAYMENTS_KEY=vault:PAYMENTS_KEY" }), { hint: "vault:NAME stands for a secret of the vault." })
      : labelled("Headers", `${at}/headers`, pairsInput(desk, server, "headers", ":", { placeholder: "Authorization: Bearer vault:CRM_KEY" }), { hint: "vault:NAME stands for a secret of the vault." }),
    el("div", { class: "pair" },
      labelled("Only these tools", `${at}/tools`, wordsInput(desk, server, "tools", { empty: null, placeholder: "all of them" }), { hint: "Separated by commas." }),
      labelled("Seconds a call may take", `${at}/seconds`, numberInput(desk, server, "seconds", { min: 1 })),
    ),
    labelled("Kinds", `${at}/kinds`, pairsInput(desk, server, "kinds", ":", { placeholder: "refund_charge: keyed" }), { hint: "Else as the server says, else at_most_once." }),
    button("Connect and list its tools", { icon: "zap", onclick: () => tryServer(desk, server.name) }),
  ];
}

/**
 * @param {import("./inputs.js").Desk} desk
 * @param {Record<string, any>} server
 * @param {boolean} isProgram
 * @param {(isProgram: boolean) => void} changed
 */
function wayOf(desk, server, isProgram, changed) {
  const control = select([{ value: "address", words: "At an address" }, { value: "program", words: "As a program on the server’s machine (for operators)" }], isProgram ? "program" : "address");
  control.disabled = !desk.mayChange;
  control.addEventListener("change", () => {
    // What belongs to the other way would be refused beside this one.
    Object.assign(server, { command: [], url: control.value === "program" ? null : "", environment: {}, headers: {} });
    desk.changed();
    changed(control.value === "program");
  });
  return control;
}

/**
 * @param {import("./inputs.js").Desk} desk
 * @param {Record<string, any>} server
 */
function commandInput(desk, server) {
  const written = server.command.map((/** @type {string} */ part) => (part && !/[\s"']/.test(part) ? part : part.includes('"') ? `'${part}'` : `"${part}"`));
  const control = el("input", { type: "text", class: "mono", autocomplete: "off", spellcheck: "false", placeholder: "python -m payment_tools", value: written.join(" "), disabled: !desk.mayChange });
  control.addEventListener("input", () => {
    server.command = (control.value.match(/(?:"[^"]*"|'[^']*'|\S)+/g) ?? []).map((part) => part.replace(/"([^"]*)"|'([^']*)'/g, (_, double, single) => double ?? single));
    desk.changed();
  });
  return control;
}

/**
 * @param {{agentId: () => string | null, isChanged: () => boolean}} desk
 * @param {string} name
 */
async function tryServer(desk, name) {
  const agent = desk.agentId();
  if (!agent || desk.isChanged()) {
    tell(new Error("Servers are tried as they answer: deploy what you changed, then try."));
    return;
  }
  const place = el("div", {}, skeleton(3));
  dialog(`The MCP server ${name}`, () => [place]);
  try {
    const found = await post(`/agents/${agent}/mcp-servers/${encodeURIComponent(name)}/test`);
    fill(
      place,
      el("p", {}, found.state === "connected" ? `It answered within ${duration(found.seconds * 1000)} and has ${found.tools.length} tools.` : found.problem),
      el("ul", { class: "rows" }, found.tools.map((/** @type {any} */ tool) => el("li", {}, el("div", { class: "stack" }, el("code", {}, tool.name), el("small", { class: "soft" }, tool.description)), kindTag(tool.kind)))),
    );
  } catch (error) {
    fill(place, failure(error));
  }
}

/**
 * @param {import("./inputs.js").Desk} desk
 * @param {Record<string, any>} settings
 */
export function httpField(desk, settings) {
  return several(desk, {
    list: settings.http,
    one: "host",
    add: "Allow a host",
    nothing: "None. With a host here the agent gets http_get and http_request, for these hosts and no others.",
    fresh: () => ({ host: "", methods: ["GET", "HEAD"], kind: "at_most_once", headers: {}, allows_private_addresses: false }),
    content: (rule, place) => {
      const at = `settings/http/${place}`;
      return [
        el("div", { class: "pair" },
          labelled("Host", `${at}/host`, textInput(desk, rule, "host", { class: "mono", placeholder: "api.example.com" }), { hint: "*.example.com: all below it. *: every public host." }),
          labelled("A request that changes something is", `${at}/kind`, choice(desk, rule, "kind", kindOptions)),
        ),
        ticks(desk, "Methods", `${at}/methods`, rule, "methods", METHODS.map((value) => ({ value, words: value })), "row"),
        labelled("Headers", `${at}/headers`, pairsInput(desk, rule, "headers", ":", { placeholder: "Authorization: Bearer vault:EXAMPLE_KEY" }), { hint: "Sent along with each request; the model never sees them." }),
      ];
    },
  });
}

/**
 * @param {import("./inputs.js").Desk} desk
 * @param {Record<string, any>} policy
 */
export function approvalsField(desk, policy) {
  const at = "settings/approvals";
  const rules = several(desk, {
    list: policy.rules,
    one: "rule",
    add: "Add a rule",
    nothing: "None: no call waits for a yes.",
    fresh: () => ({ tool: null, kinds: ["at_most_once"], argument: null, above: null, one_of: [] }),
    content: (rule, place) => [
      el("div", { class: "pair" },
        labelled("Tool", `${at}/rules/${place}/tool`, textInput(desk, rule, "tool", { orNull: true, class: "mono", placeholder: "any" }), { hint: "payments__*: all that begin so." }),
        labelled("Argument", `${at}/rules/${place}/argument`, textInput(desk, rule, "argument", { orNull: true, class: "mono", placeholder: "/amount" }), { hint: "A JSON Pointer into the arguments." }),
      ),
      ticks(desk, "Of these kinds (none: of all)", `${at}/rules/${place}/kinds`, rule, "kinds", KIND_NAMES.map((value) => ({ value, words: value.replaceAll("_", " ") })), "row"),
      el("div", { class: "pair" },
        labelled("More than", `${at}/rules/${place}/above`, numberInput(desk, rule, "above", { min: null, step: "any" }), { hint: "A call without a number there fits too." }),
        labelled("Or one of", `${at}/rules/${place}/one_of`, wordsInput(desk, rule, "one_of"), { hint: "Separated by commas." }),
      ),
    ],
  });
  return [
    el("p", { class: "soft" }, "A call that fits a rule waits for a person’s yes. A rule fits when all that it says fits."),
    rules,
    el("div", { class: "pair three" },
      labelled("Who decides", `${at}/deciders`, choice(desk, policy, "deciders", [{ value: "admins", words: "Admins" }, { value: "owners", words: "Admins, and whose conversation it is" }])),
      labelled("Expires after (seconds)", `${at}/expires_after_seconds`, numberInput(desk, policy, "expires_after_seconds", { min: 1, placeholder: "never" })),
      labelled("Then", `${at}/on_expiry`, choice(desk, policy, "on_expiry", [{ value: "deny", words: "deny the call" }, { value: "fail", words: "end the turn" }])),
    ),
  ];
}
