// Settings → Organization: its name; and for operators of the server all organizations.
import { patch, post } from "../../api.js";
import { button } from "../../components/button.js";
import { showOnce } from "../../components/copy.js";
import { dialog } from "../../components/dialog.js";
import { field, form, input } from "../../components/form.js";
import { table } from "../../components/table.js";
import { time } from "../../components/time.js";
import { toast } from "../../components/toast.js";
import { el } from "../../dom.js";
import { refresh, who } from "../../session.js";
import { settingsHead } from "./frame.js";

export const title = "Organization";

/** @param {import("../../router.js").Visit} visit */
export function show({ root, signal }) {
  const { organization, account } = who();
  const name = input({ value: organization.name, maxlength: 200, autocomplete: "off" });
  root.append(
    settingsHead("/settings/organization", "What the organization is called, and the others of this server."),
    el(
      "div",
      { class: "stack-wide" },
      el(
        "section",
        { class: "card" },
        el("h2", {}, "Name"),
        form({
          fields: [field("Name of the organization", "name", name, { hint: "Names are unique on a server." })],
          words: "Rename",
          submit: async (_, data) => {
            const renamed = await patch("/organization", { name: data.get("name") });
            await refresh();
            toast(`The organization is called ${renamed.name} now.`);
          },
        }),
      ),
      account.is_operator ? others(signal) : null,
    ),
  );
}

/** @param {AbortSignal} signal */
function others(signal) {
  const list = table({
    caption: "Organizations",
    path: "/organizations",
    signal,
    columns: [
      { title: "Name", cell: (each) => el("strong", {}, each.name) },
      { title: "Id", cell: (each) => el("code", { class: "address" }, each.id) },
      { title: "Since", cell: (each) => time(each.created_at) },
    ],
    nothing: { title: "No organizations", sentence: "Begin one.", icon: "users" },
  });
  return el(
    "section",
    { class: "stack-of" },
    el("div", { class: "section-head" }, el("h2", {}, "Organizations of this server"), button("New organization", { icon: "plus", onclick: () => create(list.reload) })),
    el("p", { class: "soft" }, "Nothing is ever visible across two of them, not even to you."),
    list.element,
  );
}

/** @param {() => Promise<void>} changed */
function create(changed) {
  dialog("New organization", (close) => [
    el("p", {}, "It begins with a service account as its admin, and a key for it."),
    form({
      fields: [field("Name", "name", input({ maxlength: 200, autocomplete: "off" }))],
      words: "Begin it",
      cancel: close,
      submit: async (_, data) => {
        const made = await post("/organizations", { name: data.get("name") });
        close();
        showOnce("Copy the key now", `The first key of ${made.name} may do everything there. This is the only time that it is shown.`, "Its first key", made.key.secret);
        await changed();
      },
    }),
  ]);
}
