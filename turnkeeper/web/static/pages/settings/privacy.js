// Settings → Privacy: how long things are kept, and removing what is about somebody.
import { get, post, put } from "../../api.js";
import { button } from "../../components/button.js";
import { copyField } from "../../components/copy.js";
import { confirm, dialog } from "../../components/dialog.js";
import { skeleton } from "../../components/empty.js";
import { facts } from "../../components/facts.js";
import { field, form, input, select } from "../../components/form.js";
import { loaded } from "../../components/loaded.js";
import { table } from "../../components/table.js";
import { time } from "../../components/time.js";
import { tell, toast } from "../../components/toast.js";
import { whileSeen } from "../../components/watch.js";
import { el } from "../../dom.js";
import { moment, number } from "../../format.js";
import { settingsHead } from "./frame.js";

export const title = "Privacy";

const KEPT = [
  { name: "conversations_days", words: "Conversations, days", hint: "Those untouched for so long are deleted." },
  { name: "text_days", words: "Pieces of text in the log, days", hint: "Become empty where nothing happened for so long; replies stay." },
  { name: "files_days", words: "Files, days", hint: "Go, also from the messages that have them." },
  { name: "webhook_deliveries_days", words: "Webhook deliveries, days", hint: "30 at most, whatever this says." },
  { name: "idempotency_hours", words: "Results for repeated requests, hours", hint: "24 to 48." },
];
const KINDS = [
  { value: "account_id", words: "All of a person’s conversations" },
  { value: "conversation_id", words: "One conversation" },
  { value: "end_user", words: "All of an end user’s conversations" },
];
const STATES = /** @type {Record<string, string>} */ ({ completed: "good", running: "warn", queued: "warn" });

/** @param {import("../../router.js").Visit} visit */
export function show({ root, signal }) {
  const kept = el("div", {}, skeleton(4));
  const list = table({
    caption: "Erasures",
    path: "/erasures",
    signal,
    columns: [
      { title: "What", cell: (each) => button(nameOf(each), { kind: "quiet", onclick: () => receipt(each) }) },
      { title: "State", cell: (each) => el("span", { class: `tag ${STATES[each.state]}` }, each.state) },
      { title: "Asked", cell: (each) => time(each.created_at) },
      { title: "Done", cell: (each) => time(each.ended_at, "–") },
    ],
    nothing: { title: "Nothing was erased", sentence: "When somebody asks you to forget them, do it here; a receipt says what was removed.", icon: "shield" },
  });
  root.append(
    settingsHead("/settings/privacy", "How long things are kept, and removing what is about somebody, for good."),
    el(
      "div",
      { class: "stack-wide" },
      el("section", { class: "card" }, el("h2", {}, "How long things are kept"), el("p", { class: "soft" }, "An empty field: as long as the server keeps them. A worker removes what is older, for good, within minutes."), kept),
      el("section", { class: "stack-of" }, el("div", { class: "section-head" }, el("h2", {}, "Erasures"), button("Erase …", { icon: "trash-2", onclick: () => erase(list.reload) })), list.element),
    ),
  );
  void loaded(kept, () => keptForm(signal));
  whileSeen(list.reload, 15_000, signal);
}

/** @param {AbortSignal} signal */
async function keptForm(signal) {
  const retention = await get("/retention", { signal });
  return form({
    fields: [el("div", { class: "field-grid" }, KEPT.map(({ name, words, hint }) => field(words, name, input({ type: "number", min: "1", step: "1", value: retention[name] ?? "" }), { hint })))],
    words: "Save",
    submit: async (_, data) => {
      const wanted = Object.fromEntries(KEPT.map(({ name }) => [name, data.get(name) === "" ? null : Number(data.get(name))]));
      const shorter = KEPT.some(({ name }) => wanted[name] !== null && (retention[name] === null || Number(wanted[name]) < retention[name]));
      if (shorter && !(await confirm("Keep less?", "What is older than you say is removed within minutes, for good. It cannot be brought back.", "Keep less"))) return;
      Object.assign(retention, await put("/retention", wanted));
      toast("It is kept as you say from now on.");
    },
  });
}

/** @param {any} erasure */
function nameOf(erasure) {
  if (erasure.kind === "conversation") return `Conversation ${erasure.conversation_id ?? ""}`;
  return erasure.kind === "person" ? `Person ${erasure.account_id ?? ""}` : `End user by ${erasure.end_user_name ?? "their name"}`;
}

/** @param {() => Promise<void>} changed */
function erase(changed) {
  const kind = select(KINDS);
  const person = select([]);
  const boxes = /** @type {Record<string, HTMLElement[]>} */ ({
    account_id: [field("Person", "account_id", person)],
    conversation_id: [field("Conversation", "conversation_id", input({ class: "mono", autocomplete: "off", placeholder: "conv_…" }))],
    end_user: [
      field("Key of the metadata", "name", input({ autocomplete: "off", placeholder: "customer" }), { hint: "Conversations that have it in their metadata are found by it." }),
      field("Its value", "value", input({ autocomplete: "off" })),
    ],
  });
  const choose = () => Object.entries(boxes).forEach(([name, fields]) => fields.forEach((each) => (each.hidden = name !== kind.value)));
  kind.addEventListener("change", choose);
  choose();
  void get("/members", { query: { limit: 100, kind: "user" } })
    .then(({ items }) => person.append(...items.map((/** @type {any} */ each) => el("option", { value: each.id }, each.name))))
    .catch(tell);
  dialog("Erase", (close) => [
    el("p", {}, "Conversations, files, events and what was remembered of them are removed for good. A receipt says what and how much; the audit log keeps that it was done."),
    form({
      fields: [field("What", "kind", kind), ...Object.values(boxes).flat()],
      words: "Erase",
      cancel: close,
      submit: async (_, data) => {
        const what = kind.value === "end_user" ? { name: data.get("name"), value: data.get("value") } : data.get(kind.value);
        const words = KINDS.find(({ value }) => value === kind.value)?.words.toLowerCase();
        if (!(await confirm(`Erase ${words}?`, "It begins at once and cannot be taken back.", "Erase for good"))) return;
        await post("/erasures", { [kind.value]: what });
        close();
        toast("It is being erased; the receipt tells when it is done.");
        await changed();
      },
    }),
  ]);
}

/** @param {any} erasure */
function receipt(erasure) {
  dialog("Receipt", () => [
    facts(
      [
        ["What", nameOf(erasure)],
        ["State", erasure.state],
        ["Asked", moment(erasure.created_at)],
        ["Done", erasure.ended_at ? moment(erasure.ended_at) : "not yet"],
        ["Entry of the audit log", erasure.audit_number === null ? "not yet" : number(erasure.audit_number)],
      ],
      { areTwo: true, areAddresses: true },
    ),
    el("h3", {}, "What was removed"),
    facts(
      Object.entries(erasure.removed).map(([name, count]) => [name.replaceAll("_", " "), typeof count === "number" ? number(count) : String(count)]),
      { areTwo: true },
    ),
    erasure.hash ? copyField("Hash of the receipt", erasure.hash) : "",
  ]);
}
