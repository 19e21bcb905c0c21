// A log played as it came: at one to ten times its speed, paused, or dragged to any moment.
import { el, fill } from "../dom.js";
import { TurnText } from "../events.js";
import { clock, duration } from "../format.js";
import { markdown } from "../markdown.js";
import { iconButton } from "./button.js";
import { icon } from "./icon.js";

const FRAME_MS = 50;
const LONGEST_GAP_MS = 1_500;
const SPEEDS = [1, 2, 5, 10];
/** @typedef {import("../events.js").LogEvent} LogEvent */

/**
 * @param {object} of
 * @param {LogEvent[]} of.events in order
 * @param {Map<string, string>} of.questions what each message says
 * @param {AbortSignal} of.signal
 * @returns {{element: HTMLElement, stop: () => void}}
 */
export function replay({ events, questions, signal }) {
  const moments = momentsOf(events);
  const whole = moments.at(-1) ?? 0;
  const stage = el("div", { class: "replay-stage", role: "region", "aria-label": "What was to be seen at that moment", tabindex: "0" });
  const said = el("p", { class: "soft small replay-said" });
  const slider = el("input", { type: "range", min: 0, max: Math.max(1, whole), step: 10, value: 0, "aria-label": "Moment", oninput: () => moveTo(Number(slider.value)) });
  const where = el("span", { class: "soft mono" });
  const speed = el("select", { "aria-label": "Speed" }, SPEEDS.map((each) => el("option", { value: each }, `${each}×`)));
  const toggle = iconButton("play", "Play", () => (timer === null ? play() : stop()));
  /** @type {ReturnType<typeof setInterval> | null} */
  let timer = null;
  let at = 0;
  let taken = 0;
  /** @type {Map<string, Scene>} */
  let scenes = new Map();

  function play() {
    if (at >= whole) moveTo(0);
    let before = performance.now();
    timer = setInterval(() => {
      const now = performance.now();
      moveTo(at + (now - before) * Number(speed.value));
      before = now;
      if (at >= whole) stop();
    }, FRAME_MS);
    fill(toggle, icon("pause"));
    name(toggle, "Pause");
  }
  function stop() {
    if (timer !== null) clearInterval(timer);
    timer = null;
    fill(toggle, icon("play"));
    name(toggle, "Play");
  }
  /** @param {number} to */
  function moveTo(to) {
    const goal = Math.min(whole, Math.max(0, to));
    if (goal < at) {
      scenes = new Map();
      taken = 0;
      stage.replaceChildren();
    }
    at = goal;
    const changed = new Set();
    for (; taken < events.length && moments[taken] <= at; taken++) {
      const event = events[taken];
      const id = event.message_id ?? "";
      if (!scenes.has(id)) {
        const made = new Scene(questions.get(id) ?? "");
        scenes.set(id, made);
        stage.append(made.element);
      }
      scenes.get(id)?.take(event);
      changed.add(id);
    }
    for (const id of changed) scenes.get(id)?.paint();
    if (changed.size && timer !== null) stage.scrollTop = stage.scrollHeight;
    slider.value = String(at);
    const last = events[Math.max(0, taken - 1)];
    where.textContent = `${duration(at)} of ${duration(whole)}`;
    slider.setAttribute("aria-valuetext", where.textContent);
    said.textContent = last ? `Event ${last.number}: ${last.event}, ${clock(last.created_at)}` : "";
  }
  signal.addEventListener("abort", stop, { once: true });
  moveTo(0);
  return { element: el("div", { class: "replay" }, el("div", { class: "replay-bar" }, toggle, slider, where, speed), said, stage), stop };
}

/** One message and its turn, as far as it is played. */
class Scene {
  /** @param {string} question */
  constructor(question) {
    this.text = new TurnText();
    this.shown = "";
    this.steps = el("ul", { class: "replay-steps" });
    this.reply = el("div", { class: "replay-reply" });
    this.state = el("p", { class: "soft small" });
    this.element = el("article", { class: "replay-turn" }, el("p", { class: "replay-question" }, question || "(a message)"), this.steps, this.reply, this.state);
  }

  /** @param {LogEvent} event */
  take(event) {
    this.text.take(event);
    const step = stepOf(event);
    if (step) this.steps.append(el("li", {}, icon(step.icon, 16), el("span", {}, step.words)));
    this.state.textContent = STATES[event.event] ?? this.state.textContent;
    if (event.event === "message.failed") this.state.textContent = `Failed: ${event.reason}`;
  }

  paint() {
    const now = this.text.reply;
    if (now === this.shown) return;
    this.shown = now;
    fill(this.reply, now ? markdown(now) : null);
  }
}

const STATES = /** @type {Record<string, string>} */ ({
  "message.queued": "Queued",
  "turn.started": "At work",
  "approval.asked": "Waits for a person",
  "approval.decided": "Decided",
  "message.completed": "Answered",
  "message.cancelled": "Cancelled",
  "message.absorbed": "Answered with another message",
});

/**
 * @param {LogEvent} event
 * @returns {{icon: string, words: string} | null}
 */
function stepOf(event) {
  switch (event.event) {
    case "turn.started":
      return event.attempt > 1 ? { icon: "rotate-cw", words: `Attempt ${event.attempt}` } : null;
    case "tool.called":
      return { icon: "wrench", words: `Calls ${event.tool} with ${JSON.stringify(event.arguments).slice(0, 200)}` };
    case "tool.returned":
      return { icon: event.outcome === "error" ? "circle-x" : "circle-check", words: `${event.tool} answers: ${event.output.replace(/\s+/g, " ").slice(0, 200)}` };
    case "approval.asked":
      return { icon: "hand", words: `May ${event.tool} be called? ${event.reason}` };
    case "approval.decided":
      return { icon: "hand", words: `${event.tool}: ${event.state}${event.note ? `, “${event.note}”` : ""}` };
    default:
      return null;
  }
}

/**
 * When each event is shown, in milliseconds; what nobody would wait for is made shorter.
 * @param {LogEvent[]} events
 */
function momentsOf(events) {
  let sum = 0;
  return events.map((event, place) => {
    if (place > 0) sum += Math.min(LONGEST_GAP_MS, Math.max(0, Date.parse(event.created_at) - Date.parse(events[place - 1].created_at)));
    return sum;
  });
}

/**
 * @param {HTMLElement} control
 * @param {string} label
 */
function name(control, label) {
  control.setAttribute("aria-label", label);
  control.title = label;
}
