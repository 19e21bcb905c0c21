// How far something is, or how much of it: a bar with its words.
import { el } from "../dom.js";

/**
 * @param {string} label what is measured, for those who do not see it
 * @param {number | null} share from 0 to 1; null when it is under way and nobody knows how far
 */
export function progress(label, share) {
  return el("progress", { class: "progress", "aria-label": label, max: 1, ...(share === null ? {} : { value: String(share) }) });
}

/**
 * A share of a whole as a bar, which is decoration: the figure stands beside it.
 * @param {number} share
 * @param {string} [kind]
 */
export function bar(share, kind = "") {
  const width = `${Math.round(Math.max(0, Math.min(1, share)) * 100)}%`;
  return el("span", { class: `share ${kind}`.trim(), "aria-hidden": "true" }, el("span", { style: { width } }));
}
