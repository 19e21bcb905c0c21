// One turn of a talk: what was asked, what the agent did, and what it answered.
import { el, fill } from "../../dom.js";
import { compact, money, number } from "../../format.js";
import { iconButton } from "../../components/button.js";
import { copyButton } from "../../components/copy.js";
import { icon } from "../../components/icon.js";
import { time } from "../../components/time.js";
import { markdown } from "../../markdown.js";
import { may } from "../../session.js";
import { approvalView } from "./approvals.js";
import { attached } from "./attached.js";
import { sources, withMarks } from "./citations.js";
import { Course } from "./course.js";
import { editor } from "./editing.js";
import { feedback } from "./feedback.js";
import { partView } from "./steps.js";

/**
 * What a turn asks of the talk that it stands in.
 * @typedef {object} House
 * @property {AbortSignal} signal
 * @property {string} conversation
 * @property {(message: any) => Promise<void>} stop
 * @property {(message: any) => Promise<void>} regenerate
 * @property {(message: any, text: string) => Promise<void>} edit
 * @property {(message: any) => Promise<void>} fork
 * @property {(citation: any, number: number, opener: HTMLElement) => void} cite
 * @property {() => void} grew something became taller
 */

const ENDED = new Set(["completed", "failed", "cancelled"]);

export class TurnView {
  /**
   * @param {any} message with its reply
   * @param {House} house
   */
  constructor(message, house) {
    this.house = house;
    this.message = message;
    /** Later messages that this turn answers too. @type {any[]} */
    this.absorbed = [];
    this.course = new Course();
    /** Whether the course is whole, being read, or not asked for yet. @type {"none" | "reading" | "whole"} */
    this.history = "none";
    /** @type {HTMLElement | null} */
    this.rest = null;
    /** @type {Map<string, import("./steps.js").PartView>} */
    this.parts = new Map();
    /** Whether the log has more of it than is shown. */
    this.isCut = false;
    /** What the answer was painted from. */
    this.painted = "";
    /** @type {Map<string, {element: HTMLElement, load: () => Promise<void>}>} */
    this.approvals = new Map();
    this.asked = el("div", { class: "asked" });
    this.doing = el("div", { class: "doing" });
    this.answer = el("div", { class: "answer" });
    this.element = el("li", { class: "turn", dataset: { message: message.id } }, this.asked, this.doing, this.answer);
    this.paintAsked();
    this.paint();
  }

  get isOver() {
    return ENDED.has(this.message.status);
  }

  /** @param {any} message as it is now */
  become(message) {
    this.message = message;
    if (this.isOver) this.course.end();
    this.paintAsked();
    this.paint();
  }

  /** @param {import("../../events.js").LogEvent} event */
  take(event) {
    this.course.take(event);
    if (event.event === "turn.started" && this.message.status === "queued") {
      this.message = { ...this.message, status: "pending", queue: null };
    }
    if (event.event === "approval.decided") void this.approvals.get(event.approval_id)?.load();
    this.paint();
  }

  /** @param {any} message that is answered together with this one */
  absorb(message) {
    if (this.absorbed.some((each) => each.id === message.id)) return;
    this.absorbed.push(message);
    this.paintAsked();
  }

  /** The questions of a person. */
  paintAsked() {
    const first = this.message;
    fill(
      this.asked,
      [first, ...this.absorbed].map((message) =>
        el(
          "article",
          { class: "bubble", "aria-label": "Question" },
          attached(message.files, "Attached files"),
          el("p", { class: "bubble-text" }, message.text),
          message === first ? null : el("p", { class: "soft small" }, message.overlap === "merge" ? "Answered together with the message before it." : "Heard while the answer was written."),
        ),
      ),
      this.askedTools(first),
    );
  }

  /** @param {any} message */
  askedTools(message) {
    const box = el("div", { class: "turn-tools" }, copyButton(() => message.text, "Copy the message"));
    if (this.isOver && may("converse")) box.append(iconButton("pencil", "Edit and ask anew", () => this.edit(message)));
    box.append(time(message.created_at));
    return box;
  }

  /** @param {any} message */
  edit(message) {
    const done = () => this.paintAsked();
    const made = editor(message.text, (text) => this.house.edit(message, text), done);
    fill(this.asked, made.element);
    made.focus();
  }

  /** What was done, and the answer. */
  paint() {
    this.paintParts();
    const { reply } = this.message;
    const key = `${this.message.status} ${reply?.id} ${JSON.stringify(this.message.queue)} ${this.isWorking()}`;
    if (key !== this.painted) {
      this.painted = key;
      fill(this.answer, this.isOver ? this.replied(reply) : this.waiting());
    }
    this.house.grew();
  }

