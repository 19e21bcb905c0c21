// A turn drawn as bars over time: one row for each stretch, walked by arrows, one of them chosen.
import { icon } from "../../components/icon.js";
import { scrolled } from "../../components/scroll.js";
import { el, fill, unique } from "../../dom.js";
import { duration, money, number } from "../../format.js";
import { KINDS, marks } from "./details.js";
import { scaleOf } from "./spans.js";

/** @typedef {import("./spans.js").Span} Span */
/** @typedef {import("./spans.js").Course} Course */

/** The rows of a turn as they are read: an attempt before what it did.
 * @param {Course} course
 * @returns {Span[]}
 */
export function rowsOf(course) {
  const attempts = course.spans.filter((span) => span.kind === "attempt").length;
  const shown = course.spans.filter((span) => span.kind !== "attempt" || attempts > 1);
  const all = course.pending ? [...shown, course.pending] : shown;
  return all.sort((a, b) => a.start - b.start || a.attempt - b.attempt || Number(b.kind === "attempt") - Number(a.kind === "attempt"));
}

/**
 * @param {(span: Span) => void} chosen
 */
export function waterfall(chosen) {
  const axis = el("div", { class: "axis", "aria-hidden": "true" });
  const lines = el("div", { class: "axis-lines", "aria-hidden": "true" });
  const list = el("div", { class: "bars", role: "listbox", "aria-label": "Parts of the turn, in order of time", id: unique("bars") });
  const note = el("p", { class: "soft small", hidden: true }, "Long waits are drawn shorter; the times beside them are true.");
  const element = el("div", { class: "waterfall" }, axis, el("div", { class: "bars-box" }, lines, list), note);
  /** @type {Map<string, {row: HTMLElement, paint: (course: Course, now: number, place: (at: number) => number) => void}>} */
  const known = new Map();
  /** @type {Span[]} */
  let rows = [];
  let current = "";

  /** @param {string} id */
  function choose(id, focus = true) {
    const span = rows.find((each) => each.id === id);
    if (!span) return;
    current = id;
    for (const [key, { row }] of known) {
      row.setAttribute("aria-selected", String(key === id));
      row.tabIndex = key === id ? 0 : -1;
    }
    if (focus) known.get(id)?.row.focus();
    chosen(span);
  }
  list.addEventListener("keydown", (event) => {
    const at = rows.findIndex((span) => span.id === current);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    choose(rows[Math.min(rows.length - 1, Math.max(0, to))].id);
  });

  /**
   * @param {Course} course
   * @param {number} now
   */
  function update(course, now) {
    rows = rowsOf(course);
    const scale = scaleOf(course, now);
    const wanted = rows.map((span) => {
      const made = known.get(span.id);
      if (made) return made.row;
      const fresh = bar(span, () => choose(span.id));
      fresh.row.setAttribute("aria-selected", String(span.id === current));
      fresh.row.tabIndex = span.id === current || (!current && rows[0] === span) ? 0 : -1;
      known.set(span.id, fresh);
      return fresh.row;
    });
    for (const key of [...known.keys()]) if (!rows.some((span) => span.id === key)) known.delete(key);
    if (wanted.length !== list.children.length || wanted.some((row, place) => list.children[place] !== row)) {
      const held = /** @type {HTMLElement | null} */ (list.contains(document.activeElement) ? document.activeElement : null);
      list.replaceChildren(...wanted);
      held?.focus();
    }
    for (const { paint } of known.values()) paint(course, now, scale.place);
    fill(axis, scale.ticks.map((at) => el("span", { style: { left: percent(scale.place(at)) } }, at === scale.from ? "0" : `+${duration(at - scale.from)}`)));
    fill(
      lines,
      scale.ticks.map((at) => el("i", { style: { left: percent(scale.place(at)) } })),
      scale.breaks.map((each) => el("b", { style: { left: percent(scale.place(each.start)), width: percent(scale.place(each.end) - scale.place(each.start)) } })),
    );
    note.hidden = scale.breaks.length === 0;
  }
  return { element, update, choose, get current() { return current; }, span: () => rows.find((each) => each.id === current) ?? null, rows: () => rows };
}

