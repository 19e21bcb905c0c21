// Files on their way into a data set: sent in runs, followed until they are read, and what became of each.
import { get, isAbort, items, upload } from "../../api.js";
import { dropZone } from "../../components/drop.js";
import { progress } from "../../components/meter.js";
import { say } from "../../components/toast.js";
import { el, fill } from "../../dom.js";
import { bytes, number } from "../../format.js";
import { who } from "../../session.js";

const MOST_FILES_A_RUN = 200;
const MOST_BYTES_A_RUN = 100_000_000;
const MOST_SHOWN = 300;
const READ = "Markdown, text, HTML, PDF, DOCX, CSV, XLSX, product JSONL, and ZIP archives of them.";
/** How large a file may be. */
export const mostWords = () => `Up to ${bytes(who().most_upload_bytes)} each.`;
const WAIT = { headers: { Prefer: "wait=2" } };

/**
 * @typedef {import("../../components/drop.js").Dropped & {state: "waiting" | "sending" | "reading" | "done" | "failed", why: string}} Item
 */

/**
 * A place for files, and below it how far each of them is.
 * @param {object} of
 * @param {() => Promise<string>} of.dataSet where they go; may make it first
 * @param {(run: any) => void | Promise<void>} [of.changed] told when a run has ended
 * @param {AbortSignal} of.signal
 */
export function uploader({ dataSet, changed, signal }) {
  const list = el("div", { class: "uploads", "aria-live": "polite" });
  const zone = dropZone({
    words: "Drop files or folders here",
    hint: `${READ} ${mostWords()}`,
    dropped: async (files) => {
      const { element, sent } = sending(files, dataSet, signal);
      list.prepend(element);
      for await (const run of sent) await changed?.(run);
    },
  });
  return el("div", { class: "stack-wide" }, zone, list);
}

/**
 * Send files to a data set; `sent` gives each run when it has ended.
 * @param {import("../../components/drop.js").Dropped[]} files
 * @param {() => Promise<string>} dataSet
 * @param {AbortSignal} signal
 */
export function sending(files, dataSet, signal) {
  const all = files.map((each) => /** @type {Item} */ ({ ...each, state: "waiting", why: "" }));
  const head = el("p", { class: "uploads-head" });
  const meter = el("div", { class: "upload-meter" });
  const rows = el("ul", { class: "uploads-list", "aria-label": "Files" });
  const element = el("section", { class: "card upload", "aria-label": "Upload" }, head, meter, rows);
  const draw = (/** @type {string} */ words, /** @type {number | null} */ share, /** @type {boolean} */ isOver = false) => {
    head.textContent = words;
    fill(meter, isOver ? null : progress(words, share));
    fill(rows, all.slice(0, MOST_SHOWN).map(row), all.length > MOST_SHOWN ? el("li", { class: "soft" }, `… and ${number(all.length - MOST_SHOWN)} more`) : null);
  };
  draw(`${number(all.length)} files are being sent …`, 0);

  async function* work() {
    const most = who().most_upload_bytes;
    // One that is too large would have the server refuse all that go with it.
    for (const each of all) if (each.file.size > most) Object.assign(each, { state: "failed", why: `It has ${bytes(each.file.size)}; a file may have ${bytes(most)}.` });
    const fitting = all.filter(({ state }) => state === "waiting");
    try {
      const id = fitting.length ? await dataSet() : "";
      let done = 0;
      for (const batch of batches(fitting)) {
        const run = await send(id, batch, done, fitting.length, draw, signal);
        done += batch.length;
        if (run) yield run;
      }
    } catch (error) {
      if (isAbort(error)) return;
      for (const each of fitting) if (each.state !== "done") Object.assign(each, { state: "failed", why: error instanceof Error ? error.message : String(error) });
    }
    const failed = all.filter(({ state }) => state === "failed").length;
    const words = failed ? `${number(all.length - failed)} of ${number(all.length)} files were read.` : `All ${number(all.length)} files were read.`;
    draw(all.length === 1 && !failed ? "The file was read." : words, 1, true);
    say(words);
  }
  return { element, sent: work() };
}

