// A question of an agent to people, where it was asked: what it wants to do, yes or no, and who said so.
import { get, isAbort, post } from "../../api.js";
import { el, fill } from "../../dom.js";
import { duration } from "../../format.js";
import { button } from "../../components/button.js";
import { dialog } from "../../components/dialog.js";
import { area, field, form } from "../../components/form.js";
import { icon } from "../../components/icon.js";
import { time } from "../../components/time.js";
import { say, tell } from "../../components/toast.js";
import { may, who } from "../../session.js";
import { payload } from "./steps.js";

const STATES = {
  approved: ["Approved", "good", "circle-check"],
  denied: ["Denied", "bad", "circle-x"],
  expired: ["Nobody decided in time", "warn", "clock"],
  cancelled: ["Withdrawn", "", "x"],
  waiting: ["Waits for you", "warn", "hand"],
};

/** @type {Map<string, Promise<string>>} */
const names = new Map();

/**
 * @param {string} id
 * @param {AbortSignal} signal
 */
export function approvalView(id, signal) {
  const element = el("section", { class: "approval", "aria-label": "A question to you" }, el("p", { class: "soft" }, "Asking …"));
  let timer = 0;
  signal.addEventListener("abort", () => clearInterval(timer));
  const load = async () => {
    try {
      paint(await get(`/approvals/${id}`, { signal }));
    } catch (error) {
      if (!isAbort(error)) fill(element, el("p", { class: "fault" }, error instanceof Error ? error.message : String(error)), button("Try again", { onclick: load }));
    }
  };

  /** @param {any} approval */
  function paint(approval) {
    clearInterval(timer);
    const [words, kind, picture] = STATES[/** @type {keyof typeof STATES} */ (approval.state)] ?? [approval.state, "", "info"];
    const waits = approval.state === "waiting";
    element.dataset.state = approval.state;
    fill(
      element,
      el("header", {}, icon(picture), el("strong", {}, waits ? asked(approval) : words), waits ? null : el("span", { class: `tag ${kind}` }, el("code", {}, approval.tool))),
      waits ? el("p", {}, approval.reason) : null,
      waits ? payload(`Arguments of ${approval.tool}`, JSON.stringify(approval.arguments, null, 2)) : null,
      approval.note ? el("blockquote", {}, approval.note) : null,
      waits ? null : decided(approval),
      waits && may("converse") ? choices(approval) : null,
    );
  }

  /** @param {any} approval */
  function choices(approval) {
    const left = el("span", { class: "soft number", role: "timer" });
    if (approval.expires_at) {
      const count = () => {
        const rest = new Date(approval.expires_at).getTime() - Date.now();
        left.textContent = rest > 0 ? `Expires in ${duration(rest)}` : "The time is over.";
        if (rest <= 0) clearInterval(timer);
      };
      count();
      timer = setInterval(count, 1000);
    }
    return el(
      "div",
      { class: "actions start" },
      button(approval.question === "outcome" ? "Call it again" : "Approve", { kind: "primary", icon: "check", onclick: () => decide(approval, "approve", null) }),
      button("Deny …", { onclick: () => deny(approval) }),
      left,
    );
  }

  /**
   * @param {any} approval
   * @param {"approve" | "deny"} decision
   * @param {string | null} note
   */
  async function decide(approval, decision, note) {
    try {
      paint(await post(`/approvals/${approval.id}/decide`, { decision, note }));
      say(decision === "approve" ? "Approved." : "Denied.");
    } catch (error) {
      tell(error);
      await load();
    }
  }

  /** @param {any} approval */
  function deny(approval) {
    dialog("Deny the call?", (close) => [
      el("p", {}, `${approval.tool} is not called. The agent is told so, with your reason, and answers.`),
      form({
        fields: [field("Why (if you like)", "note", area({ rows: 3, maxlength: 2000 }))],
        words: "Deny",
        cancel: close,
        submit: async (_, data) => {
          const note = String(data.get("note")).trim();
          paint(await post(`/approvals/${approval.id}/decide`, { decision: "deny", note: note || null }));
          say("Denied.");
          close();
        },
      }),
    ]);
  }

  void load();
  return { element, load };
}

/** @param {any} approval */
function asked(approval) {
  return approval.question === "outcome" ? `Did ${approval.tool} happen? Nobody knows` : `May ${approval.tool} be called?`;
}

/** @param {any} approval */
function decided(approval) {
  if (!approval.decided_at) return null;
  const name = el("span", {}, approval.decided_by ? "somebody" : "nobody");
  if (approval.decided_by) void nameOf(approval.decided_by).then((found) => (name.textContent = found));
  return el("p", { class: "soft small" }, "By ", name, ", ", time(approval.decided_at));
}

/**
 * @param {string} account
 * @returns {Promise<string>}
 */
function nameOf(account) {
  if (account === who().account.id) return Promise.resolve("you");
  if (!may("admin")) return Promise.resolve("somebody else");
  const found = names.get(account) ?? get(`/members/${account}`).then((member) => member.name, () => "somebody else");
  names.set(account, found);
  return found;
}
