// Chat: one's talks, the one that is open, and where one writes.
import { get, isAbort, items, post } from "../api.js";
import { el, fill } from "../dom.js";
import { iconButton, linkButton } from "../components/button.js";
import { empty, failure, skeleton } from "../components/empty.js";
import { icon } from "../components/icon.js";
import { tell } from "../components/toast.js";
import { go, note } from "../router.js";
import { may } from "../session.js";
import { agentChoice } from "./chat/agents.js";
import { originTag } from "./conversation/words.js";
import { citationPanel } from "./chat/citations.js";
import { composer } from "./chat/composer.js";
import { draftName, lastAgent } from "./chat/drafts.js";
import { recent } from "./chat/recent.js";
import { talk } from "./chat/talk.js";
import { spent } from "./chat/turn.js";

export const title = "Chat";

/** @param {import("../router.js").Visit} visit */
export async function show({ root, params, query, signal, title: call }) {
  root.classList.add("full");
  const current = params.conversation ?? null;
  const side = recent({ current, signal, renamed: (conversation) => named(conversation) });
  const stage = el("section", { class: "chat-stage" });
  const panel = citationPanel(signal);
  const frame = el("div", { class: "chat" }, side.element, stage, panel.element);
  const opener = iconButton("menu", "Your conversations", () => {
    const isOpen = frame.classList.toggle("listing");
    opener.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) /** @type {HTMLElement | null} */ (side.element.querySelector("a"))?.focus();
  });
  opener.classList.add("list-opener");
  opener.setAttribute("aria-expanded", "false");
  side.element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !frame.classList.contains("listing")) return;
    frame.classList.remove("listing");
    opener.setAttribute("aria-expanded", "false");
    opener.focus();
  });
  root.append(frame);
  const heading = el("h1", {}, current ? "Conversation" : "New conversation");
  /** @param {any} conversation */
  function named(conversation) {
    const words = conversation.title || "New conversation";
    if (heading.textContent === words) return;
    heading.textContent = words;
    heading.title = words;
    call(words);
  }
  if (current) await showTalk({ id: current, stage, signal, opener, heading, named, panel, side });
  else await showNew({ stage, signal, opener, heading, wanted: query.get("agent") });
}

/** @param {{stage: HTMLElement, signal: AbortSignal, opener: HTMLElement, heading: HTMLElement, wanted: string | null}} of `wanted`: the agent of the address, by its id or slug */
async function showNew({ stage, signal, opener, heading, wanted }) {
  const body = el("div", { class: "new-talk" }, skeleton(6));
  fill(stage, el("header", { class: "chat-head" }, opener, heading), body);
  try {
    const agents = [];
    for await (const agent of items("/agents", {}, signal)) agents.push(agent);
    if (!agents.length) return fill(body, noAgents());
    const names = new Map();
    await get("/data-sets", { query: { limit: 100 }, signal }).then((page) => page.items.forEach((/** @type {any} */ set) => names.set(set.id, set.name)), () => null);
    const meant = agents.find((agent) => agent.id === wanted || agent.slug === wanted);
    if (wanted && !meant) tell(new Error("The agent of this address is not there, or not open to you; choose another one."));
    let chosen = meant ?? agents.find((agent) => agent.id === lastAgent.get()) ?? agents[0];
    const ask = modeSwitch();
    const write = composer({
      draft: draftName("new"),
      signal,
      beside: ask.element,
      request: (message) => ({ agent: chosen.id, mode: ask.mode(), message }),
      send: async (body, key) => {
        lastAgent.set(body.agent);
        const begun = await post("/conversations", body, { key });
        if (!signal.aborted) queueMicrotask(() => go(`/chat/${begun.conversation.id}`));
      },
    });
    fill(
      body,
      el("div", { class: "greeting" }, el("h2", {}, "What would you like to know?")),
      agentChoice(agents, names, chosen.id, (agent) => {
        chosen = agent;
        lastAgent.set(agent.id);
        note({ agent: null });
      }),
    );
    stage.append(may("converse") ? write.element : el("p", { class: "soft composer" }, "You may read here, and not write."));
    droppable(stage, write, signal);
    write.focus();
  } catch (error) {
    if (!isAbort(error)) fill(body, failure(error, () => go("/chat", { replace: true })));
  }
}

