// The first run: files are dropped, a data set and an agent are made of them, and the first question has a cited answer.
import { get, isAbort, post } from "../api.js";
import { busy, button, linkButton } from "../components/button.js";
import { dropZone } from "../components/drop.js";
import { tell } from "../components/toast.js";
import { el, fill } from "../dom.js";
import { may, who } from "../session.js";
import { shown } from "./agents/try.js";
import { mostWords, sending } from "./data/upload.js";

export const title = "Welcome";

const INSTRUCTIONS = `Answer from the documents that you have. Search them before you answer.
Put the mark of a passage, such as [1], behind what it says.
Say so when they do not have the answer.`;
const MOST_NAMES = 20;

/** @param {import("../router.js").Visit} visit */
export function show({ root, signal }) {
  const isAllowed = may("manage_agents") && may("manage_data");
  const files = el("div", {});
  const ask = el("div", {}, el("p", { class: "soft" }, "An agent is made that answers from them, and says where it has it from."));
  const head = el("header", {}, el("h1", {}, `Welcome, ${who().account.name}`), el("p", { class: "soft" }, "Two steps to the first answer: drop what you know, then ask."));
  const second = step(2, "Ask", ask);
  second.classList.add("later");
  const zone = dropZone({
    words: "Drop files or a folder here",
    hint: `A handbook, manuals, a price list: Markdown, text, HTML, PDF, DOCX, CSV, XLSX, product JSONL, ZIP. ${mostWords()}`,
    dropped: async (dropped) => {
      /** @type {any} */
      let set = null;
      const { element, sent } = sending(dropped, async () => (set = await post("/data-sets", { name: await free(nameOf(dropped)) })).id, signal);
      fill(files, element);
      let passages = 0;
      try {
        for await (const run of sent) passages += run.passages;
        if (signal.aborted) return;
        if (!passages) return void fill(files, element, el("p", {}, "Nothing of that could be read. Try other files:"), zone);
        const agent = await post("/agents", { name: set.name, data_set: set.id, instructions: INSTRUCTIONS, tools: ["search_documents"], description: `Answers from ${set.name}.` });
        second.classList.remove("later");
        fill(ask, question(agent, set, signal));
        ask.querySelector("textarea")?.focus();
      } catch (error) {
        if (!isAbort(error)) tell(error);
      }
    },
  });
  fill(files, isAllowed ? zone : el("p", {}, "Only admins may make data sets and agents; ask one to open an agent to you."));
  fill(root, el("div", { class: "welcome" }, head, step(1, "Drop your files", files), second, el("p", { class: "soft" }, "Or ", el("a", { href: "/agents/new" }, "make an agent"), " without files, or go ", el("a", { href: "/chat" }, "to the chat"), ".")));
}

/**
 * @param {number} number
 * @param {string} words
 * @param {HTMLElement} content
 */
function step(number, words, content) {
  return el("section", { class: "welcome-step", "aria-label": words }, el("span", { class: "hit-rank", "aria-hidden": "true" }, String(number)), el("div", {}, el("h2", {}, words), content));
}

/**
 * What the folder is called, or the only file, else something that fits everything.
 * @param {import("../components/drop.js").Dropped[]} dropped
 */
function nameOf(dropped) {
  const folders = new Set(dropped.map(({ name }) => (name.includes("/") ? name.split("/")[0] : "")));
  const folder = [...folders][0];
  if (folders.size === 1 && folder) return folder.slice(0, 100);
  if (dropped.length === 1) return dropped[0].file.name.replace(/\.[^.]+$/, "").slice(0, 100) || "My documents";
  return "My documents";
}

/**
 * This name, or one with a number where a data set has it already.
 * @param {string} name
 */
async function free(name) {
  for (let number = 1; number < MOST_NAMES; number += 1) {
    const wanted = number === 1 ? name : `${name} ${number}`;
    if (!(await get("/data-sets", { query: { name: wanted, limit: 1 } })).items.length) return wanted;
  }
  return `${name} ${new Date().toISOString()}`;
}

/**
 * @param {any} agent
 * @param {any} set
 * @param {AbortSignal} signal
 */
function question(agent, set, signal) {
  const words = el("textarea", { rows: 2, "aria-label": "Your question", placeholder: "What would you like to know of them?" });
  const send = button("Ask", { icon: "send-horizontal", kind: "primary", type: "submit" });
  const log = el("div", { class: "try-log", role: "log", "aria-label": "The answer" });
  const onward = el("div", { class: "actions start" });
  const form = el("form", { class: "try-form" }, words, send);
  let talk = "";
  const ask = async () => {
    const text = words.value.trim();
    if (!text) return;
    try {
      const begun = talk ? { message: await post(`/conversations/${talk}/messages`, { text }) } : await post("/conversations", { agent: agent.id, message: { text } });
      talk ||= begun.conversation.id;
      words.value = "";
      fill(onward, linkButton("Go on in the chat", `/chat/${talk}`, { icon: "message-circle", kind: "primary" }), linkButton("Change the agent", `/agents/${agent.id}`, { icon: "bot" }), linkButton("See the data set", `/data-sets/${set.id}`, { icon: "database" }));
      await shown(log, text, 0, talk, begun.message.id, 0, signal);
    } catch (error) {
      if (!isAbort(error)) tell(error);
    }
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!send.getAttribute("aria-busy")) void busy(send, ask());
  });
  words.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  return el("div", { class: "stack-wide" }, el("p", {}, el("strong", {}, agent.name), " has read them, and answers."), log, form, onward);
}
