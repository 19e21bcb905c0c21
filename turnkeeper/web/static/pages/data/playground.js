// The search playground: what agents would be given for a question, and why each passage ranks where it does.
import { isAbort, post } from "../../api.js";
import { button, busy } from "../../components/button.js";
import { empty, failure, skeleton } from "../../components/empty.js";
import { input, select } from "../../components/form.js";
import { bar } from "../../components/meter.js";
import { scrolled } from "../../components/scroll.js";
import { sourceWith } from "../../components/source.js";
import { say } from "../../components/toast.js";
import { el, fill } from "../../dom.js";
import { number } from "../../format.js";
import { note } from "../../router.js";

const LIMIT = 10;
const figure = (/** @type {number} */ value) => value.toFixed(3);

/** @param {import("../data-set.js").Part} part */
export function searchPart({ id, query, signal }) {
  const words = input({ type: "search", value: query.get("query") ?? "", placeholder: "Why does the lamp blink red?", "aria-label": "Question or words", maxlength: 2000 });
  const prefix = input({ type: "search", value: query.get("prefix") ?? "", placeholder: "Addresses that begin so", "aria-label": "Only addresses that begin so" });
  const kind = select([{ value: "", words: "All kinds" }, { value: "document", words: "Documents" }, { value: "product", words: "Products" }], query.get("kind") ?? "", { "aria-label": "Kind" });
  const ask = button("Search", { icon: "search", kind: "primary", type: "submit" });
  const place = el("div", {}, empty({ title: "Ask as an agent would", sentence: "You see the passages that it would read, and the figures by which they were ranked: words, meaning, and both together.", icon: "search" }));
  const search = async () => {
    if (!words.value.trim()) return;
    note({ query: words.value, kind: kind.value, prefix: prefix.value });
    fill(place, skeleton(5));
    try {
      const filters = { ...(kind.value ? { kind: kind.value } : {}), ...(prefix.value ? { address_prefix: prefix.value } : {}) };
      const { items } = await post(`/data-sets/${id}/search`, { query: words.value, limit: LIMIT, explain: true, filters }, { signal });
      say(`${items.length} passages found.`);
      if (items.length) fill(place, explained(items[0].explanation), el("ol", { class: "hits" }, items.map((/** @type {any} */ hit, /** @type {number} */ at) => shown(id, hit, at === 0))));
      else fill(place, empty({ title: "Nothing was found", sentence: "No passage has these words or this meaning. Try others, or take the filters away.", icon: "search" }));
    } catch (error) {
      if (!isAbort(error)) fill(place, failure(error, search));
    }
  };
  const form = el("form", { class: "filters" }, words, kind, prefix, ask);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!ask.getAttribute("aria-busy")) void busy(ask, search());
  });
  if (words.value) void search();
  return el("div", { class: "stack-wide" }, form, place);
}

/** @param {any} of the explanation of the first hit: the shares are the same for all */
function explained({ meaning_share: meaning, document_share: document }) {
  const percent = (/** @type {number} */ share) => `${Math.round(share * 100)} %`;
  return el(
    "p",
    { class: "soft" },
    `A passage’s own figure is ${percent(1 - meaning)} words (BM25) and ${percent(meaning)} meaning (cosine), each as a share of the best. The meaning of its whole document weighs ${percent(document)} of that on top.`,
  );
}

/**
 * @param {string} set
 * @param {any} hit
 * @param {boolean} open
 */
function shown(set, hit, open) {
  const why = hit.explanation;
  const href = `/data-sets/${set}/documents/${hit.document_id}?start=${hit.start}&end=${hit.end}&version=${hit.document_version}`;
  return el(
    "li",
    { class: "hit card" },
    el("header", {}, el("span", { class: "hit-rank" }, String(hit.rank)), el("div", { class: "stack" }, el("a", { class: "strong", href }, hit.title || hit.address), el("small", { class: "soft clip" }, hit.address)), el("span", { class: "hit-score" }, bar(hit.score), figure(hit.score))),
    el("p", { class: "hit-text", tabindex: "0", role: "group", "aria-label": `Text of passage ${hit.rank}` }, sourceWith(hit.text, (piece) => marked(piece, why.words?.terms ?? []))),
    el("details", { class: "fold quiet", open }, el("summary", {}, summary(why)), table(why)),
  );
}

/** @param {any} why */
function summary({ words, meaning }) {
  const rank = (/** @type {any} */ part, /** @type {string} */ what) => (part ? (part.rank ? `${what}: place ${part.rank}` : `${what}: not among the best 100`) : `${what}: none`);
  return `Why here? ${rank(words, "Words")}. ${rank(meaning, "Meaning")}.`;
}

/** @param {any} why */
function table({ words, meaning, document, own, fused, support, scale }) {
  const row = (/** @type {string} */ name, /** @type {string} */ value, /** @type {number | null} */ share, /** @type {import("../../dom.js").Child} */ about) =>
    el("tr", {}, el("th", { scope: "row" }, name), el("td", { class: "number" }, value), el("td", {}, share === null ? null : bar(share)), el("td", { class: "soft" }, about));
  return scrolled(
    "The figures of its rank",
    el(
      "table",
      { class: "table why" },
      el("thead", {}, el("tr", {}, ["Figure", "Value", "Of the best", "How"].map((title) => el("th", { scope: "col" }, title)))),
      el(
        "tbody",
        {},
        words ? row("Words (BM25)", figure(words.score), words.scaled, terms(words.terms)) : row("Words (BM25)", "–", null, "It has none of the words."),
        meaning ? row("Meaning (cosine)", figure(meaning.similarity), meaning.scaled, meaning.rank ? `place ${meaning.rank} by meaning` : "found by its words") : row("Meaning (cosine)", "–", null, "It has no vector yet: the words stand in."),
        document ? row("Its document", figure(document.similarity), document.scaled, "the cosine of the whole document") : null,
        row("Own", figure(own), own, "words and meaning, weighed"),
        row("Fused", figure(fused), fused, "with the document’s meaning"),
        support ? row("Support", figure(support), null, "what other passages of the document add to its best") : null,
        row("Score", figure((fused + support) / scale), (fused + support) / scale, `(fused + support) ÷ ${figure(scale)}, which keeps it below 1`),
      ),
    ),
  );
}

/** @param {any[]} list */
function terms(list) {
  return el(
    "span",
    { class: "tags" },
    list.map((term) => el("span", { class: "tag accent", title: `weight ${figure(term.weight)}, ${term.frequency} times here, in ${number(term.holding)} passages` }, `${term.word} ×${term.frequency} → ${figure(term.score)}`)),
  );
}

/**
 * The text with the words that were found in it, as far as they begin as their stems do.
 * @param {string} text
 * @param {any[]} list
 */
function marked(text, list) {
  const stems = list.map((term) => String(term.word).toLowerCase()).filter((stem) => stem.length > 1);
  if (!stems.length) return text;
  return text.split(/(\p{L}[\p{L}\p{N}]*)/u).map((piece) => {
    const low = piece.toLowerCase();
    return stems.some((stem) => low.startsWith(stem.slice(0, Math.max(3, stem.length - 1))) && low.length <= stem.length + 4) ? el("mark", {}, piece) : piece;
  });
}