/** What stands in the place of agents where there is none: the shortest way to one, for those who may go it. */
function noAgents() {
  const common = { title: "There is no agent yet", icon: "bot" };
  if (!may("manage_agents")) return empty({ ...common, sentence: "Ask an admin to open one to you." });
  if (!may("manage_data")) return empty({ ...common, sentence: "Make one, and talk with it here.", action: linkButton("Make an agent", "/agents/new", { icon: "plus", kind: "primary" }) });
  return empty({ ...common, sentence: "Drop a few files, and one is made that answers from them.", action: linkButton("Begin with your files", "/welcome", { icon: "upload", kind: "primary" }) });
}

/** Whether nothing outside may be changed, chosen as a talk begins. */
function modeSwitch() {
  const box = el("input", { type: "checkbox", role: "switch" });
  const element = el("label", { class: "mode", title: "The agent looks and answers, and calls no tool that changes anything" }, box, el("span", {}, "Only ask"));
  return { element, mode: () => (box.checked ? "ask" : "execute") };
}

/** @param {any} of */
async function showTalk({ id, stage, signal, opener, heading, named, panel, side }) {
  const about = el("span", { class: "chat-about" });
  const head = el("header", { class: "chat-head" }, opener, heading, about);
  let usual = "enqueue";
  /** @type {any[]} */
  let unfinished = [];
  let wasTitled = false;
  const shown = talk({
    id,
    signal,
    cite: (citation, number, dataSet, from) => panel.open(citation, number, dataSet, from),
    changed: (conversation) => {
      if (!conversation) return;
      named(conversation);
      fill(
        about,
        el("span", { class: "tag" }, icon("bot", 13), conversation.agent.name),
        conversation.mode === "ask" ? el("span", { class: "tag accent", title: "Nothing outside is changed" }, "Only ask") : null,
        conversation.origin === "web" ? null : originTag(conversation.origin),
        conversation.usage.input_tokens ? spent(conversation.usage) : null,
      );
      if (!wasTitled) void get(`/agents/${conversation.agent.id}`, { signal }).then((agent) => {
        usual = agent.settings?.overlap ?? usual;
        write.working(unfinished.length > 0, usual);
      }, () => null);
      wasTitled = true;
    },
    working: (now) => {
      const isLess = now.length < unfinished.length;
      unfinished = now;
      write.working(now.length > 0, usual);
      if (isLess) void side.load();
    },
  });
  const write = composer({
    draft: draftName(id),
    signal,
    send: async (body, key) => {
      await shown.send(body, key);
      void side.load();
    },
    // The oldest is the one that is being answered.
    stop: () => (unfinished[0] ? shown.stop(unfinished[0].id) : Promise.resolve()),
  });
  fill(stage, head, shown.element, may("converse") ? write.element : null);
  write.working(false, usual);
  droppable(stage, write, signal);
  if (matchMedia("(hover: hover)").matches) write.focus();
  await shown.load().catch(() => null);
}

/**
 * Files that are dropped anywhere on the talk go with the message.
 * @param {HTMLElement} stage
 * @param {{drop: (files: File[]) => void}} write
 * @param {AbortSignal} signal
 */
function droppable(stage, write, signal) {
  stage.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    stage.classList.add("dropping");
  }, { signal });
  stage.addEventListener("dragleave", (event) => {
    if (!stage.contains(/** @type {Node | null} */ (event.relatedTarget))) stage.classList.remove("dropping");
  }, { signal });
  stage.addEventListener("drop", (event) => {
    stage.classList.remove("dropping");
    const files = [...(event.dataTransfer?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    write.drop(files);
  }, { signal });
}
