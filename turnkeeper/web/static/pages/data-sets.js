// Data sets: what agents know, and how each stands.
import { post } from "../api.js";
import { button } from "../components/button.js";
import { dialog } from "../components/dialog.js";
import { area, field, form, input, select } from "../components/form.js";
import { whenSeenAgain } from "../components/fresh.js";
import { table } from "../components/table.js";
import { time } from "../components/time.js";
import { el } from "../dom.js";
import { number } from "../format.js";
import { go } from "../router.js";
import { may } from "../session.js";
import { embeddingModels, stateTag } from "./data/state.js";

export const title = "Data sets";

/** @param {import("../router.js").Visit} visit */
export function show({ root, signal }) {
  const mayMake = may("manage_data");
  const create = () => void make(signal);
  const list = table({
    caption: "Data sets",
    path: "/data-sets",
    signal,
    columns: [
      { title: "Name", cell: (set) => el("div", { class: "stack" }, el("a", { class: "strong", href: `/data-sets/${set.id}` }, set.name), set.description ? el("small", { class: "soft clip" }, set.description) : null) },
      { title: "Documents", number: true, cell: (set) => number(set.contents.documents) },
      { title: "Products", number: true, cell: (set) => number(set.contents.products) },
      { title: "Passages", number: true, cell: (set) => number(set.contents.passages) },
      { title: "State", cell: stateTag },
      { title: "Changed", cell: (set) => time(set.updated_at) },
    ],
    nothing: {
      title: "No data sets yet",
      sentence: mayMake
        ? "A data set is what an agent knows: documents and products, found by their words and by their meaning. Make one, and drop files on it."
        : "None is open to you. Ask an admin to open one.",
      icon: "database",
      action: mayMake ? button("New data set", { icon: "plus", kind: "primary", onclick: create }) : undefined,
    },
  });
  whenSeenAgain(() => list.reload(), signal);
  root.append(
    el("header", { class: "page-head" }, el("div", {}, el("h1", {}, "Data sets"), el("p", { class: "soft" }, "What agents know, and where they look before they answer.")), mayMake ? button("New data set", { icon: "plus", kind: "primary", onclick: create }) : null),
    list.element,
  );
}

/** @param {AbortSignal} signal */
async function make(signal) {
  const models = await embeddingModels(signal);
  dialog("New data set", (close) => [
    form({
      fields: [
        field("Name", "name", input({ autocomplete: "off", maxlength: 200 })),
        field("Description", "description", area({ rows: 2, maxlength: 2000 }), { hint: "For people: what is in it." }),
        field("Embedding model", "embedding_model", select(models, "minilm"), { hint: "By it passages are found by their meaning. It can be another one later." }),
      ],
      words: "Make it",
      cancel: close,
      submit: async (_, data) => {
        const set = await post("/data-sets", Object.fromEntries(data));
        close();
        go(`/data-sets/${set.id}`);
      },
    }),
  ]);
}