  isWorking() {
    if (this.course.parts.some((part) => part.asks)) return "asking";
    const last = this.course.parts.at(-1);
    return last?.kind === "text" ? "writing" : last?.state === "running" ? "calling" : "thinking";
  }

  paintParts() {
    const { reply } = this.message;
    const shown = [];
    for (const part of this.course.parts) {
      const isReply = this.isOver && part.kind === "text" && part === this.course.parts.filter((each) => each.kind === "text").at(-1);
      if (isReply && reply && reply.text.trim() === part.text.trim()) continue;
      let view = this.parts.get(part.key);
      if (view) view.update(part);
      else this.parts.set(part.key, (view = partView(part)));
      shown.push(view.element);
      if (part.approval) shown.push(this.approval(part.approval).element);
    }
    if (this.isCut) shown.push((this.rest ??= this.restOf()));
    const now = [...this.doing.children];
    if (now.length !== shown.length || shown.some((element, place) => element !== now[place])) {
      // What stands stays where it is, so that nothing loses its focus.
      shown.forEach((element, place) => {
        if (this.doing.children[place] !== element) this.doing.insertBefore(element, this.doing.children[place] ?? null);
      });
      while (this.doing.children.length > shown.length) this.doing.lastElementChild?.remove();
    }
  }

  /** What is said where a turn did more than is shown. */
  restOf() {
    return el("p", { class: "soft small" }, "It did more than is shown here; ", el("a", { href: this.timeline() }, "its timeline"), " has all of it.");
  }

  timeline() {
    return `/conversations/${this.house.conversation}/turns/${this.message.id}`;
  }

  /** @param {string} id */
  approval(id) {
    let view = this.approvals.get(id);
    if (!view) this.approvals.set(id, (view = approvalView(id, this.house.signal)));
    return view;
  }

  waiting() {
    const { queue, status } = this.message;
    const words = status === "queued" ? place(queue) : { asking: "It goes on when somebody has decided.", writing: "Writing …", calling: "Working …", thinking: "Thinking …" }[this.isWorking()];
    return el("p", { class: "waiting", role: "status" }, el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i")), words);
  }

  /** @param {any} reply */
  replied(reply) {
    if (!reply) return el("p", { class: "soft" }, this.message.status === "cancelled" ? "Stopped before anything was said." : "There is no answer.");
    const open = (/** @type {number} */ at, /** @type {HTMLElement} */ opener) => this.house.cite(reply.citations[at], at + 1, opener);
    if (reply.role === "system") return [el("p", { class: this.message.status === "failed" ? "notice bad" : "notice" }, icon("info", 16), reply.text), this.replyTools(reply)];
    const box = markdown(reply.text);
    withMarks(box, reply.citations, open);
    return [
      box,
      attached(reply.files, "Files of the agent"),
      sources(reply.citations, open),
      this.message.status === "cancelled" ? el("p", { class: "soft small" }, "Stopped here.") : null,
      this.replyTools(reply),
    ];
  }

  /** @param {any} reply */
  replyTools(reply) {
    const { message, house } = this;
    const tools = el("div", { class: "turn-tools" });
    if (reply.role !== "system") tools.append(copyButton(() => reply.text, "Copy the answer"));
    if (may("converse")) {
      tools.append(iconButton("refresh-cw", "Answer once more", () => house.regenerate(message)));
      tools.append(iconButton("git-fork", "Fork the conversation from here", () => house.fork(message)));
      if (reply.role !== "system") tools.append(feedback(reply));
    }
    tools.append(el("a", { class: "icon-button", href: this.timeline(), "aria-label": "How it came about", title: "How it came about" }, icon("history")));
    if (reply.usage?.input_tokens) tools.append(spent(reply.usage));
    return tools;
  }
}

/** @param {any} usage */
export function spent(usage) {
  const exact = `${number(usage.input_tokens)} tokens in, ${number(usage.output_tokens)} out${usage.unpriced_calls ? "; the price of some calls is not known" : ""}`;
  return el(
    "span",
    { class: "spent number", title: exact },
    el("span", { class: "unseen" }, `${exact}. `),
    el("span", { "aria-hidden": "true" }, `${compact(usage.input_tokens)} in · ${compact(usage.output_tokens)} out`),
    usage.cost_usd === null ? null : ` · ${money(usage.cost_usd)}`,
  );
}

/** @param {any} queue */
function place(queue) {
  if (!queue) return "Waiting …";
  const here = queue.ahead_in_conversation;
  if (here > 0) return `Waiting: ${here === 1 ? "one message" : `${number(here)} messages`} of this conversation before it`;
  if (queue.ahead_in_queue) return `Waiting: ${number(queue.ahead_in_queue)} before it in the queue`;
  return "Next in the queue …";
}
