// Runs: what was read into a data set, when, and what could not be read.
import { get, isAbort, post } from "../../api.js";
import { button } from "../../components/button.js";
import { dialog } from "../../components/dialog.js";
import { doing } from "../../components/doing.js";
import { whileWaiting } from "../../components/fresh.js";
import { progress } from "../../components/meter.js";
import { table } from "../../components/table.js";
import { time } from "../../components/time.js";
import { tell } from "../../components/toast.js";
import { el, fill } from "../../dom.js";
import { duration, number } from "../../format.js";
import { runWords } from "./upload.js";

const LOOK_MS = 1_000;
const KINDS = { completed: "good", failed: "bad", running: "accent", queued: "", cancelled: "warn" };
const MODES = { merge: "added to", replace: "replaced", remove: "removed from" };

/** @param {import("../data-set.js").Part} part */
export function runsPart({ id, signal, changed }) {
  /** @type {import("../../components/table.js").Table} */
  const list = table({
    caption: "Runs",
    path: `/data-sets/${id}/syncs`,
    signal,
    columns: [
      { title: "Begun", cell: (run) => el("div", { class: "stack" }, time(run.created_at), el("small", { class: "soft" }, `${MODES[/** @type {keyof typeof MODES} */ (run.mode)]}, by ${run.origin}`)) },
      { title: "State", cell: (run) => live(run) },
      { title: "Files", number: true, cell: (run) => number(run.found || run.files) },
      { title: "Passages", number: true, cell: (run) => number(run.passages) },
      { title: "Took", number: true, cell: (run) => (run.started_at && run.ended_at ? duration(Date.parse(run.ended_at) - Date.parse(run.started_at)) : "–") },
      { title: "What to do", quiet: true, cell: (run) => doable(run) },
    ],
    nothing: { title: "No runs yet", sentence: "Each upload is a run: it is read as a whole, and nobody sees half of it.", icon: "refresh-cw" },
  });

  /**
   * A cell that goes on until the run has ended.
   * @param {any} run
   */
  function live(run) {
    const place = el("div", { class: "stack run-state" });
    const draw = (/** @type {any} */ now) =>
      fill(
        place,
        el("span", { class: `tag ${KINDS[/** @type {keyof typeof KINDS} */ (now.state)]}` }, now.state),
        now.state === "running" ? progress("How far it is", now.to_read ? now.read / now.to_read : null) : null,
        el("small", { class: "soft" }, now.error ? now.error.detail : runWords(now), now.vectors_waiting ? `; ${number(now.vectors_waiting)} wait for vectors` : ""),
      );
    draw(run);
    const isOpen = (/** @type {any} */ now) => now.state === "queued" || now.state === "running" || now.vectors_waiting > 0;
    if (isOpen(run)) {
      let before = run.state;
      let wasShown = false;
      whileWaiting(
        async () => {
          // The list was read again, and another cell stands in the place of this one.
          if (wasShown && !place.isConnected) return false;
          wasShown ||= place.isConnected;
          const now = await get(`/data-sets/${id}/syncs/${run.id}`, { signal });
          draw(now);
          if (now.state !== before && now.ended_at) {
            void list.reload();
            void changed();
            return false;
          }
          before = now.state;
          return isOpen(now);
        },
        LOOK_MS,
        signal,
      ).catch((error) => (isAbort(error) ? undefined : tell(error)));
    }
    return place;
  }

  /** @param {any} run */
  function doable(run) {
    if (run.state === "queued" || run.state === "running") return button("Cancel …", { kind: "quiet", onclick: () => cancel(run) });
    if (run.unreadable) return button(`${number(run.unreadable)} unreadable`, { kind: "quiet", icon: "triangle-alert", onclick: () => faults(run) });
    return null;
  }

  /** @param {any} run */
  const cancel = (run) =>
    doing({
      ask: { title: "Cancel the run?", sentence: "What it has read is dropped; the data set stays as it was before.", words: "Cancel the run" },
      work: () => post(`/data-sets/${id}/syncs/${run.id}/cancel`),
      done: "The run is cancelled.",
      changed: list.reload,
    });

  /** @param {any} run */
  function faults(run) {
    const errors = table({
      caption: "What could not be read",
      path: `/data-sets/${id}/syncs/${run.id}/errors`,
      signal,
      columns: [
        { title: "File", cell: (fault) => el("code", {}, fault.address) },
        { title: "Why", cell: (fault) => fault.detail },
      ],
      nothing: { title: "Everything was read", sentence: "There is nothing to mend." },
    });
    dialog("What could not be read", () => [errors.element], { wide: true });
  }
  return list.element;
}
