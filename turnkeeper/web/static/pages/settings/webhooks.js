// Settings → Webhooks: addresses that are told what happens.
import { patch, post, remove } from "../../api.js";
import { button, iconButton } from "../../components/button.js";
import { showOnce } from "../../components/copy.js";
import { dialog } from "../../components/dialog.js";
import { doing } from "../../components/doing.js";
import { checks, chosen, field, form, input, select } from "../../components/form.js";
import { menu } from "../../components/menu.js";
import { table } from "../../components/table.js";
import { time } from "../../components/time.js";
import { toast } from "../../components/toast.js";
import { el } from "../../dom.js";
import { go } from "../../router.js";
import { settingsHead } from "./frame.js";

export const title = "Webhooks";

const FAMILIES = [
  { value: "message.*", words: "Messages", hint: "Queued, started, completed, failed, cancelled." },
  { value: "conversation.*", words: "Conversations", hint: "Begun, changed, archived, deleted." },
  { value: "approval.*", words: "Approvals", hint: "Asked, decided." },
  { value: "tool.*", words: "Tools", hint: "Called, returned." },
  { value: "agent.*", words: "Agents", hint: "Changed." },
  { value: "data_set.*", words: "Data sets", hint: "Brought up to date." },
  { value: "webhook.*", words: "Webhooks", hint: "Switched off." },
];
const GRACES = [
  { value: "0", words: "At once" },
  { value: "1", words: "In an hour" },
  { value: "24", words: "In a day" },
];

/** @param {import("../../router.js").Visit} visit */
export function show({ root, signal }) {
  /** @type {import("../../components/table.js").Table} */
  const list = table({
    caption: "Webhooks",
    path: "/webhooks",
    signal,
    columns: [
      {
        title: "Address",
        cell: (hook) => el("div", { class: "stack" }, el("a", { href: `/settings/webhooks/${hook.id}`, class: "address" }, hook.url), hook.description ? el("small", { class: "soft" }, hook.description) : null),
      },
      { title: "Is told of", cell: (hook) => el("div", { class: "tags" }, hook.types.map((/** @type {string} */ type) => el("span", { class: "tag" }, type === "*" ? "everything" : type))) },
      { title: "State", cell: stateOf },
      { title: "Waiting", number: true, cell: (hook) => hook.waiting },
      { title: "What to do", quiet: true, cell: (hook) => actions(hook, list.reload) },
    ],
    nothing: { title: "No webhooks yet", sentence: "Register an address of yours, and it is told at once what happens here: signed, and tried again for days.", icon: "webhook" },
  });
  const add = button("New webhook", { icon: "plus", kind: "primary", onclick: () => edit(null, list.reload) });
  root.append(settingsHead("/settings/webhooks", "Addresses of yours that are told what happens here, signed as Standard Webhooks say.", add), list.element);
}

/** @param {any} hook */
export function stateOf(hook) {
  const why = /** @type {Record<string, string>} */ ({ asked: "paused", failing: "gave up", gone: "gone" });
  if (!hook.enabled) return el("span", { class: `tag ${hook.disabled_reason === "asked" ? "warn" : "bad"}` }, why[hook.disabled_reason] ?? "paused");
  return hook.failing_since ? el("span", { class: "tag bad" }, "failing since ", time(hook.failing_since)) : el("span", { class: "tag good" }, "on");
}

/**
 * @param {any} hook
 * @param {() => unknown} changed
 * @param {boolean} [isShown] on its own page
 */
export function actions(hook, changed, isShown = false) {
  return menu(
    iconButton("ellipsis", `What to do with the webhook ${hook.url}`),
    () => [
      ...(isShown ? [] : [{ words: "Deliveries", icon: "scroll-text", href: `/settings/webhooks/${hook.id}` }]),
      { words: "Send a test", icon: "zap", onchoose: () => doing({ work: () => post(`/webhooks/${hook.id}/test`), done: "A test is on its way; see the deliveries.", changed }) },
      { words: "Change …", icon: "pencil", onchoose: () => edit(hook, changed) },
      { words: "Rotate the secret …", icon: "rotate-cw", onchoose: () => rotate(hook, changed) },
      hook.enabled
        ? { words: "Pause", icon: "pause", onchoose: () => doing({ work: () => patch(`/webhooks/${hook.id}`, { enabled: false }), done: "The webhook is paused; what happens meanwhile is not kept for it.", changed }) }
        : { words: "Switch on", icon: "play", onchoose: () => doing({ work: () => patch(`/webhooks/${hook.id}`, { enabled: true }), done: "The webhook is on.", changed }) },
      "line",
      {
        words: "Delete …",
        icon: "trash-2",
        danger: true,
        onchoose: () =>
          doing({
            ask: { title: "Delete the webhook?", sentence: `${hook.url} is told nothing any more, and its deliveries are forgotten. This cannot be taken back.`, words: "Delete" },
            work: () => remove(`/webhooks/${hook.id}`),
            done: "The webhook is deleted.",
            changed: () => (isShown ? go("/settings/webhooks") : changed()),
          }),
      },
    ],
    { right: true },
  );
}

/**
 * @param {any | null} hook none for a new one
 * @param {() => unknown} changed
 */
function edit(hook, changed) {
  const types = hook?.types ?? ["*"];
  const isAll = types.includes("*");
  const families = checks(
    "Is told of",
    "types",
    [{ value: "*", words: "Everything", checked: isAll }, ...FAMILIES.map((each) => ({ ...each, checked: types.includes(each.value) }))].concat(
      types.filter((/** @type {string} */ type) => type !== "*" && !FAMILIES.some(({ value }) => value === type)).map((/** @type {string} */ type) => ({ value: type, words: type, checked: true })),
    ),
  );
  dialog(hook ? "Change the webhook" : "New webhook", (close) => [
    form({
      fields: [
        field("Address", "url", input({ type: "url", value: hook?.url ?? "", placeholder: "https://example.com/hooks", autocomplete: "off", maxlength: 2000 }), { hint: "Begins with https://, and is no private address." }),
        field("What it is for", "description", input({ value: hook?.description ?? "", maxlength: 500, autocomplete: "off" }), { hint: "For yourselves; it may stay empty." }),
        families,
      ],
      words: hook ? "Save" : "Make the webhook",
      cancel: close,
      submit: async (made, data) => {
        const picked = chosen(made, "types");
        const body = {
          url: String(data.get("url")).trim(),
          description: String(data.get("description")).trim() || null,
          types: picked.includes("*") ? ["*"] : picked,
        };
        const saved = hook ? await patch(`/webhooks/${hook.id}`, body) : await post("/webhooks", body);
        close();
        if (hook) toast("The webhook is changed.");
        else shown(saved);
        await changed();
      },
    }),
  ]);
}

/**
 * @param {any} hook
 * @param {() => unknown} changed
 */
function rotate(hook, changed) {
  dialog("Rotate the secret", (close) => [
    el("p", {}, "Deliveries are signed with a new secret. Until the old one ends, they are signed with both."),
    form({
      fields: [field("When the old secret ends", "grace_hours", select(GRACES, "24"))],
      words: "Rotate",
      cancel: close,
      submit: async (_, data) => {
        const made = await post(`/webhooks/${hook.id}/rotate`, { grace_hours: Number(data.get("grace_hours")) });
        close();
        shown(made);
        await changed();
      },
    }),
  ]);
}

/** @param {any} hook with its new secret */
const shown = (hook) => showOnce("Copy the secret now", "Your program checks the signature of each delivery with it. This is the only time that it is shown.", "The webhook’s secret", hook.secret);
