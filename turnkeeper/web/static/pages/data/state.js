// How a data set is, in words, tags and bars.
import { get, isAbort } from "../../api.js";
import { progress } from "../../components/meter.js";
import { el } from "../../dom.js";
import { number } from "../../format.js";

/** @param {any} set */
export function stateTag(set) {
  const { waiting, change, trouble } = set.embedding;
  if (trouble) return el("span", { class: "tag bad", title: trouble }, "trouble");
  if (change) return el("span", { class: "tag warn" }, `another model: ${number(change.done)} of ${number(change.total)}`);
  if (waiting) return el("span", { class: "tag warn" }, `${number(waiting)} wait for vectors`);
  if (!set.contents.passages) return el("span", { class: "tag" }, "empty");
  return el("span", { class: "tag good" }, "ready");
}

/** @param {any} set */
export function isWorking(set) {
  return set.embedding.waiting > 0 || set.embedding.change !== null;
}

/** @param {any} set */
export function embeddingNote(set) {
  const { waiting, change, trouble } = set.embedding;
  const total = set.contents.passages;
  return [
    trouble ? el("p", { class: "remark bad", role: "alert" }, `Vectors could not be made: ${trouble} Passages without one are found by their words; it is tried again.`) : null,
    change
      ? el("div", { class: "remark" }, el("span", {}, `${number(change.done)} of ${number(change.total)} passages have vectors of ${change.model}. Until all have, ${set.embedding.model} serves.`), progress("Vectors of the new model", change.total ? change.done / change.total : 0))
      : waiting
        ? el("div", { class: "remark" }, el("span", {}, `${number(waiting)} of ${number(total)} passages wait for their vectors; until then they are found by their words.`), progress("Vectors", total ? 1 - waiting / total : 0))
        : null,
  ];
}

/**
 * What models of embedding there are, for a select; those that cannot be used say why.
 * @param {AbortSignal} [signal]
 */
export async function embeddingModels(signal) {
  try {
    const { embedding_models: models } = await get("/models", { signal });
    return models.map((/** @type {any} */ model) => ({ value: model.name, words: model.problem ? `${model.name} (cannot be used: no key)` : model.name }));
  } catch (error) {
    if (isAbort(error)) throw error;
    return [{ value: "minilm", words: "minilm" }];
  }
}
