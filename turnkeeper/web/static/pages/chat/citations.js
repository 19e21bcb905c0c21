// What an answer leans on: numbered marks in its text, and beside it the passage where it stands in its document.
import { get, isAbort } from "../../api.js";
import { el, fill } from "../../dom.js";
import { iconButton } from "../../components/button.js";
import { failure, skeleton } from "../../components/empty.js";
import { icon } from "../../components/icon.js";
import { sourceText } from "../../components/source.js";

const AROUND = 1500;
const MARKS = /\[(\d{1,4}(?:\s*[,;]\s*\d{1,4})*)\]/g;

/**
 * Put buttons where the text of an answer has marks of its citations.
 * @param {HTMLElement} box the answer as elements
 * @param {any[]} citations
 * @param {(number: number, opener: HTMLElement) => void} open given the place of a citation among them
 */
export function withMarks(box, citations, open) {
  const meant = meanings(box.textContent ?? "", citations);
  if (!meant.size) return;
  const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT, (node) =>
    node.parentElement?.closest("pre, code, a, button") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
  );
  const texts = [];
  while (walker.nextNode()) texts.push(/** @type {Text} */ (walker.currentNode));
  for (const text of texts) {
    const found = [...text.data.matchAll(MARKS)].filter((match) => places(match[1], meant).length);
    if (!found.length) continue;
    const parts = [];
    let from = 0;
    for (const match of found) {
      parts.push(text.data.slice(from, match.index).trimEnd());
      for (const place of places(match[1], meant)) parts.push(mark(place, citations[place], open));
      from = match.index + match[0].length;
    }
    parts.push(text.data.slice(from));
    text.replaceWith(...parts);
  }
}

/**
 * The list of sources below an answer.
 * @param {any[]} citations
 * @param {(number: number, opener: HTMLElement) => void} open
 */
export function sources(citations, open) {
  if (!citations.length) return null;
  return el(
    "ol",
    { class: "sources", "aria-label": "Sources" },
    citations.map((citation, place) => {
      const opener = el(
        "button",
        { type: "button", class: citation.verified ? "source" : "source doubted", onclick: () => open(place, opener) },
        el("span", { class: "number" }, place + 1),
        el("span", { class: "source-title" }, citation.title || citation.address),
        citation.verified ? null : el("span", { class: "unseen" }, "(quote not found)"),
      );
      return el("li", {}, opener);
    }),
  );
}

/**
 * The panel beside the talk.
 * @param {AbortSignal} signal
 */
export function citationPanel(signal) {
  const element = el("aside", { class: "cited", "aria-label": "Source", hidden: true });
  /** @type {HTMLElement | null} */
  let opener = null;
  let loading = new AbortController();
  signal.addEventListener("abort", () => loading.abort());
  const close = () => {
    element.hidden = true;
    loading.abort();
    opener?.focus();
  };
  element.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });

  /**
   * @param {any} citation
   * @param {number} number
   * @param {string | null} dataSet
   * @param {HTMLElement} from
   */
  async function open(citation, number, dataSet, from) {
    loading.abort();
    const mine = (loading = new AbortController());
    opener = from;
    const body = el("div", { class: "cited-body", tabindex: "0", role: "region", "aria-label": "The passage" }, skeleton(6));
    const shut = iconButton("x", "Close the source", close);
    fill(
      element,
      el("header", {}, el("span", { class: "number" }, number), el("h2", {}, citation.title || citation.address), shut),
      el("p", { class: "soft small address" }, safeAddress(citation.address)),
      citation.verified ? null : el("p", { class: "doubt" }, icon("triangle-alert", 16), "Unverified: the quote was not found in the document word for word."),
      body,
    );
    element.hidden = false;
    shut.focus();
    if (!dataSet) return fill(body, el("blockquote", {}, citation.quote), el("p", { class: "soft" }, "The conversation has no data set any more."));
    try {
      const document = await get(`/data-sets/${dataSet}/documents/${citation.document_id}`, {
        query: { start: Math.max(0, citation.start - AROUND), end: citation.end + AROUND, version: citation.document_version },
        signal: mine.signal,
      });
      fill(body, ...passage(citation, document), el("a", { class: "button quiet", href: `/data-sets/${dataSet}/documents/${document.id}` }, icon("book-open"), "The whole document"));
      const marked = body.querySelector("mark");
      marked?.scrollIntoView({ block: "center" });
    } catch (error) {
      if (isAbort(error)) return;
      fill(body, el("blockquote", {}, citation.quote), failure(error, () => open(citation, number, dataSet, from)));
    }
  }
  return { element, open };
}

/**
 * The text around a citation, in which it is marked.
 * @param {any} citation
 * @param {any} document
 */
function passage(citation, document) {
  // Offsets count characters, and not the halves of which JavaScript makes some of them.
  const signs = Array.from(document.text);
  const [from, to] = [citation.start - document.start, citation.end - document.start];
  const there = signs.slice(from, to).join("");
  const isThere = there === citation.quote || (!citation.verified && there.length > 0 && !document.is_changed);
  const changed = document.is_changed ? el("p", { class: "doubt" }, icon("info", 16), "The document was changed since the answer.") : null;
  if (!isThere) return [changed, el("blockquote", {}, citation.quote), el("p", { class: "soft small" }, "Around the place now:"), el("div", { class: "cited-text" }, sourceText(document.text))];
  return [
    changed,
    citation.verified ? null : el("blockquote", {}, citation.quote),
    citation.verified ? null : el("p", { class: "soft small" }, "The passage that the answer names:"),
    el(
      "div",
      { class: "cited-text" },
      document.start > 0 ? "… " : null,
      sourceText(signs.slice(0, from).join(""), there, signs.slice(to).join("")),
      document.end < document.length ? " …" : null,
    ),
  ];
}

/** @param {string} address */
function safeAddress(address) {
  return /^https?:\/\//i.test(address) ? el("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, address) : address;
}

/**
 * @param {number} place
 * @param {any} citation
 * @param {(number: number, opener: HTMLElement) => void} open
 */
function mark(place, citation, open) {
  const words = `Source ${place + 1}: ${citation.title || citation.address}${citation.verified ? "" : " (quote not found)"}`;
  const made = el("button", { type: "button", class: citation.verified ? "mark" : "mark doubted", "aria-label": words, title: words, onclick: () => open(place, made) }, place + 1);
  return made;
}

/**
 * Which citations each mark of a text stands for.
 * @param {string} text
 * @param {any[]} citations
 * @returns {Map<number, number[]>}
 */
function meanings(text, citations) {
  /** @type {Map<number, number[]>} */
  const found = new Map();
  citations.forEach((citation, place) => {
    for (const number of citation.marks ?? []) found.set(number, [...(found.get(number) ?? []), place]);
  });
  return found;
}

/**
 * @param {string} numbers
 * @param {Map<number, number[]>} meant
 */
function places(numbers, meant) {
  return [...new Set(numbers.split(/[,;]/).flatMap((number) => meant.get(Number(number)) ?? []))];
}
