// Markdown of models and documents as elements. Nothing that it says runs, is fetched from elsewhere, or leaves the page.
import DOMPurify from "./vendor/purify.js";
import { Marked } from "./vendor/marked.js";
import { el } from "./dom.js";
import { copyButton } from "./components/copy.js";
import { scrolled } from "./components/scroll.js";

// Markup in the text is shown as it is written, and pictures of other hosts are links: fetching them would tell who reads.
const marked = new Marked({
  gfm: true,
  breaks: true,
  async: false,
  renderer: {
    html: ({ text }) => escaped(text),
    image: ({ href, text }) => `<a href="${escaped(href)}">${escaped(text || href)}</a>`,
  },
});
const SAFE = /^(?:https?:|mailto:)/i;
const RULES = {
  RETURN_DOM_FRAGMENT: /** @type {const} */ (true),
  ALLOWED_TAGS: [
    ...["p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "code", "em", "strong", "del", "s", "sub", "sup"],
    ...["ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "a", "input", "kbd", "mark", "details", "summary"],
  ],
  ALLOWED_ATTR: ["href", "title", "align", "start", "type", "checked", "disabled", "class", "colspan", "rowspan"],
  ALLOWED_URI_REGEXP: SAFE,
  // Values that are no addresses.
  ADD_URI_SAFE_ATTR: ["title", "align", "start", "type", "colspan", "rowspan"],
};

/**
 * The text as elements, in a box of the class `prose`.
 * @param {string} text
 * @returns {HTMLElement}
 */
export function markdown(text) {
  const box = el("div", { class: "prose" });
  box.append(rendered(text));
  return box;
}

/** Markdown that grows: only the blocks at its end are made anew, so that a long reply costs no more than its last paragraph. */
export class GrowingMarkdown {
  constructor() {
    this.element = el("div", { class: "prose" });
    this.text = "";
    /** What is made and cannot change any more. @type {string[]} */
    this.done = [];
    /** The elements of the block that may still change. @type {ChildNode[]} */
    this.open = [];
    this.waits = false;
  }

  /**
   * All of the text so far. What was shown and still begins it stays as it is.
   * @param {string} text
   */
  set(text) {
    if (text === this.text) return;
    this.text = text;
    if (this.waits) return;
    this.waits = true;
    // At most once a frame, however fast the pieces come; a page in the background is painted when it is seen again.
    requestAnimationFrame(() => {
      this.waits = false;
      this.paint();
    });
  }

  /** Show all of it now. */
  paint() {
    const blocks = blocksOf(this.text);
    let same = 0;
    while (same < this.done.length && same < blocks.length - 1 && this.done[same] === blocks[same]) same += 1;
    if (same < this.done.length) {
      this.done = [];
      this.open = [];
      this.element.replaceChildren();
      same = 0;
    }
    for (const node of this.open) node.remove();
    for (const block of blocks.slice(same, -1)) {
      this.element.append(rendered(block));
      this.done.push(block);
    }
    const last = rendered(blocks.at(-1) ?? "");
    this.open = [...last.childNodes];
    this.element.append(last);
  }
}

/**
 * The text cut where one block ends and the next cannot change it.
 * @param {string} text
 * @returns {string[]}
 */
function blocksOf(text) {
  // Definitions of links may stand anywhere and be meant everywhere: such a text is one block.
  if (/^ {0,3}\[[^\]]+\]:/m.test(text)) return [text];
  /** @type {string[]} */
  const blocks = [];
  for (const token of marked.lexer(text)) {
    if (token.type === "space" && blocks.length) blocks[blocks.length - 1] += token.raw;
    else blocks.push(token.raw);
  }
  return blocks;
}

/**
 * @param {string} text
 * @returns {DocumentFragment}
 */
function rendered(text) {
  const html = marked.parse(text);
  const fragment = DOMPurify.sanitize(html, RULES);
  for (const named of fragment.querySelectorAll("[class]")) {
    if (!/^language-[\w+#-]+$/.test(named.className)) named.removeAttribute("class");
  }
  for (const box of fragment.querySelectorAll("input")) {
    if (box.type !== "checkbox" || !box.closest("li")) {
      box.remove();
      continue;
    }
    box.disabled = true;
    box.setAttribute("aria-label", box.checked ? "Done" : "To do");
  }
  for (const link of fragment.querySelectorAll("a")) {
    if (!SAFE.test(link.getAttribute("href") ?? "")) link.removeAttribute("href");
    link.rel = "noopener noreferrer";
    link.target = "_blank";
  }
  for (const code of fragment.querySelectorAll("pre > code")) withCopy(/** @type {HTMLElement} */ (code));
  for (const table of fragment.querySelectorAll("table")) {
    const box = scrolled("Table");
    table.replaceWith(box);
    box.append(table);
  }
  return fragment;
}

/** @param {string} text */
function escaped(text) {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** @param {HTMLElement} code */
function withCopy(code) {
  const pre = /** @type {HTMLElement} */ (code.parentElement);
  const language = /^language-(\S+)$/.exec(code.className)?.[1] ?? "";
  const box = el("div", { class: "code" });
  pre.replaceWith(box);
  pre.tabIndex = 0;
  box.append(
    el("div", { class: "code-head" }, el("span", {}, language), copyButton(() => code.textContent ?? "", "Copy the code")),
    pre,
  );
}
