// Short words about what was done, at the edge of the page and read aloud.
import { el } from "../dom.js";
import { iconButton } from "./button.js";
import { icon } from "./icon.js";

const SHOWN_MS = 6000;

/**
 * Say something to those who do not see it, too.
 * @param {string} sentence
 */
export function say(sentence) {
  const said = document.getElementById("said");
  if (said) said.textContent = sentence;
}

/**
 * @param {string} sentence
 * @param {"done" | "failed"} [kind] what failed stays until it is closed
 */
export function toast(sentence, kind = "done") {
  let place = document.getElementById("toasts");
  if (!place) document.body.append((place = el("div", { id: "toasts" })));
  /** @type {HTMLDivElement} */
  const made = el(
    "div",
    { class: `toast ${kind}`, role: kind === "failed" ? "alert" : "status" },
    icon(kind === "failed" ? "triangle-alert" : "circle-check"),
    el("p", {}, sentence),
    iconButton("x", "Close", () => made.remove()),
  );
  place.append(made);
  while (place.children.length > 3) place.firstElementChild?.remove();
  if (kind === "done") setTimeout(() => made.remove(), SHOWN_MS);
}

/**
 * Tell of an error that no field of a form is about.
 * @param {unknown} error
 */
export function tell(error) {
  toast(error instanceof Error ? error.message : String(error), "failed");
}
