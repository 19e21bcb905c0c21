// Elements from values. Text goes in as text nodes: nothing here reads HTML, and no page has another way to make elements.

/** @typedef {Node | string | number | null | undefined | false | any[]} Child a list is one of children; a type cannot say so of itself here */

/**
 * Make an element.
 *
 * `on…` adds a listener, `class` sets the class, `dataset` and `style` take objects, `true` sets an attribute without a value,
 * and null, undefined or false leave it out. Properties that are no attributes: `value`, `checked`, `disabled`, `indeterminate`.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, any>} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) set(element, name, value);
  element.append(...nodes(children));
  return element;
}

/**
 * Put these children in the place of all that an element has.
 * @param {Element} element
 * @param {...Child} children
 */
export function fill(element, ...children) {
  element.replaceChildren(...nodes(children));
}

/**
 * A name that no other element of the page has: for labels and descriptions.
 * @param {string} prefix
 */
export function unique(prefix) {
  return `${prefix}-${++count}`;
}

let count = 0;
const PROPERTIES = new Set(["value", "checked", "disabled", "indeterminate", "selected", "hidden", "open"]);

/**
 * @param {HTMLElement} element
 * @param {string} name
 * @param {any} value
 */
function set(element, name, value) {
  if (value === null || value === undefined || (value === false && !PROPERTIES.has(name))) return;
  if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (name === "dataset" || name === "style") Object.assign(element[name], value);
  else if (PROPERTIES.has(name)) /** @type {any} */ (element)[name] = value;
  else element.setAttribute(name, value === true ? "" : String(value));
}

/**
 * @param {Child[]} children
 * @returns {(Node | string)[]}
 */
function nodes(children) {
  const found = [];
  for (const child of children) {
    if (Array.isArray(child)) found.push(...nodes(child));
    else if (child !== null && child !== undefined && child !== false) found.push(child instanceof Node ? child : String(child));
  }
  return found;
}
