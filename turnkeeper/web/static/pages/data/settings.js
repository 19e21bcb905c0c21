// Name, description and embedding model of a data set, and its end.
import { ApiError, send } from "../../api.js";
import { button } from "../../components/button.js";
import { doing } from "../../components/doing.js";
import { area, field, form, input, select } from "../../components/form.js";
import { toast } from "../../components/toast.js";
import { el } from "../../dom.js";
import { number } from "../../format.js";
import { go } from "../../router.js";
import { embeddingModels } from "./state.js";

/** @param {import("../data-set.js").Part} part */
export async function settingsPart({ id, set, signal, changed }) {
  let version = set.version;
  const known = await embeddingModels(signal);
  const target = set.embedding.change?.model ?? set.embedding.model;
  if (!known.some((/** @type {any} */ model) => model.value === target)) known.unshift({ value: target, words: target });
  const edit = form({
    fields: [
      field("Name", "name", input({ value: set.name, maxlength: 200, autocomplete: "off" })),
      field("Description", "description", area({ value: set.description, rows: 3, maxlength: 2000 })),
      field("Embedding model", "embedding_model", select(known, target), { hint: "With another one, vectors are made anew behind those that serve, and take their place when all are there." }),
    ],
    words: "Save",
    submit: async (_, data) => {
      const answer = await send("PATCH", `/data-sets/${id}`, { json: Object.fromEntries(data), headers: { "If-Match": `"${version}"` } }).catch(overtaken);
      version = (await answer.json()).version;
      toast("Saved.");
      await changed();
    },
  });
  const end = button("Delete the data set …", { kind: "danger", icon: "trash-2", onclick: () => drop(id, set) });
  return el(
    "div",
    { class: "cards" },
    el("section", { class: "card" }, el("h2", {}, "Settings"), edit),
    el("section", { class: "card" }, el("h2", {}, "Delete"), el("p", { class: "soft" }, "With all that it holds, and the agents that answer from it."), el("div", { class: "actions start" }, end)),
  );
}

/**
 * @param {unknown} error
 * @returns {never}
 */
function overtaken(error) {
  if (error instanceof ApiError && error.code === "precondition_failed") {
    throw new Error("Somebody changed the data set meanwhile. Reload the page to see it as it is now; nothing of yours is saved yet.");
  }
  throw error;
}

/**
 * @param {string} id
 * @param {any} set
 */
function drop(id, set) {
  const { documents, products } = set.contents;
  const sentence = `${number(documents)} documents and ${number(products)} products go, and the agents that answer from it are taken out of use. This cannot be taken back.`;
  return doing({
    ask: { title: `Delete ${set.name}?`, sentence, words: "Delete" },
    work: () => send("DELETE", `/data-sets/${id}`),
    done: `${set.name} is deleted.`,
    changed: () => go("/data-sets"),
  });
}
