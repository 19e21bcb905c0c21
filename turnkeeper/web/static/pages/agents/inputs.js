// Fields that write what is typed straight into the content that is being edited.
import { button, iconButton } from "../../components/button.js";
import { el, fill, unique } from "../../dom.js";

/**
 * What fields need of their editor.
 * @typedef {object} Desk
 * @property {() => void} changed told after each change
 * @property {boolean} mayChange
 */

/**
 * A field whose fault stands below it; `pointer` is where its value stands in the body.
 * @param {string} label
 * @param {string} pointer
 * @param {HTMLElement} control
 * @param {{hint?: import("../../dom.js").Child, below?: Node | null}} [of]
 */
export function labelled(label, pointer, control, { hint, below } = {}) {
  control.id ||= unique("field");
  const faultId = `${control.id}-fault`;
  const hintId = hint ? `${control.id}-hint` : "";
  control.setAttribute("aria-describedby", `${hintId} ${faultId}`.trim());
  return el(
    "div",
    { class: "field", dataset: { field: pointer } },
    el("label", { for: control.id }, label),
    control,
    hint ? el("p", { class: "hint", id: hintId }, hint) : null,
    below,
    el("p", { class: "fault", id: faultId }),
  );
}

/**
 * A line, or with `rows` a box, of text. An empty one is null with `orNull`.
 * @param {Desk} desk
 * @param {Record<string, any>} owner
 * @param {string} key
 * @param {Record<string, any> & {orNull?: boolean}} [of] attributes
 */
export function textInput(desk, owner, key, { orNull = false, ...of } = {}) {
  const control = /** @type {HTMLInputElement | HTMLTextAreaElement} */ (
    of.rows ? el("textarea", { ...of, value: owner[key] ?? "" }) : el("input", { type: "text", autocomplete: "off", ...of, value: owner[key] ?? "" })
  );
  control.disabled = !desk.mayChange;
  control.addEventListener("input", () => {
    owner[key] = control.value === "" && orNull ? null : control.value;
    desk.changed();
  });
  return control;
}

/**
 * A number; an empty one is null, for what is so unless it is said.
 * @param {Desk} desk
 * @param {Record<string, any>} owner
 * @param {string} key
 * @param {Record<string, any>} [of]
 */
export function numberInput(desk, owner, key, of = {}) {
  const control = el("input", { type: "number", min: 0, inputmode: "decimal", ...of, value: owner[key] ?? "" });
  control.disabled = !desk.mayChange;
  control.addEventListener("input", () => {
    owner[key] = control.value === "" ? null : Number(control.value);
    desk.changed();
  });
  return control;
}

/**
 * @param {Desk} desk
 * @param {Record<string, any>} owner
 * @param {string} key
 * @param {{value: string, words: string}[]} options an empty value is null
 */
export function choice(desk, owner, key, options) {
  const control = el("select", {}, options.map(({ value, words }) => el("option", { value, selected: value === (owner[key] ?? "") }, words)));
  control.disabled = !desk.mayChange;
  control.addEventListener("change", () => {
    owner[key] = control.value || null;
    desk.changed();
  });
  return control;
}

/**
 * Boxes to tick for the members of a list.
 * @param {Desk} desk
 * @param {string} label
 * @param {string} pointer
 * @param {Record<string, any>} owner
 * @param {string} key
 * @param {{value: string, words: import("../../dom.js").Child, hint?: import("../../dom.js").Child}[]} options
 * @param {string} [kind] `row` stands them beside each other
 */
export function ticks(desk, label, pointer, owner, key, options, kind = "") {
  const has = (/** @type {string} */ value) => (owner[key] ?? []).includes(value);
  return el(
    "fieldset",
    { class: `field checks ${kind}`.trim(), dataset: { field: pointer } },
    el("legend", {}, label),
    options.map(({ value, words, hint }) => {
      const box = el("input", { type: "checkbox", checked: has(value), disabled: !desk.mayChange });
      box.addEventListener("change", () => {
        const others = (owner[key] ?? []).filter((/** @type {string} */ each) => each !== value);
        owner[key] = box.checked ? [...others, value] : others;
        desk.changed();
      });
      return el("label", {}, box, el("span", {}, words, hint ? el("small", {}, hint) : null));
    }),
    el("p", { class: "fault" }),
  );
}

/**
 * Words separated by commas or lines, as a list.
 * @param {Desk} desk
 * @param {Record<string, any>} owner
 * @param {string} key
 * @param {Record<string, any> & {empty?: null | string[]}} [of] `empty`: what stands for no words
 */
export function wordsInput(desk, owner, key, { empty = [], ...of } = {}) {
  const control = el("input", { type: "text", autocomplete: "off", spellcheck: "false", ...of, value: (owner[key] ?? []).join(", ") });
  control.disabled = !desk.mayChange;
  control.addEventListener("input", () => {
    const words = control.value.split(",").map((word) => word.trim()).filter(Boolean);
    owner[key] = words.length ? words : empty;
    desk.changed();
  });
  return control;
}

/**
 * Lines of `Name: value`, as an object.
 * @param {Desk} desk
 * @param {Record<string, any>} owner
 * @param {string} key
 * @param {string} sign between name and value
 * @param {Record<string, any>} [of]
 */
export function pairsInput(desk, owner, key, sign, of = {}) {
  const lines = Object.entries(owner[key] ?? {}).map(([name, value]) => `${name}${sign === ":" ? ": " : sign}${value}`);
  const control = el("textarea", { rows: Math.max(2, lines.length + 1), class: "mono", spellcheck: "false", ...of, value: lines.join("\n") });
  control.disabled = !desk.mayChange;
  control.addEventListener("input", () => {
    /** @type {Record<string, string>} */
    const found = {};
    for (const line of control.value.split("\n")) {
      const at = line.indexOf(sign);
      if (at > 0) found[line.slice(0, at).trim()] = line.slice(at + 1).trim();
    }
    owner[key] = found;
    desk.changed();
  });
  return control;
}

/**
 * Things of which there may be several, each in a box of its own, with a way to add one and to take one away.
 * @template {Record<string, any>} T
 * @param {Desk} desk
 * @param {object} of
 * @param {T[]} of.list changed in place
 * @param {string} of.one what one is called
 * @param {string} of.add words of the button
 * @param {() => T} of.fresh
 * @param {string} of.nothing shown when there is none
 * @param {(item: T, place: number) => import("../../dom.js").Child} of.content
 */
export function several(desk, { list, one, add, fresh, nothing, content }) {
  const box = el("div", { class: "several" });
  const draw = () =>
    fill(
      box,
      list.length ? null : el("p", { class: "soft" }, nothing),
      list.map((item, place) =>
        el(
          "fieldset",
          { class: "several-one" },
          el("legend", { class: "unseen" }, `${one} ${place + 1}`),
          desk.mayChange
            ? iconButton("trash-2", `Take ${one} ${place + 1} away`, () => {
                list.splice(place, 1);
                desk.changed();
                draw();
              })
            : null,
          content(item, place),
        ),
      ),
      desk.mayChange
        ? button(add, {
            icon: "plus",
            onclick: () => {
              list.push(fresh());
              desk.changed();
              draw();
              /** @type {HTMLElement | null} */ (box.querySelector(".several-one:last-of-type :is(input, select)"))?.focus();
            },
          })
        : null,
    );
  draw();
  return box;
}
