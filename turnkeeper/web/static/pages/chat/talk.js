// A talk as it goes on: a snapshot, then each event once; older messages when they are asked for.
import { get, isAbort, post } from "../../api.js";
import { el, fill } from "../../dom.js";
import { button } from "../../components/button.js";
import { confirm } from "../../components/dialog.js";
import { failure, skeleton } from "../../components/empty.js";
import { icon } from "../../components/icon.js";
import { say, tell } from "../../components/toast.js";
import { follow } from "../../events.js";
import { go } from "../../router.js";
import { courseOf } from "./course.js";
import { TurnView } from "./turn.js";

const FIRST = 30;
const NEAR_END = 80;
const LOOK_AT_QUEUE_MS = 5000;
const STEPS = ["queued", "pending", "completed", "failed", "cancelled"];
const ENDS = new Set(["message.completed", "message.failed", "message.cancelled"]);

/**
 * @param {object} of
 * @param {string} of.id the conversation
 * @param {AbortSignal} of.signal
 * @param {(citation: any, number: number, dataSet: string | null, opener: HTMLElement) => void} of.cite
 * @param {(conversation: any) => void} of.changed told whenever the conversation itself is known anew
 * @param {(unfinished: any[]) => void} of.working told which messages are unfinished
 */
export function talk({ id, signal, cite, changed, working }) {
  const list = el("ol", { class: "turns", "aria-label": "Messages" });
  const top = el("div", { class: "older" });
  const newest = button("Jump to newest", { icon: "arrow-down", onclick: () => toEnd() });
  newest.classList.add("to-newest");
  newest.hidden = true;
  const scroller = el("div", { class: "talk-scroll", tabindex: "0", role: "region", "aria-label": "The conversation" }, el("div", { class: "talk-inner" }, top, list));
  const element = el("div", { class: "talk" }, scroller, newest);
  /** @type {Map<string, TurnView>} the views by the message that they begin with */
  const turns = new Map();
  /** Where messages stand that an earlier turn took in. @type {Map<string, TurnView>} */
  const taken = new Map();
  /** @type {any} */
  let conversation = null;
  let followsEnd = true;
  let cursor = /** @type {string | null | undefined} */ (undefined);
  let lastEvent = 0;
  /** What was heard of messages that are not shown yet, since they were accepted. @type {Map<string, import("../../events.js").LogEvent[]>} */
  const unknown = new Map();
  /** What came while a message was being read. @type {Map<string, import("../../events.js").LogEvent[]>} */
  const early = new Map();

  const house = {
    signal,
    conversation: id,
    stop: (/** @type {any} */ message) => stop(message.id),
    regenerate: async (/** @type {any} */ message) => {
      if (turns.get(message.id) !== [...turns.values()].at(-1) && !(await sure("Answer once more?", "Answer once more"))) return;
      try {
        added(await post(`/messages/${message.id}/regenerate`, {}));
        toEnd();
      } catch (error) {
        tell(error);
      }
    },
    edit: async (/** @type {any} */ message, /** @type {string} */ text) => {
      added(await post(`/messages/${message.id}/edit`, { text }));
      toEnd();
    },
    fork: async (/** @type {any} */ message) => {
      try {
        const made = await post(`/conversations/${id}/fork`, { message: message.id });
        go(`/chat/${made.id}`);
      } catch (error) {
        tell(error);
      }
    },
    cite: (/** @type {any} */ citation, /** @type {number} */ number, /** @type {HTMLElement} */ opener) => cite(citation, number, conversation?.data_set?.id ?? null, opener),
    grew: () => {
      if (followsEnd) scroller.scrollTop = scroller.scrollHeight;
      else newest.hidden = false;
    },
  };
  const sure = (/** @type {string} */ title, /** @type {string} */ words) => confirm(title, "The messages after it are set aside: they stay in the record, and the agent no longer remembers them.", words);

  scroller.addEventListener("scroll", () => {
    followsEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_END;
    if (followsEnd) newest.hidden = true;
  });
  const sized = new ResizeObserver(() => {
    if (followsEnd) scroller.scrollTop = scroller.scrollHeight;
  });
  sized.observe(list);
  sized.observe(scroller);
  const looker = setInterval(() => void lookAtQueue(), LOOK_AT_QUEUE_MS);
  const seen = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) if (entry.isIntersecting) readHistory(/** @type {HTMLElement} */ (entry.target).dataset.message ?? "");
    },
    { root: scroller, rootMargin: "400px" },
  );
  signal.addEventListener("abort", () => {
    clearInterval(looker);
    sized.disconnect();
    seen.disconnect();
  });

  async function load() {
    fill(list, el("li", {}, skeleton(8)));
    try {
      const snapshot = await get(`/conversations/${id}/snapshot`, { query: { messages: FIRST }, signal });
      fill(list);
      turns.clear();
      taken.clear();
      conversation = snapshot.conversation;
      lastEvent = snapshot.last_event;
      for (const message of snapshot.messages) place(message);
      /** @type {TurnView | undefined} */
      const live = snapshot.turn && turns.get(snapshot.turn.message_id);
      if (live) {
        live.course.seed(snapshot.turn);
        live.paint();
        for (const approval of snapshot.approvals) {
          const part = live.course.parts.find((each) => each.key === `tool-${approval.call_id}`);
          if (part) Object.assign(part, { approval: approval.id, asks: true });
        }
        live.paint();
      }
      if (snapshot.messages.length >= FIRST) fill(top, button("Show earlier messages", { kind: "quiet", onclick: older }));
      told();
      toEnd();
      follow(id, { after: lastEvent, heard, ended }, signal);
    } catch (error) {
      if (isAbort(error)) return;
      fill(list, el("li", {}, failure(error, load)));
      throw error;
    }
  }

  /**
   * Put a message where it belongs: into the turn that took it in, or at the end.
   * @param {any} message
   * @param {boolean} [first] before all others
   */
  function place(message, first = false) {
    const into = message.answered_with && turns.get(message.answered_with);
    if (into) {
      turns.get(message.id)?.element.remove();
      turns.delete(message.id);
      taken.set(message.id, into);
      unknown.delete(message.id);
      into.absorb(message);
      return into;
    }
    const known = turns.get(message.id);
    if (known) {
      // What was asked for before an event may come behind it, and is older then.
      if (STEPS.indexOf(message.status) >= STEPS.indexOf(known.message.status)) known.become(message);
      return known;
    }
    const view = new TurnView(message, house);
    if (first) {
      const others = [...turns];
      turns.clear();
      turns.set(message.id, view);
      for (const [key, other] of others) turns.set(key, other);
      list.prepend(view.element);
    } else {
      turns.set(message.id, view);
      list.append(view.element);
    }
    const missed = unknown.get(message.id);
    if (missed) {
      unknown.delete(message.id);
      view.history = "whole";
      for (const event of missed) view.take(event);
      if (view.isOver) view.become(message);
    }
    seen.observe(view.element);
    return view;
  }

  /** Read what was done in a turn, once it is looked at. @param {string} message */
  async function readHistory(message) {
    const view = turns.get(message);
    if (!view || view.history !== "none" || view.message.status === "queued") return;
    view.history = "reading";
    const upTo = view.isOver ? Infinity : lastEvent;
    /** @type {import("../../events.js").LogEvent[]} */
    const meanwhile = [];
    if (!view.isOver) early.set(message, meanwhile);
    try {
      const { course, isCut } = await courseOf(message, upTo, signal);
      view.isCut = isCut;
      // Of a turn that goes on, the newest counts more than a beginning.
      if (view.isOver || !isCut) {
        for (const event of meanwhile) if (event.number > upTo) course.take(event);
        const asked = view.course.parts.filter((part) => part.approval);
        view.course = course;
        for (const part of asked) {
          const same = course.parts.find((each) => each.key === part.key);
          if (same) same.approval ??= part.approval;
        }
        if (view.isOver) course.end();
      }
      view.paint();
      view.history = "whole";
    } catch (error) {
      view.history = "none";
      if (!isAbort(error)) tell(error);
    } finally {
      early.delete(message);
    }
  }

  async function older() {
    const height = scroller.scrollHeight;
    const page = await get(`/conversations/${id}/messages`, { query: { order: "desc", limit: 100, cursor }, signal });
    cursor = page.next_cursor;
    const replies = new Map(page.items.filter((/** @type {any} */ entry) => entry.answers).map((/** @type {any} */ entry) => [entry.answers, entry]));
    /** @type {any[]} */
    const joined = [];
    let put = 0;
    for (const entry of page.items) {
      if (entry.role !== "user" || turns.has(entry.id) || taken.has(entry.id)) continue;
      put += 1;
      if (entry.answered_with) joined.push(entry);
      else place({ ...entry, reply: replies.get(entry.id) ?? null, queue: null }, true);
    }
    for (const entry of joined) place(entry, true);
    scroller.scrollTop += scroller.scrollHeight - height;
    if (!page.has_more) fill(top, el("p", { class: "soft small" }, "The conversation begins here."));
    else if (put === 0) await older();
  }

  /** @param {import("../../events.js").LogEvent} event */
  function heard(event) {
    lastEvent = Math.max(lastEvent, event.number);
    const message = event.message_id;
    if (!message) return;
    early.get(message)?.push(event);
    if (event.event === "messages.superseded") return void superseded(event);
    if (event.event === "message.queued") {
      // Its turn may begin before its words are here.
      if (!turns.has(message)) unknown.set(message, []);
      return void refresh(message);
    }
    if (event.event === "message.absorbed") return void refresh(message);
    const view = turns.get(message);
    unknown.get(message)?.push(event);
    if (view && !view.isOver) {
      const wasQueued = view.message.status === "queued";
      view.take(event);
      // Nothing happened before the turn began: what comes is all of it.
      if (wasQueued && view.history === "none") view.history = "whole";
      if (wasQueued) told();
      if (event.event === "approval.asked") say(`The agent asks whether it may call ${event.tool}.`);
    }
    if (ENDS.has(event.event)) void finished(message);
  }

  /** @param {string} message */
  async function finished(message) {
    const view = await refresh(message);
    if (view && turns.get(message) === view) say(view.message.status === "failed" ? "There is no answer." : "The answer is there.");
    conversation = await get(`/conversations/${id}`, { signal }).catch(() => conversation);
    changed(conversation);
    void lookAtQueue();
  }

  /** Read a message anew. @param {string} message */
  async function refresh(message) {
    try {
      const view = place(await get(`/messages/${message}`, { signal }));
      told();
      return view;
    } catch (error) {
      if (!isAbort(error)) tell(error);
      return null;
    }
  }

  /** @param {import("../../events.js").LogEvent} event */
  function superseded(event) {
    const order = [...turns.keys()];
    const from = order.indexOf(event.message_id ?? "");
    if (from < 0) return;
    for (const message of order.slice(from)) {
      if (message === event.by) continue;
      turns.get(message)?.element.remove();
      turns.delete(message);
    }
    told();
  }

  /** @param {string} reason */
  function ended(reason) {
    if (reason === "deleted") fill(list, el("li", { class: "soft" }, "This conversation was deleted."));
    else if (reason === "access_ended") fill(top, el("p", { class: "notice" }, icon("lock", 16), "Your access to this conversation ended."));
    else tell(new Error("What happens in this conversation is not told here any more; reload the page to see it."));
  }

  /** Say again what is before the messages that wait. */
  async function lookAtQueue() {
    if (document.hidden) return;
    for (const view of [...turns.values()].slice(-20)) {
      if (view.message.status === "queued") await refresh(view.message.id);
    }
  }

  function told() {
    changed(conversation);
    working([...turns.values()].map((view) => view.message).filter((message) => message.status === "queued" || message.status === "pending"));
  }

  /** @param {string} message */
  async function stop(message) {
    try {
      place(await post(`/messages/${message}/cancel`, {}));
      told();
    } catch (error) {
      tell(error);
    }
  }

  function toEnd() {
    followsEnd = true;
    newest.hidden = true;
    scroller.scrollTop = scroller.scrollHeight;
  }

  /** A message that was accepted just now. @param {any} message */
  function added(message) {
    const view = place(message);
    if (message.status === "queued") view.history = "whole";
    told();
    return view;
  }

  return {
    element,
    load,
    stop,
    send: async (/** @type {any} */ body, /** @type {string} */ key) => {
      const message = await post(`/conversations/${id}/messages`, body, { key });
      added(message);
      toEnd();
    },
  };
}

