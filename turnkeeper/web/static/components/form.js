// Forms whose faults stand beside the fields, as the server says them.
import { el, unique } from "../dom.js";
import { busy, button, iconButton } from "./button.js";
import { clearFaults, showFaults } from "./faults.js";

/**
 * A field with its label, a hint and a place for its fault. `name` is the member of the request's body.
 * @param {string} label
 * @param {string} name
 * @param {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} control
 * @param {{hint?: string, beside?: Node}} [of] `beside` stands at the control's end
 */
export function field(label, name, control, { hint, beside } = {}) {
  control.id ||= unique("field");
  control.name = name;
  const faultId = `${control.id}-fault`;
  const hintId = hint ? `${control.id}-hint` : "";
  control.setAttribute("aria-describedby", `${hintId} ${faultId}`.trim());
  return el(
    "div",
    { class: "field", dataset: { field: name } },
    el("label", { for: control.id }, label),
    hint ? el("p", { class: "hint", id: hintId }, hint) : null,
    beside ? el("div", { class: "with-button" }, control, beside) : control,
    el("p", { class: "fault", id: faultId }),
  );
}

/**
 * A group of boxes to tick, of which the chosen values are read by `chosen`.
 * @param {string} label
 * @param {string} name
 * @param {{value: string, words: string, hint?: string, checked?: boolean}[]} options
 */
export function checks(label, name, options) {
  return el(
    "fieldset",
    { class: "field checks", dataset: { field: name } },
    el("legend", {}, label),
    options.map(({ value, words, hint, checked = false }) =>
      el("label", {}, el("input", { type: "checkbox", name, value, checked }), el("span", {}, words, hint ? el("small", {}, hint) : null)),
    ),
    el("p", { class: "fault" }),
  );
}

/**
 * @param {HTMLFormElement} of
 * @param {string} name
 */
export const chosen = (of, name) => new FormData(of).getAll(name).map(String);

/** @param {Record<string, any>} [attributes] */
export const input = (attributes = {}) => el("input", { type: "text", ...attributes });

/** @param {Record<string, any>} [attributes] */
export const area = (attributes = {}) => el("textarea", { rows: 4, ...attributes });

/**
 * @param {{value: string, words: string}[]} options
 * @param {string} [value]
 * @param {Record<string, any>} [attributes]
 */
export const select = (options, value, attributes = {}) =>
  el("select", attributes, options.map((each) => el("option", { value: each.value, selected: each.value === value }, each.words)));

/**
 * A field for a password that can be looked at.
 * @param {string} label
 * @param {string} name
 * @param {{hint?: string, autocomplete: "current-password" | "new-password"}} of
 */
export function passwordField(label, name, { hint, autocomplete }) {
  const control = el("input", { type: "password", autocomplete, required: true });
  const eye = iconButton("eye", "Show the password", () => {
    const shown = control.type === "password";
    control.type = shown ? "text" : "password";
    eye.setAttribute("aria-pressed", String(shown));
  });
  eye.setAttribute("aria-pressed", "false");
  return field(label, name, control, { hint, beside: eye });
}

/**
 * A form. A refusal of the server is told beside the fields that it is about, the first of which gets the focus.
 * @param {object} of
 * @param {(Node | null)[]} of.fields
 * @param {string} of.words of the button
 * @param {(form: HTMLFormElement, data: FormData) => Promise<void>} of.submit
 * @param {() => void} [of.cancel]
 */
export function form({ fields, words, submit, cancel }) {
  const fault = el("p", { class: "fault whole", role: "alert" });
  const send = button(words, { kind: "primary", type: "submit" });
  const made = el(
    "form",
    { class: "form", novalidate: true },
    fields,
    fault,
    el("div", { class: "actions" }, cancel ? button("Cancel", { onclick: cancel }) : null, send),
  );
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    if (send.getAttribute("aria-busy")) return;
    clearFaults(made);
    void busy(
      send,
      submit(made, new FormData(made)).catch((error) => showFaults(made, fault, error)),
    );
  });
  return made;
}
