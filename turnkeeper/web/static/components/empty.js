// What stands where there is nothing, nothing yet, or something went wrong.
import { el } from "../dom.js";
import { button } from "./button.js";
import { icon } from "./icon.js";

/**
 * @param {{title: string, sentence: string, icon?: string, action?: Node, heading?: "h1" | "h2"}} of `h1` where it is the whole page
 */
export function empty({ title, sentence, icon: picture = "layers", action, heading = "h2" }) {
  return el("div", { class: "empty" }, icon(picture, 28), el(heading, {}, title), el("p", {}, sentence), action);
}

/**
 * Grey lines where rows will be. Nothing jumps when they come.
 * @param {number} lines
 */
export function skeleton(lines) {
  return el("div", { class: "skeleton", "aria-hidden": "true" }, Array.from({ length: lines }, () => el("div")));
}

/**
 * @param {unknown} error
 * @param {() => void | Promise<void>} [again]
 * @param {"h1" | "h2"} [heading] `h1` where it is the whole page
 */
export function failure(error, again, heading = "h2") {
  const sentence = error instanceof Error ? error.message : String(error);
  return el(
    "div",
    { class: "empty failed", role: "alert" },
    icon("triangle-alert", 28),
    el(heading, {}, "That did not work"),
    el("p", {}, sentence),
    again ? button("Try again", { icon: "refresh-cw", onclick: again }) : null,
  );
}
