// Buttons: with words, or with a picture and a label for those who cannot see it.
import { el } from "../dom.js";
import { icon } from "./icon.js";

/**
 * @typedef {object} ButtonOf
 * @property {string} [icon]
 * @property {"primary" | "plain" | "quiet" | "danger"} [kind] `plain` unless given
 * @property {"button" | "submit"} [type]
 * @property {(event: MouseEvent) => void | Promise<void>} [onclick] the button is busy until what it returns is done
 * @property {boolean} [disabled]
 */

/**
 * @param {string} words
 * @param {ButtonOf} [of]
 */
export function button(words, { icon: picture, kind = "plain", type = "button", onclick, disabled = false } = {}) {
  const made = el("button", { class: `button ${kind}`, type, disabled }, picture ? icon(picture) : null, el("span", {}, words));
  if (onclick) made.addEventListener("click", (event) => busy(made, onclick(event)));
  return made;
}

/**
 * A button that is only a picture; `label` is what it does.
 * @param {string} picture
 * @param {string} label
 * @param {(event: MouseEvent) => void | Promise<void>} [onclick]
 */
export function iconButton(picture, label, onclick) {
  const made = el("button", { class: "icon-button", type: "button", "aria-label": label, title: label }, icon(picture));
  if (onclick) made.addEventListener("click", (event) => busy(made, onclick(event)));
  return made;
}

/**
 * A link that looks like a button.
 * @param {string} words
 * @param {string} href
 * @param {{icon?: string, kind?: "primary" | "plain" | "quiet"}} [of]
 */
export function linkButton(words, href, { icon: picture, kind = "plain" } = {}) {
  return el("a", { class: `button ${kind}`, href }, picture ? icon(picture) : null, el("span", {}, words));
}

/**
 * Let nobody press it again before it is done.
 * @param {HTMLButtonElement} pressed
 * @param {void | Promise<void>} work
 */
export async function busy(pressed, work) {
  if (!(work instanceof Promise)) return;
  pressed.setAttribute("aria-busy", "true");
  const refuse = (/** @type {Event} */ event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  pressed.addEventListener("click", refuse, { capture: true });
  try {
    await work;
  } finally {
    pressed.removeAttribute("aria-busy");
    pressed.removeEventListener("click", refuse, { capture: true });
  }
}
