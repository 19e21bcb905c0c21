// What may be wider than its place is moved sideways, by keys too.
import { el } from "../dom.js";

/**
 * @param {string} label what it is, for those who do not see it
 * @param {...import("../dom.js").Child} content
 */
export const scrolled = (label, ...content) => el("div", { class: "table-scroll", tabindex: "0", role: "region", "aria-label": label }, ...content);
