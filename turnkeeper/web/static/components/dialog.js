// Dialogs: the browser's own, which keeps the focus inside, closes by Escape and gives the focus back.
import { el, unique } from "../dom.js";
import { button, iconButton } from "./button.js";

/**
 * Open a dialog; it is taken away when it is closed.
 * @param {string} title
 * @param {(close: () => void) => (Node | string)[]} content
 * @param {{wide?: boolean, onclose?: () => void}} [of]
 * @returns {HTMLDialogElement}
 */
export function dialog(title, content, { wide = false, onclose } = {}) {
  const id = unique("dialog");
  const made = el("dialog", { class: wide ? "dialog wide" : "dialog", "aria-labelledby": id });
  const close = () => made.close();
  made.append(
    el("header", {}, el("h2", { id }, title), iconButton("x", "Close", close)),
    el("div", { class: "dialog-body" }, content(close)),
  );
  made.addEventListener("close", () => {
    made.remove();
    onclose?.();
  });
  // A press beside the dialog closes it; one that began inside (a selection) does not.
  made.addEventListener("mousedown", (event) => {
    if (event.target === made) close();
  });
  document.body.append(made);
  made.showModal();
  return made;
}

/**
 * Ask before something that cannot be taken back.
 * @param {string} title a question
 * @param {string} sentence what will happen
 * @param {string} words of the button that does it
 * @returns {Promise<boolean>}
 */
export function confirm(title, sentence, words) {
  return new Promise((answer) => {
    let said = false;
    dialog(
      title,
      (close) => [
        el("p", {}, sentence),
        el(
          "div",
          { class: "actions" },
          button("Cancel", { onclick: close }),
          button(words, {
            kind: "danger",
            onclick: () => {
              said = true;
              close();
            },
          }),
        ),
      ],
      { onclose: () => answer(said) },
    );
  });
}
