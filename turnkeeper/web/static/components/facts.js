// Names and values, one below the other.
import { el } from "../dom.js";

/**
 * @param {[string, import("../dom.js").Child][]} rows
 * @param {{areTwo?: boolean, areAddresses?: boolean}} [of] `areTwo`: in two columns where there is room; `areAddresses`: values break anywhere
 */
export function facts(rows, { areTwo = false, areAddresses = false } = {}) {
  return el(
    "dl",
    { class: areTwo ? "facts two" : "facts" },
    rows.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", { class: areAddresses ? "address" : null }, value))),
  );
}
