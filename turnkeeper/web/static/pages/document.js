// A document: its text, where its passages begin and end, and a stretch of it that somebody cited.
import { get, isAbort, items } from "../api.js";
import { button } from "../components/button.js";
import { failure, skeleton } from "../components/empty.js";
import { sourceText } from "../components/source.js";
import { time } from "../components/time.js";
import { el, fill } from "../dom.js";
import { bytes, number } from "../format.js";

export const title = "Document";

const WINDOW = 60_000;
const MOST_PASSAGES = 3_000;

/** @param {import("../router.js").Visit} visit */
export async function show({ root, params, query, signal, title: call }) {
  const path = `/data-sets/${encodeURIComponent(params.data_set)}/documents/${encodeURIComponent(params.document)}`;
  const marked = { start: Number(query.get("start") ?? -1), end: Number(query.get("end") ?? -1) };
  const version = query.get("version");
  fill(root, el("h1", { class: "unseen" }, "Document"), skeleton(10));
  try {
    const from = marked.start > WINDOW ? marked.start - 5_000 : 0;
    const [document, passages] = await Promise.all([get(path, { query: { start: from, end: from + WINDOW, version }, signal }), passagesOf(path, signal)]);
    call(document.title || document.address);
    const text = el("div", { class: "document" }, stretches(document.text, document.start, passages, marked));
    const before = el("div", { class: "more" });
    const more = el("div", { class: "more" });
    const grow = (/** @type {number} */ end) =>
      fill(
        more,
        end < document.length
          ? button(`Show more: ${number(document.length - end)} characters`, {
              kind: "quiet",
              onclick: async () => {
                const next = await get(path, { query: { start: end, end: end + WINDOW }, signal });
                text.append(...stretches(next.text, next.start, passages, marked));
                grow(next.end);
              },
            })
          : null,
      );
    grow(document.end);
    if (document.start > 0) fill(before, el("a", { class: "button quiet", href: location.pathname }, "From its beginning"));
    fill(
      root,
      el(
        "header",
        { class: "page-head tight" },
        el(
          "div",
          {},
          el("a", { class: "back", href: `/data-sets/${params.data_set}` }, "The data set"),
          el("h1", {}, document.title || document.address),
          el("p", { class: "soft mono" }, document.address),
          el("div", { class: "set-facts" }, el("span", { class: "tag" }, document.kind), el("span", {}, bytes(document.size)), el("span", {}, `${number(document.passages)} passages`), el("span", {}, `version ${number(document.version)}`), el("span", {}, "changed ", time(document.updated_at))),
        ),
      ),
      document.is_changed ? el("p", { class: "remark" }, "The text is another one by now than the one that was cited, so that the mark may stand in the wrong place.") : null,
      before,
      text,
      more,
    );
    const mark = text.querySelector("mark");
    if (mark) mark.scrollIntoView({ block: "center" });
  } catch (error) {
    if (!isAbort(error)) fill(root, failure(error, () => show({ root, params, query, signal, title: call }), "h1"));
  }
}

/**
 * @param {string} path
 * @param {AbortSignal} signal
 */
async function passagesOf(path, signal) {
  const found = [];
  for await (const passage of items(`${path}/passages`, {}, signal)) if (found.push(passage) >= MOST_PASSAGES) break;
  return found;
}

/**
 * A stretch of the text as its passages, with what stands between them.
 * @param {string} text
 * @param {number} offset where the stretch begins, in characters of the document
 * @param {any[]} passages
 * @param {{start: number, end: number}} marked
 */
function stretches(text, offset, passages, marked) {
  // Offsets count characters, not the halves of which a string of the browser is made.
  const signs = Array.from(text);
  const end = offset + signs.length;
  const cut = (/** @type {number} */ a, /** @type {number} */ b) => withMark(signs, offset, Math.max(a, offset), Math.min(b, end), marked);
  const made = [];
  let at = offset;
  passages.forEach((passage, place) => {
    if (passage.end <= offset || passage.start >= end) return;
    if (passage.start > at) made.push(...between(cut(at, passage.start)));
    made.push(
      el(
        "section",
        { class: "passage", "aria-label": `Passage ${place + 1}` },
        el("p", { class: "passage-head" }, el("strong", {}, String(place + 1)), passage.context ? el("span", { class: "clip" }, passage.context) : null, passage.has_vector ? null : el("span", { class: "tag warn" }, "no vector yet")),
        el("div", { class: "passage-text" }, cut(passage.start, passage.end)),
      ),
    );
    at = passage.end;
  });
  if (at < end) made.push(...between(cut(at, end)));
  return made;
}

/** @param {import("../dom.js").Child} content what belongs to no passage; empty lines are left out */
function between(content) {
  const made = el("div", { class: "between" }, content);
  return made.textContent?.trim() ? [made] : [];
}

/**
 * @param {string[]} signs
 * @param {number} offset
 * @param {number} from
 * @param {number} to
 * @param {{start: number, end: number}} marked
 */
function withMark(signs, offset, from, to, marked) {
  const piece = (/** @type {number} */ a, /** @type {number} */ b) => signs.slice(a - offset, b - offset).join("");
  const start = Math.max(from, marked.start);
  const end = Math.min(to, marked.end);
  if (marked.end <= marked.start || start >= end) return sourceText(piece(from, to));
  return sourceText(piece(from, start), piece(start, end), piece(end, to));
}
