// Two texts line by line: what went, what came.
import { el } from "../dom.js";
import { number } from "../format.js";

const MOST_LINES = 2000;

/**
 * @param {string} before
 * @param {string} after
 */
export function diff(before, after) {
  const { lines, rest } = first(before, after);
  const words = { "+": "added", "-": "removed", " ": "" };
  return el(
    "div",
    { class: "diff", role: "table", "aria-label": "Changes", tabindex: "0" },
    lines.map(([sign, line]) =>
      el(
        "div",
        { role: "row", class: words[sign] },
        el("span", { role: "cell", class: "sign" }, el("span", { "aria-hidden": "true" }, sign), el("span", { class: "unseen" }, words[sign])),
        el("span", { role: "cell" }, line || " "),
      ),
    ),
    rest,
  );
}

/**
 * What is compared of two texts, and the row that says so where that is not all.
 * @param {string} before
 * @param {string} after
 */
function first(before, after) {
  const [a, b] = [before.split("\n"), after.split("\n")];
  const most = Math.max(a.length, b.length);
  return {
    lines: compared(a.slice(0, MOST_LINES), b.slice(0, MOST_LINES)),
    rest: most > MOST_LINES ? el("div", { role: "row" }, el("span", { role: "cell", class: "sign" }), el("span", { role: "cell", class: "soft" }, `The first ${number(MOST_LINES)} lines are compared, of ${number(most)}.`)) : null,
  };
}

/**
 * The shortest way from one to the other by lines taken and put, by the longest common subsequence.
 * @param {string[]} a
 * @param {string[]} b
 * @returns {["+" | "-" | " ", string][]}
 */
export function compared(a, b) {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1;
  const [left, right] = [a.slice(head, a.length - tail), b.slice(head, b.length - tail)];
  const width = right.length + 1;
  const lengths = new Uint16Array((left.length + 1) * width);
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      lengths[i * width + j] =
        left[i] === right[j] ? lengths[(i + 1) * width + j + 1] + 1 : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
    }
  }
  /** @type {["+" | "-" | " ", string][]} */
  const found = a.slice(0, head).map((line) => [" ", line]);
  for (let i = 0, j = 0; i < left.length || j < right.length; ) {
    if (i < left.length && j < right.length && left[i] === right[j]) found.push([" ", left[i++]]), (j += 1);
    else if (j >= right.length || (i < left.length && lengths[(i + 1) * width + j] >= lengths[i * width + j + 1])) found.push(["-", left[i++]]);
    else found.push(["+", right[j++]]);
  }
  return [...found, ...a.slice(a.length - tail).map((line) => /** @type {[" ", string]} */ ([" ", line]))];
}

/**
 * The same in two columns: what was on the left, what is on the right, lines that belong together beside each other.
 * @param {string} before
 * @param {string} after
 */
export function sideBySide(before, after) {
  const { lines, rest } = first(before, after);
  /** @type {[string | null, string | null][]} */
  const rows = [];
  let open = 0;
  for (const [sign, line] of lines) {
    if (sign === " ") rows.push([line, line]);
    else if (sign === "-") rows.push([line, null]);
    else {
      const free = rows.findIndex((row, place) => place >= open && row[1] === null);
      if (free >= 0) rows[free][1] = line;
      else rows.push([null, line]);
    }
    if (sign === " ") open = rows.length;
  }
  const cell = (/** @type {string | null} */ line, /** @type {string} */ kind) =>
    el("span", { role: "cell", class: line === null ? "none" : kind }, line ?? "", kind ? el("span", { class: "unseen" }, line === null ? "nothing" : kind) : null);
  return el(
    "div",
    { class: "diff beside", role: "table", "aria-label": "Changes, before and after", tabindex: "0" },
    rows.map(([left, right]) => {
      const same = left === right;
      return el("div", { role: "row" }, cell(left, same ? "" : "removed"), cell(right, same ? "" : "added"));
    }),
    rest,
  );
}
