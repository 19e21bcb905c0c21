// How conversations are called in the console: where they come from, how they stand, whose they are.
import { items } from "../../api.js";
import { el } from "../../dom.js";
import { may } from "../../session.js";

const ORIGINS = /** @type {Record<string, string>} */ ({ api: "API", web: "Web", slack: "Slack", discord: "Discord" });
const STATUSES = /** @type {Record<string, {words: string, kind: string}>} */ ({
  active: { words: "Active", kind: "good" },
  completed: { words: "Completed", kind: "" },
  error: { words: "Error", kind: "bad" },
  abandoned: { words: "Abandoned", kind: "warn" },
});

/** @param {string} origin */
export const originTag = (origin) => el("span", { class: `tag origin ${origin}` }, ORIGINS[origin] ?? origin);
/** @param {string} status */
export const statusTag = (status) => el("span", { class: `tag ${STATUSES[status]?.kind ?? ""}` }, STATUSES[status]?.words ?? status);

export const ORIGIN_CHOICES = Object.entries(ORIGINS).map(([value, words]) => ({ value, words }));
export const STATUS_CHOICES = Object.entries(STATUSES).map(([value, { words }]) => ({ value, words }));

/**
 * The names of accounts, for those who may know them.
 * @param {AbortSignal} signal
 * @returns {Promise<Map<string, string>>}
 */
export async function accountNames(signal) {
  const names = new Map();
  if (!may("admin")) return names;
  try {
    for await (const member of items("/members", {}, signal)) {
      names.set(member.id, member.name);
      if (names.size >= 1_000) break;
    }
  } catch {
    // Without names the ids are shown.
  }
  return names;
}

/**
 * What is to be said of a search that did not know every message.
 * @param {any} page of conversations
 */
export const searchRemark = (page) => (page.has_all_words === false ? el("p", { class: "soft small" }, "Older messages are still being read for their words, so not all of them were searched; search again in a while.") : null);

/**
 * What a search found, with its words marked. They come between `**`, which also stands for itself in what was said: so the words
 * that were looked for are marked, and the stars are left out.
 * @param {string} snippet
 * @param {string} search
 */
export function marked(snippet, search) {
  const words = search.replace(/(^|\s)-\S+/g, " ").match(/[\p{L}\p{N}]+/gu) ?? [];
  const text = snippet.replaceAll("**", "");
  const parts = words.length ? text.split(new RegExp(`(?<![\\p{L}\\p{N}])(${words.join("|")})(?![\\p{L}\\p{N}])`, "giu")) : [text];
  return el("span", { class: "snippet" }, parts.map((part, place) => (place % 2 ? el("mark", {}, part) : part)));
}
