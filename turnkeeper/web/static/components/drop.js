// A place for files: dropped on it, folders too, or chosen.
import { isAbort } from "../api.js";
import { el } from "../dom.js";
import { button } from "./button.js";
import { icon } from "./icon.js";
import { tell } from "./toast.js";

const MOST_FILES = 5_000;

/** @typedef {{file: File, name: string}} Dropped `name`: its path below what was dropped */

/**
 * @param {object} of
 * @param {string} of.words what to do
 * @param {string} of.hint what is read
 * @param {(files: Dropped[]) => void | Promise<void>} of.dropped
 */
export function dropZone({ words, hint, dropped }) {
  const chooser = el("input", { type: "file", multiple: true, class: "unseen", tabindex: "-1", "aria-label": "Files", "data-testid": "files" });
  const made = el(
    "div",
    { class: "drop" },
    icon("upload", 26),
    el("div", { class: "stack" }, el("strong", {}, words), el("small", { class: "soft" }, hint)),
    button("Choose files", { onclick: () => chooser.click() }),
    chooser,
  );
  chooser.addEventListener("change", () => {
    const files = [...(chooser.files ?? [])].map((file) => ({ file, name: file.webkitRelativePath || file.name }));
    chooser.value = "";
    if (files.length) void taken(Promise.resolve(files));
  });
  /** @param {Promise<Dropped[]>} read a file that went away meanwhile cannot be */
  async function taken(read) {
    try {
      const files = await read;
      if (files.length) await dropped(files);
    } catch (error) {
      if (!isAbort(error)) tell(error);
    }
  }
  let depth = 0;
  const over = (/** @type {boolean} */ is) => made.classList.toggle("over", is);
  made.addEventListener("dragenter", (event) => {
    event.preventDefault();
    depth += 1;
    over(true);
  });
  made.addEventListener("dragover", (event) => event.preventDefault());
  made.addEventListener("dragleave", () => over((depth -= 1) > 0));
  made.addEventListener("drop", (event) => {
    event.preventDefault();
    depth = 0;
    over(false);
    if (event.dataTransfer) void taken(filesIn(event.dataTransfer));
  });
  return made;
}

/**
 * All files of a drop, those in folders by their paths.
 * @param {DataTransfer} transfer
 * @returns {Promise<Dropped[]>}
 */
async function filesIn(transfer) {
  // What was dropped can be asked only now; its folders can be walked later.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter((entry) => entry != null);
  if (!entries.length) return [...transfer.files].map((file) => ({ file, name: file.name }));
  /** @type {Dropped[]} */
  const found = [];
  for (const entry of entries) await walk(entry, found);
  return found;
}

/**
 * @param {FileSystemEntry} entry
 * @param {Dropped[]} found
 */
async function walk(entry, found) {
  if (found.length >= MOST_FILES || entry.name.startsWith(".")) return;
  if (entry.isFile) {
    const file = await new Promise((done, fail) => /** @type {FileSystemFileEntry} */ (entry).file(done, fail));
    found.push({ file: /** @type {File} */ (file), name: entry.fullPath.replace(/^\//, "") });
    return;
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  for (;;) {
    const batch = /** @type {FileSystemEntry[]} */ (await new Promise((done, fail) => reader.readEntries(done, fail)));
    if (!batch.length) return;
    for (const each of batch) await walk(each, found);
  }
}
