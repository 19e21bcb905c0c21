// Settings → Schedules: messages that are sent again and again.
import { get, isAbort, patch, post, remove } from "../../api.js";
import { button, iconButton } from "../../components/button.js";
import { dialog } from "../../components/dialog.js";
import { doing } from "../../components/doing.js";
import { area, field, form, input, select } from "../../components/form.js";
import { menu } from "../../components/menu.js";
import { whenItRests } from "../../components/patience.js";
import { table } from "../../components/table.js";
import { time } from "../../components/time.js";
import { tell, toast } from "../../components/toast.js";
import { sentence } from "../../cron.js";
import { el, fill } from "../../dom.js";
import { go } from "../../router.js";
import { may } from "../../session.js";
import { settingsHead } from "./frame.js";

export const title = "Schedules";

const PAUSED = /** @type {Record<string, string>} */ ({ asked: "paused", agent_gone: "its agent is gone", account_inactive: "its account is shut out", no_more_ticks: "no more times" });

/** @param {import("../../router.js").Visit} visit */
export function show({ root, signal }) {
  /** @type {import("../../components/table.js").Table} */
  const list = table({
    caption: "Schedules",
    path: "/schedules",
    signal,
    columns: [
      { title: "Name", cell: (each) => el("div", { class: "stack" }, el("a", { href: `/settings/schedules/${each.id}` }, each.name), el("small", { class: "soft" }, each.agent)) },
      { title: "When", cell: (each) => el("div", { class: "stack" }, el("span", {}, sentence(each.cron) || el("code", {}, each.cron)), el("small", { class: "soft" }, each.timezone)) },
      { title: "Next", cell: (each) => (each.paused_reason ? state(each) : time(each.next_at, "–")) },
      { title: "What to do", quiet: true, cell: (each) => (may("manage_agents") ? actions(each, list.reload) : null) },
    ],
    nothing: { title: "No schedules yet", sentence: "Have an agent write a report each morning: a message is sent to it at the times that you say.", icon: "calendar-clock" },
  });
  const add = may("manage_agents") ? button("New schedule", { icon: "plus", kind: "primary", onclick: () => edit(null, list.reload, signal) }) : undefined;
  root.append(settingsHead("/settings/schedules", "Messages that are sent to an agent again and again, in the name of who made the schedule.", add), list.element);
}

/** @param {any} schedule */
export const state = (schedule) => (schedule.paused_reason ? el("span", { class: "tag warn" }, PAUSED[schedule.paused_reason] ?? "paused") : el("span", { class: "tag good" }, "active"));

/**
 * The next times, by the clocks of a zone.
 * @param {string[]} ticks
 * @param {string} zone
 */
export function ticksOf(ticks, zone) {
  const inZone = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZone: zone });
  return el("ol", { class: "chips", "aria-label": "Next times" }, ticks.map((tick) => el("li", { class: "tag" }, inZone.format(new Date(tick)))));
}

/**
 * @param {any} schedule
 * @param {() => unknown} changed
 * @param {boolean} [isShown] on its own page
 */
export function actions(schedule, changed, isShown = false) {
  const path = `/schedules/${schedule.id}`;
  return menu(
    iconButton("ellipsis", `What to do with the schedule ${schedule.name}`),
    () => [
      { words: "Run now", icon: "play", onchoose: () => runNow(schedule, changed) },
      { words: "Change …", icon: "pencil", onchoose: () => edit(schedule, changed) },
      schedule.paused_reason
        ? { words: "Resume", icon: "play", onchoose: () => doing({ work: () => post(`${path}/resume`), done: `${schedule.name} goes on.`, changed }) }
        : { words: "Pause", icon: "pause", onchoose: () => doing({ work: () => post(`${path}/pause`), done: `${schedule.name} is paused.`, changed }) },
      ...(isShown ? [] : [{ words: "History", icon: "history", href: `/settings/schedules/${schedule.id}` }]),
      "line",
      {
        words: "Delete …",
        icon: "trash-2",
        danger: true,
        onchoose: () =>
          doing({
            ask: { title: `Delete ${schedule.name}?`, sentence: "It sends nothing any more, and its history is forgotten. Its conversations stay.", words: "Delete" },
            work: () => remove(path),
            done: `${schedule.name} is deleted.`,
            changed: () => (isShown ? go("/settings/schedules") : changed()),
          }),
      },
    ],
    { right: true },
  );
}

