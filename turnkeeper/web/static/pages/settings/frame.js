// What all settings have above them: the name, and the way to the others.
import { el } from "../../dom.js";
import { linkTabs } from "../../components/tabs.js";
import { SETTINGS } from "../../routes.js";
import { may } from "../../session.js";

/**
 * @param {string} current the path that is shown
 * @param {string} sentence what is set here
 * @param {Node} [action] what makes something new
 */
export function settingsHead(current, sentence, action) {
  const shown = SETTINGS.filter(({ scope }) => may(scope));
  const words = SETTINGS.find(({ href }) => href === current)?.words ?? "Settings";
  return el(
    "div",
    {},
    linkTabs("Settings", shown, current),
    el("header", { class: "page-head" }, el("div", {}, el("h1", {}, words), el("p", { class: "soft" }, sentence)), action),
  );
}
