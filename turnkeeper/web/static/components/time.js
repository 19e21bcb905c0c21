// Moments as "3 minutes ago", which stay true while the page is open; the whole moment stands in the title.
import { el } from "../dom.js";
import { ago, moment } from "../format.js";

/**
 * @param {string | null | undefined} text an RFC 3339 moment
 * @param {string} [never] shown when there is none
 */
export function time(text, never = "never") {
  if (!text) return el("span", { class: "soft" }, never);
  return el("time", { datetime: text, title: moment(text) }, ago(text));
}

/** Keep all of them true; once, by whoever has the frame. */
export function keepTimes() {
  setInterval(() => {
    for (const each of document.querySelectorAll("time[datetime]")) {
      const now = ago(/** @type {HTMLTimeElement} */ (each).dateTime);
      if (each.textContent !== now) each.textContent = now;
    }
  }, 30_000);
}
