// Settings → Keys: the example of a whole page. A list, something new in a dialog, changes with their confirmations.
import { post, remove } from "../../api.js";
import { button, iconButton } from "../../components/button.js";
import { showOnce } from "../../components/copy.js";
import { dialog } from "../../components/dialog.js";
import { doing } from "../../components/doing.js";
import { checks, chosen, field, form, input, select } from "../../components/form.js";
import { menu } from "../../components/menu.js";
import { table } from "../../components/table.js";
import { time } from "../../components/time.js";
import { el } from "../../dom.js";
import { who } from "../../session.js";
import { settingsHead } from "./frame.js";

export const title = "Keys";

const DAY_MS = 86_400_000;
const SCOPES = [
  { value: "read", words: "Read", hint: "Look at conversations, agents, data sets and usage." },
  { value: "converse", words: "Converse", hint: "Send messages, upload files, decide approvals." },
  { value: "manage_agents", words: "Manage agents", hint: "Make and change agents." },
  { value: "manage_data", words: "Manage data", hint: "Make and change data sets." },
  { value: "admin", words: "Admin", hint: "Members, keys, webhooks, limits, vault, audit." },
];
const LIVES = [
  { value: "30", words: "30 days" },
  { value: "90", words: "90 days" },
  { value: "365", words: "A year" },
  { value: "", words: "Until it is revoked" },
];
const GRACES = [
  { value: "0", words: "At once" },
  { value: "3600", words: "In an hour" },
  { value: "86400", words: "In a day" },
];

/** @param {import("../../router.js").Visit} visit */
export function show({ root, signal }) {
  /** @type {import("../../components/table.js").Table} */
  const list = table({
    caption: "Keys",
    path: "/keys",
    query: { state: "live" },
    signal,
    columns: [
      { title: "Name", cell: (key) => el("div", { class: "stack" }, el("strong", {}, key.name), el("code", {}, `${key.prefix}…`)) },
      { title: "Account", cell: (key) => key.account },
      { title: "Scopes", cell: (key) => el("div", { class: "tags" }, key.scopes.map((/** @type {string} */ scope) => el("span", { class: "tag" }, scope))) },
      { title: "Last used", cell: (key) => time(key.last_used_at) },
      { title: "Expires", cell: (key) => time(key.expires_at) },
      { title: "What to do", quiet: true, cell: (key) => actions(key, list.reload) },
    ],
    nothing: {
      title: "No keys yet",
      sentence: "Programs ask the API with a key. Make one for each, so that you can revoke it alone.",
      icon: "key-round",
    },
  });
  const add = button("New key", { icon: "plus", kind: "primary", onclick: () => create(list.reload) });
  root.append(settingsHead("/settings/keys", "What programs sign in with. A secret is shown once and stored nowhere.", add), list.element);
}

/**
 * @param {any} key
 * @param {() => Promise<void>} changed
 */
function actions(key, changed) {
  return menu(
    iconButton("ellipsis", `What to do with the key ${key.name}`),
    () => [
      { words: "Rotate …", icon: "rotate-cw", onchoose: () => rotate(key, changed) },
      { words: "Revoke …", icon: "trash-2", danger: true, onchoose: () => revoke(key, changed) },
    ],
    { right: true },
  );
}

/** @param {() => Promise<void>} changed */
function create(changed) {
  const allowed = SCOPES.filter(({ value }) => who().scopes.includes(value));
  dialog("New key", (close) => [
    form({
      fields: [
        field("Name", "name", input({ autocomplete: "off", maxlength: 200 }), { hint: "Say what will use it: “dashboard”, “Jo’s laptop”." }),
        checks("What it may do", "scopes", allowed.map((scope) => ({ ...scope, checked: scope.value === "read" || scope.value === "converse" }))),
        field("How long it lives", "expires_at", select(LIVES, "90")),
      ],
      words: "Make the key",
      cancel: close,
      submit: async (made, data) => {
        const days = Number(data.get("expires_at"));
        const key = await post("/keys", {
          name: data.get("name"),
          scopes: chosen(made, "scopes"),
          ...(days ? { expires_at: new Date(Date.now() + days * DAY_MS).toISOString() } : {}),
        });
        close();
        shown(key);
        await changed();
      },
    }),
  ]);
}

/**
 * @param {any} key
 * @param {() => Promise<void>} changed
 */
function rotate(key, changed) {
  dialog(`Rotate ${key.name}`, (close) => [
    el("p", {}, "The key gets a new secret. Programs that have the old one must be told."),
    form({
      fields: [field("When the old secret ends", "grace_seconds", select(GRACES, "3600"))],
      words: "Rotate",
      cancel: close,
      submit: async (_, data) => {
        const made = await post(`/keys/${key.id}/rotate`, { grace_seconds: Number(data.get("grace_seconds")) });
        close();
        shown(made);
        await changed();
      },
    }),
  ]);
}

/** @param {any} key a key with its new secret */
const shown = (key) => showOnce("Copy the key now", "This is the only time that it is shown.", `The secret of ${key.name}`, key.secret);

/**
 * @param {any} key
 * @param {() => Promise<void>} changed
 */
function revoke(key, changed) {
  return doing({
    ask: { title: `Revoke ${key.name}?`, sentence: "Whatever uses it is refused at once, and keys that it made are revoked with it. This cannot be taken back.", words: "Revoke" },
    work: () => remove(`/keys/${key.id}`),
    done: `The key ${key.name} is revoked.`,
    changed,
  });
}
