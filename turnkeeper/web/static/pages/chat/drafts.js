// What is written and not sent yet, kept in this browser for each conversation; and what was sent without an answer.
import { who } from "../../session.js";

const LIFE_MS = 12 * 3_600_000; // Keys of requests are kept by the server for a day: half of that is safe.
const MOST_DRAFTS = 50;
const PREFIX = "turnkeeper.draft.";

/**
 * @typedef {{id: string, name: string, media_type: string, size: number}} Attached
 * @typedef {{key: string, body: any, at: number}} Sent a request whose answer is not known
 * @typedef {{text: string, files: Attached[], overlap?: string, sent?: Sent | null, at?: number}} Draft
 */

/** @param {string} conversation an id, or `new` */
export const draftName = (conversation) => `${PREFIX}${who().account.id}.${conversation}`;

/**
 * @param {string} name
 * @returns {Draft}
 */
export function readDraft(name) {
  try {
    const found = JSON.parse(localStorage.getItem(name) ?? "{}");
    const sent = found.sent && Date.now() - found.sent.at < LIFE_MS ? found.sent : null;
    return { text: String(found.text ?? ""), files: Array.isArray(found.files) ? found.files : [], overlap: found.overlap, sent };
  } catch {
    return { text: "", files: [], sent: null };
  }
}

/**
 * @param {string} name
 * @param {Draft} draft
 */
export function keepDraft(name, draft) {
  try {
    if (!draft.text && !draft.files.length && !draft.sent && !draft.overlap) localStorage.removeItem(name);
    else localStorage.setItem(name, JSON.stringify({ ...draft, at: Date.now() }));
    prune();
  } catch {
    // A browser that keeps nothing: the draft lives as long as the page.
  }
}

/** @param {string} name */
export function dropDraft(name) {
  keepDraft(name, { text: "", files: [] });
}

/** The last choice of an agent, so that the next talk begins with it. */
export const lastAgent = {
  get: () => read("turnkeeper.agent"),
  set: (/** @type {string} */ id) => write("turnkeeper.agent", id),
};

/** @param {string} name */
function read(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/**
 * @param {string} name
 * @param {string} value
 */
function write(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // As above.
  }
}

/** Leave out the oldest drafts when there are many. */
function prune() {
  const names = Object.keys(localStorage).filter((each) => each.startsWith(PREFIX));
  if (names.length <= MOST_DRAFTS) return;
  const at = (/** @type {string} */ name) => JSON.parse(localStorage.getItem(name) ?? "{}").at ?? 0;
  names.sort((a, b) => at(a) - at(b));
  for (const name of names.slice(0, names.length - MOST_DRAFTS)) localStorage.removeItem(name);
}
