// Lines over time, drawn by uPlot in the console's colours. Beside each chart stands a table for those who cannot see it.
import uPlot from "./vendor/uplot.js";
import { el } from "./dom.js";
import { compact, moment } from "./format.js";

/**
 * @typedef {object} Line
 * @property {string} name
 * @property {(number | null)[]} values
 */

/**
 * A chart that fills its width, and is drawn anew with the theme and the size.
 * @param {object} of
 * @param {string} of.title
 * @param {number[]} of.times seconds since 1970
 * @param {Line[]} of.lines
 * @param {(value: number) => string} [of.format]
 * @param {number} [of.height]
 * @param {AbortSignal} signal takes it away
 * @returns {HTMLElement}
 */
export function chart({ title, times, lines, format = compact, height = 180 }, signal) {
  const place = el("div", { class: "chart-place", "aria-hidden": "true" });
  const figure = el("figure", { class: "chart" }, el("figcaption", {}, title), place, asTable(title, times, lines, format));
  /** @type {uPlot | null} */
  let drawn = null;
  const draw = () => {
    drawn?.destroy();
    if (place.clientWidth === 0) return;
    drawn = new uPlot(options(place.clientWidth, height, lines, format), [times, ...lines.map((line) => line.values)], place);
  };
  const sizes = new ResizeObserver(draw);
  sizes.observe(place);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", draw, { signal });
  window.addEventListener("theme", draw, { signal });
  signal.addEventListener("abort", () => {
    sizes.disconnect();
    drawn?.destroy();
  });
  return figure;
}

/**
 * @param {number} width
 * @param {number} height
 * @param {Line[]} lines
 * @param {(value: number) => string} format
 */
function options(width, height, lines, format) {
  const style = getComputedStyle(document.documentElement);
  const colour = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  const axis = { stroke: colour("--ink-soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
  return {
    width,
    height,
    legend: { show: false },
    cursor: { points: { size: 7 }, drag: { x: false, y: false } },
    axes: [axis, { ...axis, size: 56, values: (/** @type {unknown} */ _, /** @type {number[]} */ marks) => marks.map(format) }],
    series: [
      {},
      ...lines.map((line, place) => ({ label: line.name, stroke: colour(`--line-${(place % 4) + 1}`), width: 2 })),
    ],
  };
}

/**
 * @param {string} title
 * @param {number[]} times
 * @param {Line[]} lines
 * @param {(value: number) => string} format
 */
function asTable(title, times, lines, format) {
  const row = (/** @type {number} */ time, /** @type {number} */ place) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, moment(new Date(time * 1000).toISOString())),
      lines.map((line) => el("td", {}, line.values[place] === null ? "" : format(/** @type {number} */ (line.values[place])))),
    );
  return el(
    "table",
    { class: "unseen" },
    el("caption", {}, title),
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Time"), lines.map((line) => el("th", { scope: "col" }, line.name)))),
    el("tbody", {}, times.map(row)),
  );
}