/**
 * @param {string} id
 * @param {Item[]} batch
 * @param {number} before how many files went before
 * @param {number} of
 * @param {(words: string, share: number | null) => void} draw
 * @param {AbortSignal} signal
 */
async function send(id, batch, before, of, draw, signal) {
  const form = new FormData();
  for (const each of batch) {
    form.append("file", each.file, each.name);
    each.state = "sending";
  }
  try {
    let last = 0;
    let run = await upload(`/data-sets/${id}/syncs`, form, {
      signal,
      progress: (share) => {
        if (share - last < 0.02 && share < 1) return;
        last = share;
        draw(`Sending ${number(before + batch.length)} of ${number(of)} files …`, share);
      },
    });
    for (const each of batch) each.state = "reading";
    while (run.state === "queued" || run.state === "running") {
      draw(runWords(run), run.to_read ? run.read / run.to_read : null);
      run = await get(`/data-sets/${id}/syncs/${run.id}`, { ...WAIT, signal });
    }
    await tellEach(id, run, batch, signal);
    return run;
  } catch (error) {
    if (isAbort(error)) throw error;
    for (const each of batch) Object.assign(each, { state: "failed", why: error instanceof Error ? error.message : String(error) });
    return null;
  }
}

/**
 * What became of each file of a run.
 * @param {string} id
 * @param {any} run
 * @param {Item[]} batch
 * @param {AbortSignal} signal
 */
async function tellEach(id, run, batch, signal) {
  /** @type {Map<string, string>} */
  const faults = new Map();
  if (run.unreadable) for await (const fault of items(`/data-sets/${id}/syncs/${run.id}/errors`, {}, signal)) faults.set(fault.address, fault.detail);
  for (const each of batch) {
    const own = faults.get(each.name) ?? faults.get(each.file.name);
    const inside = [...faults.keys()].filter((address) => address.startsWith(`${each.name}/`) || address.startsWith(`${each.name}!`)).length;
    if (run.state !== "completed") Object.assign(each, { state: "failed", why: run.error?.detail ?? `The run was ${run.state}.` });
    else if (own) Object.assign(each, { state: "failed", why: own });
    else Object.assign(each, { state: "done", why: inside ? `${number(inside)} files in it could not be read.` : "" });
  }
}

/** @param {any} run */
export function runWords(run) {
  if (run.state === "queued") return "Waiting for its turn …";
  if (run.state === "running") return run.to_read === null ? "Looking what is new …" : `Reading ${number(run.read)} of ${number(run.to_read)} …`;
  const parts = [
    run.added ? `${number(run.added)} added` : null,
    run.changed ? `${number(run.changed)} changed` : null,
    run.unchanged ? `${number(run.unchanged)} unchanged` : null,
    run.removed ? `${number(run.removed)} removed` : null,
    run.unreadable ? `${number(run.unreadable)} unreadable` : null,
  ].filter(Boolean);
  return parts.join(", ") || "nothing to do";
}

const STATES = { waiting: "waits", sending: "is sent", reading: "is read", done: "read", failed: "failed" };

/** @param {Item} item */
function row(item) {
  const kind = item.state === "done" ? "good" : item.state === "failed" ? "bad" : "";
  return el(
    "li",
    {},
    el("span", { class: "upload-name" }, item.name),
    el("small", { class: "soft" }, bytes(item.file.size)),
    el("span", { class: `tag ${kind}` }, STATES[item.state]),
    item.why ? el("span", { class: "upload-why" }, item.why) : null,
  );
}

/** @param {Item[]} all */
function* batches(all) {
  /** @type {Item[]} */
  let batch = [];
  let size = 0;
  for (const each of all) {
    if (batch.length && (batch.length >= MOST_FILES_A_RUN || size + each.file.size > MOST_BYTES_A_RUN)) {
      yield batch;
      [batch, size] = [[], 0];
    }
    batch.push(each);
    size += each.file.size;
  }
  if (batch.length) yield batch;
}
