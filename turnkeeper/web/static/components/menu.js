// A menu below a button: opened by press, Enter or the arrow down; walked by arrows, Home and End; closed by Escape.
import { el, unique } from "../dom.js";
import { icon } from "./icon.js";

/** @typedef {{words: string, icon?: string, href?: string, danger?: boolean, onchoose?: () => void | Promise<void>}} MenuItem */

/**
 * @param {HTMLButtonElement} opener
 * @param {() => (MenuItem | "line")[]} items asked each time that it opens
 * @param {{above?: boolean, right?: boolean}} [of] where it opens
 * @returns {HTMLElement} the opener with its menu
 */
export function menu(opener, items, { above = false, right = false } = {}) {
  const list = el("div", { class: `menu${above ? " above" : ""}${right ? " right" : ""}`, role: "menu", id: unique("menu"), hidden: true });
  const box = el("div", { class: "menu-box" }, opener, list);
  opener.setAttribute("aria-haspopup", "menu");
  opener.setAttribute("aria-expanded", "false");
  opener.setAttribute("aria-controls", list.id);

  const all = () => /** @type {HTMLElement[]} */ ([...list.querySelectorAll("[role=menuitem]")]);
  const close = (/** @type {boolean} */ back = false) => {
    list.hidden = true;
    opener.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", outside, true);
    if (back) opener.focus();
  };
  const outside = (/** @type {Event} */ event) => {
    if (!box.contains(/** @type {Node} */ (event.target))) close();
  };
  const open = () => {
    list.replaceChildren(...items().map((item) => (item === "line" ? el("hr") : entry(item, close))));
    list.hidden = false;
    opener.setAttribute("aria-expanded", "true");
    document.addEventListener("pointerdown", outside, true);
    all()[0]?.focus();
  };
  opener.addEventListener("click", () => (list.hidden ? open() : close(true)));
  opener.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    if (list.hidden) open();
  });
  list.addEventListener("keydown", (event) => {
    const found = all();
    const at = found.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: found.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      found[(to + found.length) % found.length]?.focus();
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      close(true);
    } else if (event.key === "Tab") close();
  });
  return box;
}

/**
 * @param {MenuItem} item
 * @param {(back?: boolean) => void} close
 */
function entry(item, close) {
  const inside = [item.icon ? icon(item.icon) : null, el("span", {}, item.words)];
  const common = { role: "menuitem", tabindex: "-1", class: item.danger ? "danger" : null };
  if (item.href) return el("a", { ...common, href: item.href, onclick: () => close() }, inside);
  const choose = () => {
    close(true);
    void item.onchoose?.();
  };
  return el("button", { ...common, type: "button", onclick: choose }, inside);
}
