// Lines over time, drawn by uPlot in the console's colours. Beside each chart stands a table for those who cannot see it.
import uPlot from "./vendor/uplot.js";
import { el, fill } from "./dom.js";
import { compact, moment } from "./format.js";

const STYLE = new URL("./vendor/uplot.css", import.meta.url).pathname;

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
  if (!document.querySelector(`link[href="${STYLE}"]`)) document.head.append(el("link", { rel: "stylesheet", href: STYLE }));
  const place = el("div", { class: "chart-place", "aria-hidden": "true" });
  const told = el("p", { class: "legend", "aria-hidden": "true" });
  const values = asTable(title, times, lines, format);
  const rest = el("div", { class: "unseen" }, values);
  const asRows = el("button", { class: "button quiet small", type: "button", "aria-pressed": "false" }, "Table");
  asRows.setAttribute("aria-label", `Table: ${title}`);
  const figure = el("figure", { class: "chart" }, el("figcaption", {}, title, asRows), told, place, rest);
  /** @type {uPlot | null} */
  let drawn = null;
  const tell = (/** @type {number | null | undefined} */ at) => fill(told, legend(times, lines, format, at));
  const draw = () => {
    drawn?.destroy();
    if (place.clientWidth === 0) return;
    drawn = new uPlot(options(place, height, lines, format, tell), [times, ...lines.map((line) => line.values)], place);
  };
  asRows.addEventListener("click", () => {
    const wanted = !place.hidden;
    asRows.setAttribute("aria-pressed", String(wanted));
    place.hidden = told.hidden = wanted;
    rest.className = wanted ? "table-scroll chart-table" : "unseen";
    rest.tabIndex = wanted ? 0 : -1;
    values.className = wanted ? "table" : "";
    if (wanted) rest.scrollTop = rest.scrollHeight;
  });
  tell(null);
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
 * What the colours mean, and the values below the pointer. The table tells both to those who cannot see it.
 * @param {number[]} times
 * @param {Line[]} lines
 * @param {(value: number) => string} format
 * @param {number | null | undefined} at
 */
function legend(times, lines, format, at) {
  const value = (/** @type {Line} */ line) => {
    const found = at === null || at === undefined ? null : line.values[at];
    return found === null ? "" : ` ${format(found)}`;
  };
  const when = at === null || at === undefined ? null : el("time", {}, moment(new Date(times[at] * 1000).toISOString()));
  return [lines.map((line, place) => el("span", { class: `line-${(place % 4) + 1}` }, line.name, el("b", {}, value(line)))), when];
}

const clocks = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const dates = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });

/** @param {number} seconds */
function mark(seconds) {
  const at = new Date(seconds * 1000);
  return at.getHours() + at.getMinutes() === 0 ? dates.format(at) : clocks.format(at);
}

/**
 * @param {HTMLElement} place
 * @param {number} height
 * @param {Line[]} lines
 * @param {(value: number) => string} format
 * @param {(at: number | null | undefined) => void} tell what is below the pointer
 */
function options(place, height, lines, format, tell) {
  const style = getComputedStyle(place);
  // A token may name a colour for each theme; what an element has is one of them.
  const colour = (/** @type {string} */ name) => {
    place.style.color = `var(${name})`;
    return style.color;
  };
  const axis = { stroke: colour("--ink-soft"), font: `12px ${style.fontFamily}`, grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
  return {
    width: place.clientWidth,
    height,
    legend: { show: false },
    cursor: { points: { size: 7 }, drag: { x: false, y: false } },
    hooks: { setCursor: [(/** @type {uPlot} */ self) => tell(self.cursor.idx)] },
    axes: [{ ...axis, space: 72, grid: { show: false }, values: (/** @type {unknown} */ _, /** @type {number[]} */ marks) => marks.map(mark) }, { ...axis, size: 56, values: (/** @type {unknown} */ _, /** @type {number[]} */ marks) => marks.map(format) }],
    scales: { y: { range: (/** @type {unknown} */ _, /** @type {number} */ low, /** @type {number} */ high) => [Math.min(0, low ?? 0), high > 0 ? high * 1.08 : 1] } },
    series: [
      {},
      ...lines.map((line, at) => {
        const stroke = colour(`--line-${(at % 4) + 1}`);
        // Where nothing was measured the line goes on to the next that was.
        return { label: line.name, stroke, width: 2, fill: at ? undefined : stroke.replace(/^rgb\((.+)\)$/, "rgba($1, .11)"), spanGaps: true, points: { size: 5, show: line.values.filter((value) => value !== null).length < 3 } };
      }),
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
    {},
    el("caption", { class: "unseen" }, title),
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Time"), lines.map((line) => el("th", { scope: "col" }, line.name)))),
    el("tbody", {}, times.map(row)),
  );
}
