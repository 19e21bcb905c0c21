// What a data set holds: documents and products, found and read.
import { remove } from "../../api.js";
import { iconButton } from "../../components/button.js";
import { doing } from "../../components/doing.js";
import { input, select } from "../../components/form.js";
import { whenItRests } from "../../components/patience.js";
import { table } from "../../components/table.js";
import { time } from "../../components/time.js";
import { el } from "../../dom.js";
import { bytes, number } from "../../format.js";
import { note } from "../../router.js";
import { may } from "../../session.js";
import { uploader } from "./upload.js";

/** @param {import("../data-set.js").Part} part */
export function documentsPart({ id, query, signal, changed }) {
  const filter = { q: query.get("q") ?? "", title: query.get("title") ?? "", kind: query.get("kind") ?? "" };
  /** @type {import("../../components/table.js").Table} */
  const list = table({
    caption: "Documents",
    path: `/data-sets/${id}/documents`,
    query: filter,
    signal,
    columns: [
      { title: "Title", cell: (document) => el("div", { class: "stack" }, el("a", { class: "strong", href: `/data-sets/${id}/documents/${document.id}` }, document.title || document.address), el("small", { class: "soft clip" }, document.address)) },
      { title: "Kind", cell: (document) => el("span", { class: "tag" }, document.kind) },
      { title: "Text", number: true, cell: (document) => bytes(document.size) },
      { title: "Passages", number: true, cell: (document) => number(document.passages) },
      { title: "Changed", cell: (document) => time(document.updated_at) },
      { title: "What to do", quiet: true, cell: (document) => (may("manage_data") ? iconButton("trash-2", `Remove ${document.title || document.address}`, () => drop(document)) : null) },
    ],
    nothing: { title: "No documents", sentence: may("manage_data") ? "Drop files above, or ask for other words." : "Nothing is like that.", icon: "file-text" },
  });
  /** @param {any} document */
  const drop = (document) =>
    doing({
      ask: {
        title: `Remove ${document.title || document.address}?`,
        sentence: "It is not found and not cited any more. Answers that cited it keep their quotes. Upload the file again to have it back.",
        words: "Remove",
      },
      work: () => remove(`/data-sets/${id}/documents/${document.id}`, { headers: { Prefer: "wait=10" } }),
      done: "The document is removed.",
      changed: () => Promise.all([list.reload(), changed()]),
    });
  const reload = whenItRests(() => {
    note(filter);
    return list.reload(filter);
  }, signal);
  const search = (/** @type {"q" | "title"} */ name, /** @type {string} */ words) =>
    input({ type: "search", value: filter[name], placeholder: words, "aria-label": words, oninput: (/** @type {any} */ event) => ((filter[name] = event.target.value), reload()) });
  const kind = select([{ value: "", words: "All kinds" }, { value: "document", words: "Documents" }, { value: "product", words: "Products’ pages" }], filter.kind, { "aria-label": "Kind" });
  kind.addEventListener("change", () => ((filter.kind = kind.value), reload()));
  const upload = may("manage_data")
    ? uploader({ dataSet: async () => id, signal, changed: async () => void (await Promise.all([list.reload(filter), changed()])) })
    : null;
  return el("div", { class: "stack-wide" }, upload, el("div", { class: "filters" }, search("q", "Words in the text"), search("title", "Part of the title"), kind), list.element);
}

/** @param {import("../data-set.js").Part} part */
export function productsPart({ id, query, signal }) {
  /** @type {Record<string, string>} */
  const filter = Object.fromEntries(["q", "category", "price_min", "price_max", "order"].map((name) => [name, query.get(name) ?? ""]));
  const list = table({
    caption: "Products",
    path: `/data-sets/${id}/products`,
    query: filter,
    signal,
    columns: [
      { title: "Name", cell: (product) => el("div", { class: "stack" }, el("a", { class: "strong", href: `/data-sets/${id}/documents/${product.document_id}` }, product.name), el("small", { class: "soft" }, product.categories)) },
      { title: "SKU", cell: (product) => el("code", { class: "nowrap" }, product.sku) },
      { title: "Price", number: true, cell: (product) => (product.price === null ? "–" : new Intl.NumberFormat(undefined, { minimumFractionDigits: 2 }).format(product.price)) },
      { title: "Properties", cell: (product) => properties(product.properties) },
      { title: "Changed", cell: (product) => time(product.updated_at) },
    ],
    nothing: { title: "No products", sentence: "Upload product JSONL (one object a line), or ask for less.", icon: "package" },
  });
  const reload = whenItRests(() => {
    note(filter);
    return list.reload(filter);
  }, signal);
  const one = (/** @type {string} */ name, /** @type {string} */ words, /** @type {Record<string, any>} */ of = {}) =>
    input({ type: "search", value: filter[name], placeholder: words, "aria-label": words, ...of, oninput: (/** @type {any} */ event) => ((filter[name] = event.target.value), reload()) });
  const order = select(
    [
      { value: "", words: "Best first" },
      { value: "price", words: "Cheapest first" },
      { value: "-price", words: "Dearest first" },
      { value: "name", words: "By name" },
    ],
    filter.order,
    { "aria-label": "Order" },
  );
  order.addEventListener("change", () => ((filter.order = order.value), reload()));
  return el(
    "div",
    { class: "stack-wide" },
    el("div", { class: "filters" }, one("q", "Words or SKU"), one("category", "Category"), one("price_min", "Price from", { type: "number", min: 0, class: "small" }), one("price_max", "Price to", { type: "number", min: 0, class: "small" }), order),
    list.element,
  );
}

/** @param {string} text one `name: value` a line */
function properties(text) {
  const lines = text.split("\n").filter(Boolean);
  return el(
    "dl",
    { class: "properties" },
    lines.slice(0, 8).map((line) => {
      const at = line.indexOf(":");
      return el("div", {}, el("dt", {}, at > 0 ? line.slice(0, at) : ""), el("dd", {}, at > 0 ? line.slice(at + 1).trim() : line));
    }),
    lines.length > 8 ? el("div", {}, el("dt", {}, ""), el("dd", { class: "soft" }, `and ${lines.length - 8} more`)) : null,
  );
}
