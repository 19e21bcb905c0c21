// What an agent may spend, how it remembers, and what becomes of messages that overlap.
import { el } from "../../dom.js";
import { choice, labelled, numberInput } from "./inputs.js";

const OVERLAPS = [
  { value: "enqueue", words: "Enqueue: answered after those before it" },
  { value: "reject", words: "Reject: refused while one is unfinished" },
  { value: "interrupt", words: "Interrupt: stops the answer, keeps what was said" },
  { value: "rollback", words: "Rollback: stops the answer, drops what was said" },
  { value: "steer", words: "Steer: the turn under way hears it" },
  { value: "merge", words: "Merge: answered together with the one that waits" },
];

/**
 * @param {import("./inputs.js").Desk} desk
 * @param {Record<string, any>} limits
 */
export function limitsField(desk, limits) {
  /** @type {(label: string, key: string, placeholder: string, step?: string) => HTMLElement} */
  const one = (label, key, placeholder, step = "1") => labelled(label, `limits/${key}`, numberInput(desk, limits, key, { placeholder, step }));
  return [
    el("p", { class: "soft" }, "Of one turn. An empty field is the usual, which stands in it."),
    el(
      "div",
      { class: "pair three" },
      one("Calls of the model", "model_calls", "12"),
      one("Calls of tools", "tool_calls", "50"),
      one("Seconds", "seconds", "300", "any"),
      one("Tokens, in and out", "tokens", "no limit"),
      one("Tokens of one answer", "output_tokens", "8192"),
      one("Cost in US dollars", "cost_usd", "no limit", "any"),
      one("Tokens of history", "history_tokens", "24000"),
      one("Tokens a day, all turns", "tokens_a_day", "no limit"),
      one("US dollars a day, all turns", "cost_usd_a_day", "no limit", "any"),
    ),
  ];
}

/**
 * @param {import("./inputs.js").Desk} desk
 * @param {Record<string, any>} settings
 */
export function behaviourField(desk, settings) {
  const kept = settings.retention;
  /** @type {(label: string, key: string) => HTMLElement} */
  const days = (label, key) => labelled(label, `settings/retention/${key}`, numberInput(desk, kept, key, { min: 1, step: "1", placeholder: "as in the organization" }));
  return [
    el(
      "div",
      { class: "pair" },
      labelled("A message that comes while one is answered", "settings/overlap", choice(desk, settings, "overlap", OVERLAPS), { hint: "Unless the sender says otherwise." }),
      labelled(
        "What no longer fits into the history",
        "settings/memory",
        choice(desk, settings, "memory", [
          { value: "window", words: "is forgotten" },
          { value: "summary", words: "is kept as a running summary" },
        ]),
        { hint: "Summaries are written by the agent’s own model." },
      ),
    ),
    el("div", { class: "pair three" }, days("Keep conversations (days)", "conversations_days"), days("Keep texts (days)", "text_days"), days("Keep files (days)", "files_days")),
  ];
}
