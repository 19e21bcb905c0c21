// Files that will go with the message: sent up while one writes, with their progress, taken out again as one likes.
import { addressOf, isAbort, remove, upload } from "../../api.js";
import { el, fill } from "../../dom.js";
import { bytes } from "../../format.js";
import { iconButton } from "../../components/button.js";
import { icon } from "../../components/icon.js";
import { who } from "../../session.js";
import { isPicture } from "./attached.js";

const MOST_FILES = 10;
const ACCEPT = ".png,.jpg,.jpeg,.gif,.webp,.txt,.md,.csv,.tsv,.json,.pdf,.docx,.xlsx,.html,text/*";
const AT_ONCE = 2;

/**
 * @typedef {object} Item
 * @property {HTMLElement} element
 * @property {import("./drafts.js").Attached | null} file null until it is uploaded
 * @property {boolean} failed
 * @property {AbortController} stop
 */

/**
 * @param {object} of
 * @param {AbortSignal} of.signal
 * @param {import("./drafts.js").Attached[]} of.files that were uploaded before
 * @param {() => void} of.changed
 */
export function tray({ signal, files, changed }) {
  /** @type {Item[]} */
  let items = [];
  /** @type {(() => Promise<void>)[]} */
  const waiting = [];
  let running = 0;
  const fault = el("p", { class: "fault", role: "alert" });
  const list = el("ul", { class: "tray", "aria-label": "Files to be sent" });
  const chooser = el("input", { type: "file", multiple: true, accept: ACCEPT, class: "unseen", tabindex: "-1", "aria-hidden": "true" });
  chooser.addEventListener("change", () => {
    add([...(chooser.files ?? [])]);
    chooser.value = "";
  });
  const most = who().most_upload_bytes;
  const limits = `Pictures, text, PDF, Word and Excel files can be attached: at most ${MOST_FILES} to a message, ${bytes(most)} each.`;
  const element = el("div", { class: "tray-box" }, fault, list, chooser);
  signal.addEventListener("abort", () => items.forEach((item) => item.stop.abort()));

  function show() {
    fill(list, items.map((item) => item.element));
    list.hidden = !items.length;
  }

  /** @param {File[]} chosen */
  function add(chosen) {
    fault.textContent = "";
    const room = MOST_FILES - items.length;
    if (chosen.length > room) fault.textContent = `At most ${MOST_FILES} files go with a message; ${room > 0 ? `the first ${room} were taken` : "take one out first"}.`;
    for (const file of chosen.slice(0, Math.max(0, room))) begin(file);
    show();
    changed();
  }

  /** @param {File} file */
  function begin(file) {
    if (file.size > most) return refuse(file);
    const progress = el("progress", { max: 1, value: 0, "aria-label": `Sending ${file.name}` });
    const state = el("small", {}, bytes(file.size));
    const picture = file.type.startsWith("image/") ? thumbnail(URL.createObjectURL(file), true) : icon("file-text");
    const item = made(file.name, picture, [state, progress]);
    waiting.push(async () => {
      if (item.stop.signal.aborted) return;
      const form = new FormData();
      form.append("file", file);
      try {
        const sent = await upload("/files", form, { signal: item.stop.signal, progress: (part) => (progress.value = part) });
        item.file = { id: sent.id, name: sent.name, media_type: sent.media_type, size: sent.size };
        progress.remove();
      } catch (error) {
        if (isAbort(error)) return;
        item.failed = true;
        progress.remove();
        item.element.classList.add("failed");
        state.textContent = error instanceof Error ? error.message : String(error);
      }
      changed();
    });
    void next();
  }

  /** One that the server would not take is not sent. @param {File} file */
  function refuse(file) {
    const item = made(file.name, icon("file-text"), [el("small", {}, `It has ${bytes(file.size)}; a file may have ${bytes(most)}.`)]);
    item.failed = true;
    item.element.classList.add("failed");
  }

  async function next() {
    if (running >= AT_ONCE) return;
    const work = waiting.shift();
    if (!work) return;
    running += 1;
    try {
      await work();
    } finally {
      running -= 1;
      void next();
    }
  }

  /**
   * @param {string} name
   * @param {Node} picture
   * @param {Node[]} more
   * @returns {Item}
   */
  function made(name, picture, more) {
    const item = /** @type {Item} */ ({ file: null, failed: false, stop: new AbortController() });
    item.element = el("li", {}, picture, el("span", { class: "stack" }, el("span", { class: "file-name" }, name), more), iconButton("x", `Take out ${name}`, () => drop(item)));
    items.push(item);
    return item;
  }

  /** @param {Item} item */
  function drop(item) {
    item.stop.abort();
    items = items.filter((each) => each !== item);
    // What no message has is forgotten by the server anyhow; so it need not be waited for.
    if (item.file) remove(`/files/${item.file.id}`).catch(() => null);
    fault.textContent = "";
    show();
    changed();
  }

  /** @param {import("./drafts.js").Attached[]} uploaded */
  function replace(uploaded) {
    items = [];
    for (const file of uploaded) {
      const picture = isPicture(file.media_type) ? thumbnail(addressOf(`/files/${file.id}/content`, { disposition: "inline" }), false) : icon("file-text");
      made(file.name, picture, [el("small", {}, bytes(file.size))]).file = file;
    }
    show();
  }

  replace(files);
  return {
    element,
    limits,
    add,
    replace,
    pick: () => chooser.click(),
    clear: () => replace([]),
    ready: () => items.flatMap((item) => (item.file ? [item.file] : [])),
    why: () => {
      if (items.some((item) => item.failed)) return "Take out the file that was refused first.";
      return items.some((item) => !item.file) ? "A file is still on its way; send when it is there." : null;
    },
  };
}

/**
 * @param {string} address
 * @param {boolean} isOurs whether it is forgotten when it was shown
 */
function thumbnail(address, isOurs) {
  const image = el("img", { src: address, alt: "", class: "thumbnail" });
  const done = () => isOurs && URL.revokeObjectURL(address);
  image.addEventListener("load", done, { once: true });
  image.addEventListener("error", () => {
    done();
    image.replaceWith(icon("image"));
  }, { once: true });
  return image;
}
