// The test pane: a conversation with what is being edited. What is unsaved becomes a draft first, and the draft answers.
import { ApiError, get, isAbort, post } from "../../api.js";
import { busy, button, linkButton } from "../../components/button.js";
import { tell } from "../../components/toast.js";
import { el, fill } from "../../dom.js";
import { follow, TurnText } from "../../events.js";
import { compact, money } from "../../format.js";
import { GrowingMarkdown } from "../../markdown.js";

/**
 * @param {object} of
 * @param {() => Promise<{agent: any, revision: number, content: Record<string, any>} | null>} of.prepared saves what is unsaved; null when that failed
 * @param {AbortSignal} of.signal
 */
export function tryPane({ prepared, signal }) {
  /** @type {{id: string, dataSet: string | null} | null} */
  let talk = null;
  let leave = new AbortController();
  signal.addEventListener("abort", () => leave.abort());
  const log = el("div", { class: "try-log", role: "log", "aria-label": "The test conversation", tabindex: "0" });
  const nothing = el("p", { class: "soft" }, "Ask something. What you changed answers, without being deployed: it is saved as a draft first.");
  fill(log, nothing);
  const words = el("textarea", { rows: 2, "aria-label": "Message to the agent", placeholder: "Try it …" });
  const ask = button("Ask", { icon: "send-horizontal", kind: "primary", type: "submit" });
  const whole = linkButton("Open it in the chat", "/chat", { icon: "external-link", kind: "quiet" });
  whole.hidden = true;
  const again = button("Begin anew", {
    icon: "rotate-cw",
    kind: "quiet",
    onclick: () => {
      leave.abort();
      leave = new AbortController();
      talk = null;
      whole.hidden = true;
      fill(log, nothing);
      words.focus();
    },
  });

  async function send() {
    const text = words.value.trim();
    if (!text) return;
    const ready = await prepared();
    if (!ready) return;
    const dataSet = ready.content.data_set;
    try {
      if (!talk || talk.dataSet !== dataSet) {
        const begun = await post("/conversations", {
          agent: ready.agent.id,
          title: `Trying ${ready.content.name}`.slice(0, 300),
          tags: ["trying"],
          ...(dataSet ? { data_set: dataSet } : {}),
        });
        leave.abort();
        leave = new AbortController();
        talk = { id: begun.id, dataSet };
        whole.href = `/chat/${begun.id}`;
        whole.hidden = false;
        fill(log);
      }
      const { last_event: after } = await get(`/conversations/${talk.id}/snapshot`, { query: { messages: 1 }, signal });
      const sent = await post(`/conversations/${talk.id}/messages`, { text, agent_revision: ready.revision });
      words.value = "";
      if (nothing.isConnected) fill(log);
      await shown(log, text, ready.revision, talk.id, sent.id, after, leave.signal);
    } catch (error) {
      if (!isAbort(error)) tell(error);
    }
  }

  const form = el("form", { class: "try-form" }, words, ask);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!ask.getAttribute("aria-busy")) void busy(ask, send());
  });
  words.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  return el("section", { class: "try card", "aria-label": "Try the agent" }, el("header", {}, el("h2", {}, "Try it"), el("div", { class: "actions" }, whole, again)), log, form);
}

/**
 * Show a question and its answer as it comes; done when it has ended.
 * @param {HTMLElement} log
 * @param {string} text
 * @param {number} revision 0: that which is deployed
 * @param {string} conversation
 * @param {string} message
 * @param {number} after
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
export function shown(log, text, revision, conversation, message, after, signal) {
  const answer = new GrowingMarkdown();
  const said = new TurnText();
  const steps = el("ul", { class: "try-steps" });
  const foot = el("p", { class: "soft" }, "Waiting …");
  log.append(el("p", { class: "try-question" }, text), steps, answer.element, foot);
  log.scrollTop = log.scrollHeight;
  return new Promise((done) => {
    signal.addEventListener("abort", () => done(), { once: true });
    const heard = (/** @type {any} */ event) => {
      if (event.message_id !== message) return;
      said.take(event);
      answer.set(said.reply);
      if (event.event === "tool.called") steps.append(step(event));
      else if (event.event === "tool.returned") returned(steps, event);
      else if (event.event === "approval.asked") fill(foot, "It waits for a yes: ", el("a", { href: `/chat/${conversation}` }, "decide in the chat"), ".");
      else if (["message.completed", "message.failed", "message.cancelled"].includes(event.event)) void ended(answer, foot, message, revision).then(done);
      log.scrollTop = log.scrollHeight;
    };
    follow(conversation, { after, heard, ended: () => done() }, signal);
  });
}

/** @param {any} event */
function step(event) {
  return el(
    "li",
    { dataset: { call: event.call_id } },
    el("details", { class: "fold quiet" }, el("summary", {}, el("code", {}, event.tool)), el("pre", { class: "payload", tabindex: "0" }, JSON.stringify(event.arguments, null, 2))),
  );
}

/**
 * @param {HTMLElement} steps
 * @param {any} event
 */
function returned(steps, event) {
  const fold = steps.querySelector(`[data-call="${CSS.escape(event.call_id)}"] details`);
  fold?.append(el("pre", { class: `payload ${event.outcome === "error" ? "failed" : ""}`, tabindex: "0" }, event.output.slice(0, 4000)));
}

/**
 * @param {GrowingMarkdown} answer
 * @param {HTMLElement} foot
 * @param {string} message
 * @param {number} revision
 */
async function ended(answer, foot, message, revision) {
  try {
    const { reply } = await get(`/messages/${message}`);
    if (!reply) return;
    answer.set(reply.text);
    const count = reply.usage ? reply.usage.input_tokens + reply.usage.output_tokens : 0;
    const tokens = count ? `${compact(count)} tokens` : null;
    const cost = !count || reply.usage.cost_usd === null ? null : money(Number(reply.usage.cost_usd));
    fill(foot, [revision ? `Revision ${revision}` : null, tokens, cost].filter(Boolean).join(" · "));
    if (reply.citations.length) foot.before(cited(reply.citations));
  } catch (error) {
    foot.textContent = error instanceof ApiError ? error.message : String(error);
  }
}

/** @param {any[]} citations */
function cited(citations) {
  return el("ol", { class: "try-sources" }, citations.map((each) => el("li", {}, el("strong", {}, each.title), ` “${each.quote.slice(0, 160)}”`)));
}
