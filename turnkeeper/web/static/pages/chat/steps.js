// What an agent does before it answers: thoughts folded, calls of tools with what went in and what came out.
import { el, fill } from "../../dom.js";
import { duration } from "../../format.js";
import { copyButton } from "../../components/copy.js";
import { icon } from "../../components/icon.js";
import { GrowingMarkdown } from "../../markdown.js";

const MOST_SHOWN = 20_000;

/** @typedef {{element: HTMLElement, update: (part: import("./course.js").Part) => void}} PartView */

/**
 * @param {import("./course.js").Part} part
 * @returns {PartView}
 */
export function partView(part) {
  const made = part.kind === "tool" ? toolView() : part.kind === "thinking" ? thoughtView() : textView();
  made.update(part);
  return made;
}

/** @returns {PartView} */
function textView() {
  const growing = new GrowingMarkdown();
  const element = el("div", { class: "said-before" }, growing.element);
  return { element, update: (part) => growing.set(part.text) };
}

/** @returns {PartView} */
function thoughtView() {
  const text = el("p", { class: "thought" });
  const element = el("details", { class: "step" }, el("summary", {}, icon("sparkles", 16), el("span", { class: "step-name" }, "Thoughts"), icon("chevron-right", 16)), text);
  return {
    element,
    update: (part) => {
      if (text.textContent !== part.text) text.textContent = part.text;
    },
  };
}

/** @returns {PartView} */
function toolView() {
  const name = el("code", { class: "step-name" });
  const state = el("span", { class: "step-state" });
  const body = el("div", { class: "step-body" });
  const element = el("details", { class: "step" }, el("summary", {}, icon("wrench", 16), name, state, icon("chevron-right", 16)), body);
  let shown = "";
  /** @type {import("./course.js").Part} */
  let now;
  const unfold = () => {
    const mark = `${now.state} ${now.output?.length} ${now.input === undefined}`;
    if (!element.open || mark === shown) return;
    shown = mark;
    fill(
      body,
      now.input === undefined ? null : payload("Input", JSON.stringify(now.input, null, 2)),
      now.output === undefined ? el("p", { class: "soft" }, "Nothing came back yet.") : payload("Output", pretty(now.output)),
    );
  };
  element.addEventListener("toggle", unfold);
  return {
    element,
    update: (part) => {
      now = part;
      name.textContent = part.tool ?? "";
      element.dataset.state = part.state;
      const took = part.began && part.ended ? duration(new Date(part.ended).getTime() - new Date(part.began).getTime()) : "";
      const words = { running: "running …", completed: took || "done", error: took ? `failed after ${took}` : "did not end" };
      if (part.state) state.textContent = part.asks ? "waits for a decision" : words[part.state];
      unfold();
    },
  };
}

/**
 * A text of a tool, at most so much of it as can be looked at; the copy has all of it.
 * @param {string} label
 * @param {string} text
 */
export function payload(label, text) {
  const rest = text.length - MOST_SHOWN;
  return el(
    "div",
    { class: "code" },
    el("div", { class: "code-head" }, el("span", {}, label), copyButton(() => text, `Copy: ${label}`)),
    el("pre", { tabindex: "0", role: "region", "aria-label": label }, el("code", {}, rest > 0 ? text.slice(0, MOST_SHOWN) : text)),
    rest > 0 ? el("p", { class: "cut" }, `… and ${rest.toLocaleString()} characters more; the copy has them.`) : null,
  );
}

/** @param {string} text */
function pretty(text) {
  if (!/^\s*[[{]/.test(text) || text.length > 500_000) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
