// Tables that are read page by page: dense, with the next page below when it is wanted.
import { get, isAbort } from "../api.js";
import { el, fill } from "../dom.js";
import { button } from "./button.js";
import { empty, failure, skeleton } from "./empty.js";
import { scrolled } from "./scroll.js";

/**
 * @template T
 * @typedef {object} Column
 * @property {string} title
 * @property {(row: T) => import("../dom.js").Child} cell
 * @property {boolean} [quiet] the title is for those who cannot see: a column of buttons
 * @property {boolean} [number] digits stand below digits
 * @property {boolean} [plain] its cells need no title to be understood
 */

/** @typedef {{element: HTMLElement, reload: (query?: Record<string, any>) => Promise<void>}} Table */

/**
 * @template T
 * @param {object} of
 * @param {string} of.caption what it is a table of
 * @param {string} of.path of the list, behind `/v1`
 * @param {Record<string, any>} [of.query]
 * @param {Column<T>[]} of.columns
 * @param {{title: string, sentence: string, icon?: string, action?: Node}} of.nothing shown in the place of no rows
 * @param {(page: any) => import("../dom.js").Child} [of.remark] what is to be said of a page, below it
 * @param {AbortSignal} of.signal
 * @returns {Table}
 */
export function table({ caption, path, query = {}, columns, nothing, remark = () => null, signal }) {
  const body = el("tbody");
  const more = el("div", { class: "more" });
  const scroll = scrolled(
    caption,
    el(
      "table",
      { class: "table blocks" },
      el("caption", { class: "unseen" }, caption),
      el(
        "thead",
        {},
        el("tr", {}, columns.map((column) => el("th", { scope: "col", class: classOf(column) }, column.quiet ? el("span", { class: "unseen" }, column.title) : column.title))),
      ),
      body,
    ),
  );
  const element = el("div", { class: "list" }, skeleton(4));
  let asked = 0;

  /**
   * @param {string | null} cursor
   * @param {number} mine
   * @param {number} [least] rows, where there are as many
   */
  async function load(cursor, mine, least = 0) {
    try {
      const rows = [];
      let page = { items: [], has_more: true, next_cursor: cursor };
      do {
        page = await get(path, { query: { limit: 50, ...query, cursor: page.next_cursor }, signal });
        if (mine !== asked) return;
        rows.push(...page.items.map((/** @type {T} */ row) => el("tr", {}, columns.map((column, place) => cellOf(column, row, place)))));
      } while (page.has_more && rows.length < least);
      if (cursor === null) body.replaceChildren();
      body.append(...rows);
      fill(element, body.children.length ? scroll : empty(nothing), more);
      fill(more, remark(page), page.has_more ? button("Show more", { kind: "quiet", onclick: () => load(page.next_cursor, mine) }) : null);
    } catch (error) {
      if (!isAbort(error) && mine === asked) fill(element, failure(error, () => load(cursor, mine, least)));
    }
  }

  /** @param {Record<string, any>} [changed] another filter */
  async function reload(changed) {
    if (changed) query = changed;
    // Who looks at more than the first page goes on looking at it.
    await load(null, ++asked, changed ? 0 : body.children.length);
  }
  void reload();
  return { element, reload };
}

/**
 * @param {Column<any>} column
 * @param {any} row
 * @param {number} place
 */
function cellOf(column, row, place) {
  const content = column.cell(row);
  // Where it is narrow a row is a block, and its cells say what they are; all but what says so by itself.
  return place === 0
    ? el("th", { scope: "row", class: classOf(column) }, content)
    : el("td", { class: classOf(column), dataset: column.quiet || column.plain ? {} : { title: column.title } }, content);
}

/** @param {Column<any>} column */
const classOf = (column) => [column.number ? "number" : "", column.quiet ? "buttons" : ""].join(" ").trim() || null;
