// What can be done with a conversation: rename, label, archive, take along, delete. The list and its own page offer the same.
import { addressOf, patch, post, remove, send } from "../../api.js";
import { confirm, dialog } from "../../components/dialog.js";
import { doing } from "../../components/doing.js";
import { area, field, form, input } from "../../components/form.js";
import { tell, toast } from "../../components/toast.js";
import { el } from "../../dom.js";
import { go } from "../../router.js";
import { may } from "../../session.js";

/**
 * @param {any} talk
 * @param {{changed: () => void | Promise<void>, gone: () => void | Promise<void>}} told
 * @returns {(import("../../components/menu.js").MenuItem | "line")[]}
 */
export function actionsOn(talk, { changed, gone }) {
  const exports = /** @type {import("../../components/menu.js").MenuItem[]} */ ([
    { words: "Export as JSON", icon: "download", href: addressOf(`/conversations/${talk.id}/export`, { format: "json" }) },
    { words: "Export as Markdown", icon: "file-text", href: addressOf(`/conversations/${talk.id}/export`, { format: "markdown" }) },
  ]);
  if (!may("converse")) return exports;
  return [
    { words: "Open in the chat", icon: "message-circle", href: `/chat/${talk.id}` },
    { words: "Rename …", icon: "pencil", onchoose: () => rename(talk, changed) },
    { words: "Labels …", icon: "layers", onchoose: () => label(talk, changed) },
    { words: talk.archived_at ? "Take out of the archive" : "Archive", icon: "package", onchoose: () => archive(talk, changed) },
    "line",
    ...exports,
    "line",
    { words: "Delete …", icon: "trash-2", danger: true, onchoose: () => erase(talk, gone) },
  ];
}

/**
 * @param {any} talk
 * @param {() => void | Promise<void>} changed
 */
export async function rename(talk, changed) {
  const etag = await versionOf(talk);
  if (!etag) return;
  dialog("Rename the conversation", (close) => [
    form({
      fields: [field("Title", "title", input({ value: talk.title, maxlength: 300, autocomplete: "off" }), { hint: "Empty: its first message stands for it." })],
      words: "Rename",
      cancel: close,
      submit: async (_, data) => {
        const renamed = await patch(`/conversations/${talk.id}`, { title: String(data.get("title")).trim() || null }, { headers: { "If-Match": etag } });
        Object.assign(talk, renamed);
        close();
        await changed();
      },
    }),
  ]);
}

/**
 * @param {any} talk
 * @param {() => void | Promise<void>} changed
 */
async function label(talk, changed) {
  const etag = await versionOf(talk);
  if (!etag) return;
  const lines = Object.entries(talk.metadata).map(([key, value]) => `${key}=${value}`);
  dialog("Labels", (close) => [
    form({
      fields: [
        field("Tags", "tags", input({ value: talk.tags.join(", "), autocomplete: "off" }), { hint: "With commas between them; up to 20." }),
        field("Metadata", "metadata", area({ value: lines.join("\n"), rows: 5, spellcheck: "false", class: "mono" }), { hint: "One key=value a line." }),
      ],
      words: "Save",
      cancel: close,
      submit: async (_, data) => {
        const tags = String(data.get("tags")).split(",").map((tag) => tag.trim()).filter(Boolean);
        /** @type {Record<string, string | null>} */
        const metadata = Object.fromEntries(Object.keys(talk.metadata).map((key) => [key, null]));
        for (const line of String(data.get("metadata")).split("\n").filter((text) => text.trim())) {
          const at = line.indexOf("=");
          if (at < 1) throw new Error(`“${line.slice(0, 60)}” is no key=value.`);
          metadata[line.slice(0, at).trim()] = line.slice(at + 1);
        }
        await patch(`/conversations/${talk.id}`, { tags: [...new Set(tags)], metadata }, { headers: { "If-Match": etag } });
        close();
        await changed();
      },
    }),
  ]);
}

/**
 * @param {any} talk
 * @param {() => void | Promise<void>} changed
 */
export function archive(talk, changed) {
  return doing({
    work: () => patch(`/conversations/${talk.id}`, { archived: !talk.archived_at }),
    done: talk.archived_at ? "It is back in the list." : "It is archived: lists leave it out, and it works as before.",
    changed,
  });
}

/**
 * @param {any} talk
 * @param {() => void | Promise<void>} gone
 */
export async function erase(talk, gone) {
  const sentence = "Its messages, events, records of tools, approvals and memory are gone for good, at every door. A message that is being answered is cut off. This cannot be taken back.";
  if (!(await confirm(`Delete “${shortened(talk.title)}”?`, sentence, "Delete for good"))) return;
  try {
    const removed = await remove(`/conversations/${talk.id}`);
    toast(`The conversation is deleted: ${removed.messages} messages and ${removed.events} events.`);
    await gone();
  } catch (error) {
    tell(error);
  }
}

/**
 * A conversation of one's own with everything up to a message; shown at once.
 * @param {any} talk
 * @param {string} message
 */
export async function fork(talk, message) {
  try {
    const made = await post(`/conversations/${talk.id}/fork`, { message });
    toast("The fork is a conversation of your own; what you say there changes nothing here.");
    go(`/conversations/${made.id}`);
  } catch (error) {
    tell(error);
  }
}

/** Choose a file that was exported, and make a conversation of it. */
export function importing() {
  const choice = el("input", { type: "file", accept: "application/json,.json", class: "unseen", tabindex: "-1", "aria-hidden": "true" });
  return new Promise((done) => {
    choice.addEventListener("change", async () => {
      const file = choice.files?.[0];
      choice.remove();
      if (!file) return done(null);
      try {
        const answer = await send("POST", "/conversations/import", { body: file, headers: { "Content-Type": "application/json" } });
        const made = await answer.json();
        toast("The conversation is imported.");
        go(`/conversations/${made.id}`);
      } catch (error) {
        tell(error);
      }
      done(null);
    });
    choice.addEventListener("cancel", () => (choice.remove(), done(null)));
    document.body.append(choice);
    choice.click();
  });
}

/** @param {any} talk */
async function versionOf(talk) {
  try {
    const answer = await send("GET", `/conversations/${talk.id}`);
    Object.assign(talk, await answer.json());
    return answer.headers.get("ETag");
  } catch (error) {
    tell(error);
    return null;
  }
}

/** @param {string} text */
const shortened = (text) => (text.length > 60 ? `${text.slice(0, 60)} …` : text || "this conversation");
