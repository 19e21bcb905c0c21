// Settings → Schedules → one: its next times, and what came of those before.
import { get, isAbort } from "../../api.js";
import { button } from "../../components/button.js";
import { failure, skeleton } from "../../components/empty.js";
import { facts } from "../../components/facts.js";
import { table } from "../../components/table.js";
import { time } from "../../components/time.js";
import { whileSeen } from "../../components/watch.js";
import { sentence } from "../../cron.js";
import { el, fill } from "../../dom.js";
import { moment } from "../../format.js";
import { may } from "../../session.js";
import { settingsHead } from "./frame.js";
import { actions, runNow, state, ticksOf } from "./schedules.js";

export const title = "Schedule";

const KINDS = /** @type {Record<string, string>} */ ({ accepted: "good", refused: "bad", skipped: "warn" });

/** @param {import("../../router.js").Visit} visit */
export function show({ root, params, signal }) {
  const path = `/schedules/${params.schedule}`;
  const head = el("div", {}, skeleton(4));
  const runs = table({
    caption: "What came of it",
    path: `${path}/runs`,
    signal,
    columns: [
      { title: "Fired", cell: (run) => time(run.fired_at) },
      { title: "For", cell: (run) => (run.tick_at ? moment(run.tick_at) : "by hand") },
      { title: "Outcome", cell: (run) => el("span", { class: `tag ${KINDS[run.outcome]}` }, run.outcome) },
      { title: "Where", cell: (run) => (run.conversation_id ? el("a", { href: `/conversations/${run.conversation_id}` }, "the conversation") : el("span", { class: "soft" }, run.reason ?? "–")) },
    ],
    nothing: { title: "It has not fired yet", sentence: "What comes of it is shown here.", icon: "history" },
  });
  const load = async () => {
    try {
      fill(head, shown(await get(path, { signal }), load));
      await runs.reload();
    } catch (error) {
      if (!isAbort(error)) fill(head, failure(error, load));
    }
  };
  root.append(
    settingsHead("/settings/schedules", "One schedule: its next times, and what came of those before."),
    el("p", { class: "crumb" }, el("a", { href: "/settings/schedules" }, "All schedules")),
    el("div", { class: "stack-wide" }, head, el("h2", {}, "History"), runs.element),
  );
  void load();
  whileSeen(load, 20_000, signal);
}

/**
 * @param {any} schedule
 * @param {() => Promise<void>} load
 */
function shown(schedule, load) {
  return el(
    "section",
    { class: "card" },
    el("div", { class: "section-head" }, el("h2", {}, schedule.name, " ", state(schedule)), may("manage_agents") ? el("div", { class: "actions" }, button("Run now", { icon: "play", onclick: () => runNow(schedule, load) }), actions(schedule, load, true)) : null),
    facts(
      [
        ["When", [sentence(schedule.cron), " ", el("code", {}, schedule.cron), ` (${schedule.timezone})`]],
        ["Agent", schedule.agent],
        ["Message", schedule.text],
        ["Conversation", schedule.conversation === "new" ? "a new one each time" : schedule.conversation_id ? el("a", { href: `/conversations/${schedule.conversation_id}` }, "the same one goes on") : "the same one goes on"],
        ["Next times", schedule.next_ticks?.length ? ticksOf(schedule.next_ticks, schedule.timezone) : "none while it is paused"],
      ],
      { areTwo: true },
    ),
  );
}
