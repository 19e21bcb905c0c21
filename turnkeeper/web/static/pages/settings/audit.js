// Settings → Audit: who changed what, and whether the log is whole.
import { addressOf, get, isAbort } from "../../api.js";
import { button } from "../../components/button.js";
import { copyField } from "../../components/copy.js";
import { dialog } from "../../components/dialog.js";
import { facts } from "../../components/facts.js";
import { input, select } from "../../components/form.js";
import { table } from "../../components/table.js";
import { time } from "../../components/time.js";
import { tell } from "../../components/toast.js";
import { el } from "../../dom.js";
import { moment, number } from "../../format.js";
import { note } from "../../router.js";
import { settingsHead } from "./frame.js";

export const title = "Audit";

/** Every action, as the log names it; a test compares them with the server's. */
const ACTIONS = [
  "organization.created",
  "organization.renamed",
  "member.created",
  "member.role_changed",
  "member.activated",
  "member.deactivated",
  "member.password_changed",
  "member.operator_changed",
  "session.started",
  "session.ended",
  "session.code_made",
  "key.created",
  "key.updated",
  "key.rotated",
  "key.revoked",
  "agent.created",
  "agent.updated",
  "agent.deployed",
  "agent.deleted",
  "agent.tool_called",
  "data_set.created",
  "data_set.updated",
  "data_set.deleted",
  "data_set.member_added",
  "data_set.member_removed",
  "document.changed",
  "document.deleted",
  "sync.started",
  "sync.cancelled",
  "webhook.created",
  "webhook.updated",
  "webhook.rotated",
  "webhook.tested",
  "webhook.replayed",
  "webhook.deleted",
  "schedule.created",
  "schedule.updated",
  "schedule.paused",
  "schedule.resumed",
  "schedule.run",
  "schedule.deleted",
  "secret.put",
  "secret.deleted",
  "secret.rotated",
  "limits.changed",
  "approval.decided",
  "approval.expired",
  "conversation.deleted",
  "file.deleted",
  "erasure.requested",
  "erasure.done",
  "retention.changed",
  "retention.applied",
];
const FIELDS = ["action", "account", "target", "from", "to"];

/** @param {import("../../router.js").Visit} visit */
export function show({ root, query, signal }) {
  const wanted = Object.fromEntries(FIELDS.map((name) => [name, query.get(name) ?? ""]));
  const list = table({
    caption: "Audit log",
    path: "/audit",
    query: asked(wanted),
    signal,
    columns: [
      { title: "Entry", cell: (entry) => button(entry.action, { kind: "quiet", onclick: () => open(entry) }) },
      { title: "When", cell: (entry) => time(entry.at) },
      { title: "Who", cell: (entry) => actorOf(entry) },
      { title: "What", cell: (entry) => (entry.target.id ? el("code", { class: "address" }, entry.target.id) : el("span", { class: "soft" }, entry.target.kind)) },
      { title: "Number", number: true, cell: (entry) => number(entry.number) },
    ],
    nothing: { title: "No entries", sentence: "Nothing was changed that fits; take a filter away.", icon: "scroll-text" },
  });
  const file = () => addressOf("/audit/export", { ...asked(wanted), format: "csv" });
  const csv = el("a", { class: "button plain", href: file(), download: "" }, "As CSV");
  const changed = () => {
    note(wanted);
    csv.href = file();
    void list.reload(asked(wanted));
  };
  root.append(
    settingsHead("/settings/audit", "Who changed what. Entries are chained: none can be changed or taken out unseen.", el("div", { class: "actions" }, csv, verifyButton())),
    el("div", { class: "stack-wide" }, filters(wanted, changed, signal), list.element),
  );
}

/**
 * What the API is asked for: days become moments, of which the last one is whole.
 * @param {Record<string, string>} wanted
 */
function asked({ action, account, target, from, to }) {
  const start = (/** @type {string} */ text, /** @type {number} */ days) => {
    if (!text) return null;
    const at = new Date(`${text}T00:00`);
    at.setDate(at.getDate() + days);
    return at.toISOString();
  };
  return { action, account, target, from: start(from, 0), to: start(to, 1) };
}

/**
 * @param {Record<string, string>} wanted
 * @param {() => void} changed
 * @param {AbortSignal} signal
 */
function filters(wanted, changed, signal) {
  const named = (/** @type {string} */ name, /** @type {string} */ label, /** @type {HTMLInputElement | HTMLSelectElement} */ control) => {
    control.setAttribute("aria-label", label);
    control.addEventListener("change", () => {
      wanted[name] = control.value.trim();
      changed();
    });
    return control;
  };
  const people = named("account", "Who", select([{ value: "", words: "Anybody" }], ""));
  void (async () => {
    try {
      const { items } = await get("/members", { query: { limit: 100 }, signal });
      people.append(...items.map((/** @type {any} */ each) => el("option", { value: each.id, selected: each.id === wanted.account }, each.name)));
    } catch (error) {
      if (!isAbort(error)) tell(error);
    }
  })();
  return el(
    "div",
    { class: "choices", role: "group", "aria-label": "Which entries" },
    named("action", "Action", select([{ value: "", words: "Every action" }, ...ACTIONS.map((value) => ({ value, words: value }))], wanted.action)),
    people,
    named("target", "Thing, by its id", input({ type: "search", value: wanted.target, class: "short", placeholder: "Id of a thing", maxlength: 255 })),
    el("label", { class: "with-words" }, "From", named("from", "From", input({ type: "date", value: wanted.from }))),
    el("label", { class: "with-words" }, "to", named("to", "To", input({ type: "date", value: wanted.to }))),
  );
}

function verifyButton() {
  return button("Verify the log", {
    icon: "shield",
    onclick: async () => {
      try {
        const found = await get("/audit/verify");
        dialog(found.holds ? "The log is whole" : "The log is broken", () => [
          found.holds
            ? el("p", {}, `All ${number(found.entries)} entries are as they were written, and each follows on the one before.`)
            : el("p", { class: "fault whole", role: "alert" }, `${found.why} The ${number(found.entries)} entries before it hold.`),
          el("p", { class: "soft" }, "Note this in another place: given back later, it shows whether the end was cut off meanwhile."),
          copyField("The head of the log", found.head),
        ]);
      } catch (error) {
        tell(error);
      }
    },
  });
}

/** @param {any} entry */
function actorOf({ actor }) {
  const by = /** @type {Record<string, string>} */ ({ command: "at the command line", key: "with a key", server: "by itself", session: "in a browser" });
  return el("div", { class: "stack" }, el("span", {}, actor.account_name ?? (actor.origin === "server" ? "the server" : "an operator")), el("small", { class: "soft" }, by[actor.origin]));
}

/** @param {any} entry */
function open(entry) {
  dialog(
    `Entry ${number(entry.number)}: ${entry.action}`,
    () => [
      facts(
        [
          ["When", moment(entry.at)],
          ["Who", entry.actor.account_name ?? entry.actor.origin],
          ["Key", entry.actor.key_id ?? "none"],
          ["What", `${entry.target.kind} ${entry.target.id ?? ""}`],
          ["Request", entry.request_id ?? "none"],
        ],
        { areTwo: true, areAddresses: true },
      ),
      el("h3", {}, "Details"),
      el("pre", { class: "raw", tabindex: "0" }, JSON.stringify(entry.details, null, 2)),
      copyField("Hash", entry.hash),
      copyField("Hash of the entry before", entry.previous_hash),
    ],
    { wide: true },
  );
}
