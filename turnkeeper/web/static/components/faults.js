// Faults of the server at the fields that they are about, however deep in the body those are.
import { ApiError } from "../api.js";

/**
 * Show each fault at the nearest field: `data-field` is a JSON Pointer without its first slash. What has no field is told
 * in `whole`. The first field gets the focus, and whatever folds it away is opened.
 * @param {HTMLElement} within
 * @param {HTMLElement} whole
 * @param {unknown} error
 */
export function showFaults(within, whole, error) {
  clearFaults(within);
  const faults = error instanceof ApiError ? error.errors.filter((each) => each.pointer) : [];
  /** @type {string[]} */
  const rest = [];
  /** @type {HTMLElement | null} */
  let first = null;
  for (const { pointer, detail } of faults) {
    const box = boxOf(within, pointer ?? "");
    const place = box?.querySelector(":scope > .fault");
    if (!box || !place) {
      rest.push(detail);
      continue;
    }
    place.textContent = [place.textContent, detail].filter(Boolean).join(" ");
    const control = /** @type {HTMLElement | null} */ (box.querySelector("input, textarea, select, button"));
    control?.setAttribute("aria-invalid", "true");
    first ??= control;
  }
  if (!faults.length) rest.push(error instanceof Error ? error.message : String(error));
  whole.textContent = rest.join(" ");
  for (let fold = first?.closest("details"); fold; fold = fold.parentElement?.closest("details")) fold.open = true;
  first?.focus();
}

/** @param {HTMLElement} within */
export function clearFaults(within) {
  for (const place of within.querySelectorAll(".fault")) place.textContent = "";
  for (const control of within.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
}

/**
 * @param {HTMLElement} within
 * @param {string} pointer
 */
function boxOf(within, pointer) {
  const parts = pointer.replace(/^\//, "").split(/[/.]/);
  for (; parts.length; parts.pop()) {
    const box = within.querySelector(`[data-field="${CSS.escape(parts.join("/"))}"]`);
    if (box) return box;
  }
  return null;
}
