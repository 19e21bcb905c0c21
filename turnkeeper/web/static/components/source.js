// The text of a document as it is searched, with the signs of its Markdown hidden. They stay in the page: offsets count them.
import { el } from "../dom.js";

/** @typedef {{text: string, kind: "" | "sign" | "cell" | "heading"}} Bit */

/**
 * A stretch of a document, of which the middle may be marked. The pieces are given apart because offsets cut them.
 * @param {string} before
 * @param {string} [marked]
 * @param {string} [after]
 * @returns {import("../dom.js").Child[]}
 */
export function sourceText(before, marked = "", after = "") {
  const parts = [before.length, before.length + marked.length, Infinity];
  /** @type {Node[][]} */
  const found = [[], [], []];
  let at = 0;
  let part = 0;
  for (const { text, kind } of bits(before + marked + after)) {
    let rest = text;
    while (rest) {
      while (at >= parts[part]) part += 1;
      const piece = rest.slice(0, parts[part] - at);
      found[part].push(kind ? el("span", { class: `md-${kind}` }, piece) : new Text(piece));
      at += piece.length;
      rest = rest.slice(piece.length);
    }
  }
  return [found[0], marked ? el("mark", {}, found[1]) : null, found[2]];
}

/**
 * The same without a marked stretch; what is shown of each piece is made by another.
 * @param {string} text
 * @param {(piece: string) => import("../dom.js").Child} shown
 */
export const sourceWith = (text, shown) => [...bits(text)].map((bit) => (bit.kind ? el("span", { class: `md-${bit.kind}` }, shown(bit.text)) : shown(bit.text)));

const HEADING = /^(#{1,6} +)(.*\S.*)(\n?)$/s;
const RULE = /^ *\|?(?: *:?-{3,}:? *\|)+(?: *:?-{3,}:? *)?\n?$/;
const ROW = /^ *\|.*\| *\n?$/;

/**
 * @param {string} text
 * @returns {Generator<Bit>}
 */
function* bits(text) {
  for (const line of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
    const heading = HEADING.exec(line);
    if (heading) {
      yield { text: heading[1], kind: "sign" };
      yield { text: heading[2], kind: "heading" };
      yield { text: heading[3], kind: "" };
    } else if (RULE.test(line)) yield { text: line, kind: "sign" };
    else if (ROW.test(line)) yield* cells(line);
    else yield { text: line, kind: "" };
  }
}

/**
 * A row of a table: the outer signs go, a line stands for the inner ones.
 * @param {string} line
 * @returns {Generator<Bit>}
 */
function* cells(line) {
  const [, open, inner, close, end] = /** @type {RegExpExecArray} */ (/^( *\| *)(.*?)( *\| *)(\n?)$/s.exec(line));
  yield { text: open, kind: "sign" };
  for (const piece of inner.split(/( *\| *)/)) if (piece) yield { text: piece, kind: /^ *\| *$/.test(piece) ? "cell" : "" };
  yield { text: close, kind: "sign" };
  yield { text: end, kind: "" };
}
