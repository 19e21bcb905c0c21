// Copying, by the clipboard where the browser lets us, else by a selection.
import { el, unique } from "../dom.js";
import { button, iconButton } from "./button.js";
import { dialog } from "./dialog.js";
import { icon } from "./icon.js";
import { say, toast } from "./toast.js";

/**
 * @param {() => string} text
 * @param {string} [label]
 */
export function copyButton(text, label = "Copy") {
  const made = iconButton("copy", label, async () => {
    if (!(await copy(text()))) return toast("The browser does not let us copy; select the text and copy it.", "failed");
    made.replaceChildren(icon("check"));
    say("Copied.");
    setTimeout(() => made.replaceChildren(icon("copy")), 1500);
  });
  return made;
}

/**
 * A text to be taken along, whole.
 * @param {string} label
 * @param {string} text
 */
export function copyField(label, text) {
  const id = unique("copy");
  const control = el("input", { id, type: "text", readonly: true, value: text, class: "mono", onfocus: () => control.select() });
  return el("div", { class: "field" }, el("label", { for: id }, label), el("div", { class: "with-button" }, control, copyButton(() => text)));
}

/**
 * A dialog with what is shown this once and never again.
 * @param {string} title
 * @param {string} sentence what it is for
 * @param {string} label
 * @param {string} secret
 */
export function showOnce(title, sentence, label, secret) {
  dialog(title, (close) => [el("p", {}, sentence), copyField(label, secret), el("div", { class: "actions" }, button("I have it", { kind: "primary", onclick: close }))]);
}

/**
 * @param {string} text
 * @returns {Promise<boolean>}
 */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const place = el("textarea", { value: text, class: "unseen" });
    (document.querySelector("dialog[open]") ?? document.body).append(place);
    place.select();
    const done = document.execCommand("copy");
    place.remove();
    return done;
  }
}
