// Settings → Vault: secrets that models and tools use. A value goes in, and is never shown again.
import { put, remove } from "../../api.js";
import { button, iconButton } from "../../components/button.js";
import { dialog } from "../../components/dialog.js";
import { doing } from "../../components/doing.js";
import { field, form, input, passwordField } from "../../components/form.js";
import { menu } from "../../components/menu.js";
import { table } from "../../components/table.js";
import { time } from "../../components/time.js";
import { toast } from "../../components/toast.js";
import { el } from "../../dom.js";
import { settingsHead } from "./frame.js";

export const title = "Vault";

/** @param {import("../../router.js").Visit} visit */
export function show({ root, signal }) {
  /** @type {import("../../components/table.js").Table} */
  const list = table({
    caption: "Secrets",
    path: "/secrets",
    signal,
    columns: [
      { title: "Name", cell: (secret) => el("code", { class: "strong" }, secret.name) },
      { title: "Set by", cell: (secret) => secret.set_by ?? el("span", { class: "soft" }, "somebody who is gone") },
      { title: "Set", cell: (secret) => time(secret.updated_at) },
      { title: "Since", cell: (secret) => time(secret.created_at) },
      {
        title: "What to do",
        quiet: true,
        cell: (secret) =>
          menu(
            iconButton("ellipsis", `What to do with the secret ${secret.name}`),
            () => [
              { words: "Replace …", icon: "rotate-cw", onchoose: () => set(secret.name, list.reload) },
              {
                words: "Delete …",
                icon: "trash-2",
                danger: true,
                onchoose: () =>
                  doing({
                    ask: { title: `Delete ${secret.name}?`, sentence: "Models and tools that use it fail within 30 seconds. The value cannot be brought back.", words: "Delete" },
                    work: () => remove(`/secrets/${encodeURIComponent(secret.name)}`),
                    done: `The secret ${secret.name} is deleted.`,
                    changed: list.reload,
                  }),
              },
            ],
            { right: true },
          ),
      },
    ],
    nothing: {
      title: "The vault is empty",
      sentence: "Put the keys of model providers here (OPENAI_API_KEY), and what tools sign in with. They are sealed, and never shown again.",
      icon: "lock",
    },
  });
  const add = button("New secret", { icon: "plus", kind: "primary", onclick: () => set(null, list.reload) });
  root.append(settingsHead("/settings/vault", "Keys and passwords that your agents’ models and tools use. Values are never shown again.", add), list.element);
}

/**
 * @param {string | null} name of the secret that gets another value; none for a new one
 * @param {() => Promise<void>} changed
 */
function set(name, changed) {
  dialog(name ? `Another value for ${name}` : "New secret", (close) => [
    name ? el("p", {}, "Whoever uses it has the new value within 30 seconds. The one before is gone.") : "",
    form({
      fields: [
        name ? null : field("Name", "name", input({ class: "mono", autocomplete: "off", maxlength: 100, spellcheck: "false" }), { hint: "Capital letters, digits and _: OPENAI_API_KEY." }),
        passwordField("Value", "value", { autocomplete: "new-password" }),
      ],
      words: name ? "Replace" : "Keep it",
      cancel: close,
      submit: async (_, data) => {
        const called = name ?? String(data.get("name")).trim();
        await put(`/secrets/${encodeURIComponent(called || " ")}`, { value: data.get("value") });
        close();
        toast(`The secret ${called} is kept.`);
        await changed();
      },
    }),
  ]);
}