/**
 * @param {Span} span
 * @param {() => void} pressed
 */
function bar(span, pressed) {
  const name = el("span", { class: "bar-name" });
  const length = el("span", { class: "bar-length" });
  const begun = el("span", { class: "unseen" });
  const first = el("i", { class: "bar-first" });
  const box = el("span", { class: "bar" }, first);
  const row = el("div", { role: "option", class: `bar-row of-${span.kind}`, id: unique("bar"), dataset: { span: span.id }, onclick: pressed }, name, el("span", { class: "lane" }, box), length, begun);
  let shown = "";

  /**
   * @param {Course} course
   * @param {number} now
   * @param {(at: number) => number} place
   */
  function paint(course, now, place) {
    const end = span.end ?? Math.max(now, span.start);
    const [from, to] = [place(span.start), place(end)];
    Object.assign(box.style, { left: percent(from), width: percent(Math.max(0, to - from)) });
    first.style.width = span.first && to > from ? percent((place(span.first) - from) / (to - from)) : span.kind === "model" && span.end === null && !span.first ? "100%" : "0";
    box.className = `bar${span.end === null ? " running" : ""}${span.cut || span.failed ? " failed" : ""}${span.isVoid ? " void" : ""}`;
    length.textContent = span.kind === "attempt" ? "" : duration(end - span.start);
    const said = marks(span).filter((mark) => mark.words !== "running");
    const state = `${span.kind}${span.name}${said.map((mark) => mark.words).join()}`;
    if (state !== shown) {
      shown = state;
      row.className = `bar-row of-${span.kind}`;
      fill(name, icon(KINDS[span.kind].icon, 16), el("span", { class: "unseen" }, `${KINDS[span.kind].words}: `), el("span", { title: span.name }, span.name), said.slice(0, 1).map((mark) => el("span", { class: `tag ${mark.kind}` }, mark.words)));
    }
    const after = `, ${duration(span.start - course.began)} after the start${said.slice(1).map((mark) => `, ${mark.words}`).join("")}`;
    if (begun.textContent !== after) begun.textContent = after;
  }
  return { row, paint };
}

/**
 * The same as a table, for those who do not see bars or want the figures.
 * @param {Course} course
 * @param {number} now
 */
export function spanTable(course, now) {
  const heads = ["Part", "Kind", "Attempt", "Began", "First token", "Took", "Tokens in", "Tokens out", "Cost", "State"];
  return scrolled(
    "Parts of the turn",
    el(
      "table",
      { class: "table dense" },
      el("caption", { class: "unseen" }, "Parts of the turn, in order of time"),
      el("thead", {}, el("tr", {}, heads.map((head, place) => el("th", { scope: "col", class: place > 1 && place < 9 ? "number" : null }, head)))),
      el(
        "tbody",
        {},
        rowsOf(course).map((span) => {
          const usage = span.facts.usage;
          const cells = [
            KINDS[span.kind].words,
            number(span.attempt),
            `+${duration(span.start - course.began)}`,
            span.first ? duration(span.first - span.start) : "",
            span.kind === "attempt" ? "" : duration((span.end ?? now) - span.start),
            usage ? number(usage.input_tokens) : "",
            usage ? number(usage.output_tokens) : "",
            usage && usage.cost_usd !== null ? money(usage.cost_usd) : "",
            marks(span).map((mark) => mark.words).join(", ") || (span.kind === "attempt" ? "" : "done"),
          ];
          return el("tr", {}, el("th", { scope: "row" }, span.name), cells.map((cell, place) => el("td", { class: place > 0 && place < 8 ? "number" : null }, cell)));
        }),
      ),
    ),
  );
}

/** @param {number} share */
const percent = (share) => `${(share * 100).toFixed(3)}%`;
