// What an agent is made of: read, compared, and kept in the tab while it is being changed.
import { get, items, send } from "../../api.js";

const FIELDS = ["name", "description", "data_set", "instructions", "model", "tools", "limits", "settings"];

/** @returns {Record<string, any>} what a new agent begins with */
export function freshContent() {
  return completed({ name: "", description: null, data_set: null, instructions: "", model: null, tools: [], limits: {}, settings: {} });
}

/**
 * A copy that can be changed, with every part that fields write into.
 * @param {Record<string, any>} content
 * @returns {Record<string, any>}
 */
export function completed(content) {
  const copy = structuredClone(Object.fromEntries(FIELDS.map((name) => [name, content[name]])));
  const settings = copy.settings;
  copy.settings = {
    ...settings,
    mcp_servers: settings.mcp_servers ?? [],
    http: settings.http ?? [],
    approvals: { rules: [], deciders: "admins", expires_after_seconds: null, on_expiry: "deny", ...settings.approvals },
    memory: settings.memory ?? "window",
    overlap: settings.overlap ?? "enqueue",
    retention: { conversations_days: null, text_days: null, files_days: null, ...settings.retention },
  };
  return copy;
}

/**
 * The newest revision of an agent, which may be a draft, and the agent itself.
 * @param {string} id
 * @param {AbortSignal} signal
 */
export async function newest(id, signal) {
  const { agent, etag } = await withTag(id, signal);
  if (agent.latest_revision === agent.revision) return { agent, etag, content: completed(agent) };
  const revision = await get(`/agents/${agent.id}/revisions/${agent.latest_revision}`, { signal });
  return { agent, etag, content: completed(revision.content) };
}

/**
 * @param {string} id
 * @param {AbortSignal} signal
 */
async function withTag(id, signal) {
  const answer = await send("GET", `/agents/${encodeURIComponent(id)}`, { signal });
  return { agent: await answer.json(), etag: answer.headers.get("ETag") ?? "" };
}

/** @param {AbortSignal} signal */
export async function dataSets(signal) {
  const found = [];
  for await (const set of items("/data-sets", {}, signal)) found.push({ value: set.id, words: set.name });
  return found;
}

/**
 * A text for people to compare.
 * @param {Record<string, any>} content
 */
export function written(content) {
  const { instructions, ...rest } = content;
  return `${instructions ?? ""}\n\n${JSON.stringify(rest, null, 2)}`;
}

/**
 * Roughly how many tokens a text is, as the server estimates: four ASCII characters each, or one ideograph.
 * @param {string} text
 */
export function roughTokens(text) {
  let quarters = 0;
  for (const sign of text) {
    const code = sign.codePointAt(0) ?? 0;
    quarters += code < 128 ? 1 : code >= 0x2e80 ? 4 : 2;
  }
  return Math.ceil(quarters / 4);
}

/** Changes that were typed and not saved, kept in this tab, so that a reload or a wrong link loses nothing. */
export class Unsaved {
  /** @param {string} name */
  constructor(name) {
    this.name = `agent:${name}`;
  }

  /** @param {number} revision what was changed */
  read(revision) {
    try {
      const kept = JSON.parse(sessionStorage.getItem(this.name) ?? "null");
      return kept?.revision === revision ? kept.content : null;
    } catch {
      return null;
    }
  }

  /**
   * @param {number} revision
   * @param {Record<string, any>} content
   */
  write(revision, content) {
    try {
      sessionStorage.setItem(this.name, JSON.stringify({ revision, content }));
    } catch {
      // A full or forbidden store: what is typed then lives as long as the page.
    }
  }

  drop() {
    sessionStorage.removeItem(this.name);
  }
}
