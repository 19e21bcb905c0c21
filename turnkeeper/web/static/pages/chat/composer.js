// Where one writes: a field that grows, files, what becomes of a message that comes during an answer; kept over reloads.
import { ApiError, newKey, weather } from "../../api.js";
import { el, fill, unique } from "../../dom.js";
import { button, iconButton } from "../../components/button.js";
import { icon } from "../../components/icon.js";
import { dropDraft, keepDraft, readDraft } from "./drafts.js";
import { tray } from "./tray.js";

const TALLEST = 260;
/** Seconds until a server that refused for now is asked again, and how many one waits for it. */
const [USUAL_WAIT, LONGEST_WAIT] = [5, 60];
const OVERLAPS = [
  ["enqueue", "Wait its turn"],
  ["steer", "Be heard by the answer under way"],
  ["merge", "Join the message that waits"],
  ["interrupt", "Stop the answer, keep what was said"],
  ["rollback", "Stop the answer, forget it"],
  ["reject", "Be refused"],
];

/**
 * @param {object} of
 * @param {string} of.draft the name under which it is kept
 * @param {AbortSignal} of.signal
 * @param {(body: any, key: string) => Promise<void>} of.send
 * @param {(message: any) => any} [of.request] the body that is sent for a message; all that it says is kept for a repetition
 * @param {() => void} [of.stop]
 * @param {Node | null} [of.beside] what stands at its foot
 * @param {() => string | null} [of.why] why nothing can be sent now
 */
export function composer({ draft: name, signal, send, request = (message) => message, stop, beside = null, why = () => null }) {
  let draft = readDraft(name);
  let isSending = false;
  let isWorking = false;
  /** @type {string | null} */
  let policy = null;
  let again = 0;
  signal.addEventListener("abort", () => clearTimeout(again));
  const hint = unique("hint");
  const area = el("textarea", { rows: 1, class: "composer-text", placeholder: "Ask something", "aria-label": "Your message", "aria-describedby": hint, maxlength: 1_000_000, value: draft.text });
  const fault = el("p", { class: "fault whole", role: "alert" });
  const files = tray({ signal, files: draft.files, changed: keep });
  const submitButton = el("button", { class: "button primary send", type: "submit", "aria-label": "Send", title: "Send (Enter)" }, icon("arrow-up"));
  const stopButton = button("Stop", { icon: "square", onclick: () => stop?.() });
  stopButton.classList.add("stop");
  stopButton.hidden = true;
  const overlapId = unique("overlap");
  const overlap = el("select", { id: overlapId, onchange: keep });
  const overlapBox = el("span", { class: "overlap", hidden: true }, el("label", { for: overlapId }, "While it answers:"), overlap);
  const attach = iconButton("paperclip", "Attach files", () => files.pick());
  attach.title = `Attach files, drop them or paste them. ${files.limits}`;
  const element = el(
    "form",
    { class: "composer", novalidate: true, "aria-label": "Write a message" },
    fault,
    files.element,
    area,
    el("div", { class: "composer-foot" }, attach, beside, overlapBox, el("span", { class: "gap" }), stopButton, submitButton),
    el("p", { class: "unseen", id: hint }, `Enter sends, Shift and Enter begins a line. ${files.limits}`),
  );

  function keep() {
    draft = { ...draft, text: area.value, files: files.ready(), overlap: overlap.value || undefined };
    keepDraft(name, draft);
  }

  function grow() {
    area.style.height = "auto";
    area.style.height = `${Math.min(TALLEST, area.scrollHeight + 2)}px`;
  }

  /** What is sent now; the key of the same request is kept until its answer is known. */
  async function submit() {
    if (isSending) return;
    fault.textContent = "";
    const reason = why() ?? files.why() ?? (area.value.trim() ? null : draft.files.length ? "Say what is to be done with the files." : "");
    if (reason !== null) {
      fault.textContent = reason;
      return area.focus();
    }
    const ids = draft.files.map(({ id }) => id);
    const body = request({ text: area.value, ...(ids.length ? { files: ids } : {}), ...(isWorking && overlap.value ? { overlap: overlap.value } : {}) });
    const isSame = draft.sent && JSON.stringify(draft.sent.body) === JSON.stringify(body);
    draft.sent = isSame ? draft.sent : { key: newKey(), body, at: Date.now() };
    await deliver();
  }

  async function deliver() {
    const { sent } = draft;
    if (!sent || isSending) return;
    clearTimeout(again);
    keepDraft(name, draft);
    isSending = true;
    area.readOnly = true;
    submitButton.setAttribute("aria-busy", "true");
    try {
      await send(sent.body, sent.key);
      draft = { text: "", files: [], sent: null };
      dropDraft(name);
      area.value = "";
      overlap.value = "";
      files.clear();
      fault.textContent = "";
    } catch (error) {
      if (signal.aborted) return;
      const isLost = error instanceof ApiError && (error.status === 0 || error.status >= 500 || error.status === 429) && (error.retryAfter ?? 0) <= LONGEST_WAIT;
      if (!isLost) draft.sent = null;
      // A server that is away is told of when it is back; one that answers is asked again.
      else if (error.status !== 0) again = setTimeout(() => void deliver(), (error.retryAfter ?? USUAL_WAIT) * 1000);
      keepDraft(name, draft);
      fault.textContent = isLost ? "Not sent yet; it is sent once, as soon as the server answers." : error instanceof Error ? error.message : String(error);
    } finally {
      isSending = false;
      area.readOnly = false;
      submitButton.removeAttribute("aria-busy");
      grow();
    }
  }

  element.addEventListener("submit", (event) => {
    event.preventDefault();
    void submit();
  });
  area.addEventListener("input", () => {
    grow();
    keep();
  });
  area.addEventListener("keydown", (event) => {
    // While an input method composes, Enter chooses a word; 229 is how some browsers say so.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    void submit();
  });
  area.addEventListener("paste", (event) => {
    const pasted = [...(event.clipboardData?.files ?? [])];
    if (!pasted.length) return;
    event.preventDefault();
    files.add(pasted);
  });
  weather.addEventListener("online", () => void deliver(), { signal });
  // Another tab sent what stands here, or wrote on.
  addEventListener(
    "storage",
    (event) => {
      if (event.key !== name || document.activeElement === area || isSending) return;
      draft = readDraft(name);
      area.value = draft.text;
      files.replace(draft.files);
      grow();
    },
    { signal },
  );
  queueMicrotask(() => {
    grow();
    // It was sent, and nobody knows whether it arrived: the same key makes it safe to send again.
    if (draft.sent) void deliver();
  });

  return {
    element,
    focus: () => area.focus({ preventScroll: true }),
    /** @param {File[]} dropped */
    drop: (dropped) => files.add(dropped),
    /** @param {boolean} now @param {string} usual the agent's policy */
    working: (now, usual) => {
      isWorking = now;
      stopButton.hidden = !now;
      overlapBox.hidden = !now;
      if (policy !== usual) {
        policy = usual;
        const words = OVERLAPS.find(([value]) => value === usual)?.[1] ?? usual;
        fill(overlap, el("option", { value: "" }, `${words} (as the agent is set)`), OVERLAPS.filter(([value]) => value !== usual).map(([value, text]) => el("option", { value }, text)));
        overlap.value = draft.overlap ?? "";
      }
      area.placeholder = now ? "Say something meanwhile" : "Ask something";
    },
  };
}