/**
 * @param {any} schedule
 * @param {() => unknown} changed
 */
export function runNow(schedule, changed) {
  const work = async () => {
    const run = await post(`/schedules/${schedule.id}/run`);
    if (run.outcome !== "accepted") throw new Error(run.reason ?? `It was ${run.outcome}.`);
  };
  return doing({ work, done: `${schedule.name} was run.`, changed });
}

/**
 * @param {any | null} schedule none for a new one
 * @param {() => unknown} changed
 * @param {AbortSignal} [signal]
 */
async function edit(schedule, changed, signal) {
  try {
    const { items: agents } = await get("/agents", { query: { limit: 100 }, signal });
    const leave = new AbortController();
    dialog(schedule ? `Change ${schedule.name}` : "New schedule", (close) => [fields({ schedule, agents, changed, close, signal: leave.signal })], { onclose: () => leave.abort() });
  } catch (error) {
    if (!isAbort(error)) tell(error);
  }
}

/**
 * When a line would fire, told a moment after it was typed.
 * @param {HTMLInputElement} cron
 * @param {HTMLSelectElement} zone
 * @param {AbortSignal} signal
 */
function nextTicks(cron, zone, signal) {
  const place = el("div", { class: "hint ticks" });
  let asking = new AbortController();
  const ask = async () => {
    asking.abort();
    const mine = (asking = new AbortController());
    try {
      const { next_ticks: ticks } = await get("/schedules/ticks", { query: { cron: cron.value, timezone: zone.value }, signal: AbortSignal.any([signal, mine.signal]) });
      fill(place, ticksOf(ticks, zone.value));
    } catch (error) {
      if (!isAbort(error)) fill(place, error instanceof Error ? error.message : String(error));
    }
  };
  const later = whenItRests(() => (cron.value.trim() ? ask() : fill(place)), signal);
  cron.addEventListener("input", later);
  zone.addEventListener("change", later);
  void ask();
  return place;
}

/** @param {{schedule: any | null, agents: any[], changed: () => unknown, close: () => void, signal: AbortSignal}} of */
function fields({ schedule, agents, changed, close, signal }) {
  const cron = input({ class: "mono", value: schedule?.cron ?? "30 8 * * mon-fri", autocomplete: "off", maxlength: 200, spellcheck: "false" });
  const meaning = el("p", { class: "hint", role: "status" });
  const explain = () => {
    meaning.textContent = sentence(cron.value) || "Five fields: minute, hour, day of the month, month, day of the week.";
  };
  cron.addEventListener("input", explain);
  explain();
  const present = schedule?.timezone ?? (Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC");
  const zones = [...new Set(["UTC", ...Intl.supportedValuesOf("timeZone"), present])];
  const zone = select(zones.map((each) => ({ value: each, words: each })), present);
  return form({
    fields: [
      field("Name", "name", input({ value: schedule?.name ?? "", maxlength: 200, autocomplete: "off" })),
      field("Agent", "agent", select(agents.map((each) => ({ value: each.slug, words: each.name })), schedule?.agent)),
      field("Message", "text", area({ value: schedule?.text ?? "", rows: 3 }), { hint: "What is sent to the agent." }),
      el("div", { class: "stack-of tight" }, field("When", "cron", cron), meaning, nextTicks(cron, zone, signal)),
      field("Time zone", "timezone", zone),
      field("Conversation", "conversation", select([{ value: "new", words: "A new one each time" }, { value: "one", words: "The same one goes on" }], schedule?.conversation)),
      field("What it may do", "mode", select([{ value: "ask", words: "Look only" }, { value: "execute", words: "Use tools that change things" }], schedule?.mode)),
    ],
    words: schedule ? "Save" : "Make the schedule",
    cancel: close,
    submit: async (_, data) => {
      const body = Object.fromEntries(["name", "agent", "text", "cron", "timezone", "conversation", "mode"].map((name) => [name, data.get(name)]));
      const saved = schedule ? await patch(`/schedules/${schedule.id}`, body) : await post("/schedules", body);
      close();
      toast(schedule ? "The schedule is changed." : `${body.name} is on.`);
      if (!schedule && saved?.id) go(`/settings/schedules/${saved.id}`);
      else await changed();
    },
  });
}
