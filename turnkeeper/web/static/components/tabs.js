// Tabs: those that are addresses are links; those within a page are the pattern of the same name, walked by arrows.
import { el, unique } from "../dom.js";

/**
 * @param {string} label
 * @param {{words: string, href: string}[]} links
 * @param {string} current the path that is shown
 */
export function linkTabs(label, links, current) {
  const shown = links.map(({ words, href }) => el("a", { href, "aria-current": href === current ? "page" : null }, words));
  const made = el("nav", { class: "tabs", "aria-label": label }, shown);
  // In a narrow window, the current one may lie beyond the edge.
  requestAnimationFrame(() => shown[links.findIndex(({ href }) => href === current)]?.scrollIntoView({ block: "nearest", inline: "center" }));
  return made;
}

/**
 * @param {string} label
 * @param {{words: string, content: () => Node}[]} parts the first is shown
 */
export function tabs(label, parts) {
  const panel = el("div", { role: "tabpanel", class: "tab-panel", id: unique("panel"), tabindex: "0" });
  const heads = parts.map((part, place) =>
    el("button", { type: "button", role: "tab", id: unique("tab"), "aria-controls": panel.id, onclick: () => choose(place) }, part.words),
  );
  const list = el("div", { role: "tablist", class: "tabs", "aria-label": label }, heads);
  /** @param {number} place */
  function choose(place) {
    heads.forEach((head, at) => {
      head.setAttribute("aria-selected", String(at === place));
      head.tabIndex = at === place ? 0 : -1;
    });
    panel.setAttribute("aria-labelledby", heads[place].id);
    panel.replaceChildren(parts[place].content());
  }
  list.addEventListener("keydown", (event) => {
    const at = heads.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: heads.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const place = (to + heads.length) % heads.length;
    choose(place);
    heads[place].focus();
  });
  choose(0);
  return el("div", {}, list, panel);
}
