// An agent: everything that it is made of, with a test pane beside.
import { isAbort, remove } from "../api.js";
import { busy, button, iconButton, linkButton } from "../components/button.js";
import { doing } from "../components/doing.js";
import { failure, skeleton } from "../components/empty.js";
import { clearFaults, showFaults } from "../components/faults.js";
import { whenSeenAgain } from "../components/fresh.js";
import { menu } from "../components/menu.js";
import { tell, toast } from "../components/toast.js";
import { el, fill } from "../dom.js";
import { number } from "../format.js";
import { go } from "../router.js";
import { may } from "../session.js";
import { completed, dataSets, freshContent, newest, roughTokens, Unsaved } from "./agents/content.js";
import { choice, labelled, textInput } from "./agents/inputs.js";
import { behaviourField, limitsField } from "./agents/limits.js";
import { modelField } from "./agents/model.js";
import { deployed, isOvertaken, made, overtaken, saved } from "./agents/saving.js";
import { approvalsField, httpField, serversField, toolsField } from "./agents/tools.js";
import { tryPane } from "./agents/try.js";

export const title = "Agent";

/** @param {import("../router.js").Visit} visit */
export async function show({ root, params, query, signal, title: call }) {
  root.classList.add("broad");
  fill(root, el("h1", { class: "unseen" }, "Agent"), skeleton(8));
  try {
    const sets = await dataSets(signal);
    if (!params.agent) {
      call("New agent");
      const content = freshContent();
      content.data_set = query.get("data_set");
      if (content.data_set) content.tools = ["search_documents"];
      const fresh = new Editor(root, signal, sets, { agent: null, etag: "", content });
      fresh.restore();
      fresh.draw();
      return;
    }
    const held = await newest(params.agent, signal);
    call(held.agent.name);
    const editor = new Editor(root, signal, sets, held);
    editor.restore();
    editor.draw();
    whenSeenAgain(() => editor.look(), signal);
  } catch (error) {
    if (!isAbort(error)) fill(root, failure(error, () => show({ root, params, query, signal, title: call }), "h1"));
  }
}

/** One agent on the desk. `agent` is null as long as it is not made. */
class Editor {
  /**
   * @param {HTMLElement} root
   * @param {AbortSignal} signal
   * @param {{value: string, words: string}[]} sets
   * @param {{agent: any, etag: string, content: Record<string, any>}} held
   */
  constructor(root, signal, sets, held) {
    this.root = root;
    this.signal = signal;
    this.sets = sets;
    this.held = held;
    this.before = JSON.stringify(held.content);
    this.mayChange = may("manage_agents");
    this.unsaved = new Unsaved(held.agent?.id ?? `new ${held.content.data_set ?? ""}`.trim());
    this.state = el("p", { class: "soft", role: "status" });
    this.fault = el("p", { class: "fault whole", role: "alert" });
    this.why = el("input", { type: "text", maxlength: 2000, placeholder: "Why (kept with the revision)", "aria-label": "Why it is changed" });
    this.isBack = false;
  }

  /** Whether something is typed that is not saved. */
  isChanged() {
    return JSON.stringify(this.held.content) !== this.before;
  }

  /** What is being changed; 0 as long as it is not made. */
  revision() {
    return this.held.agent?.latest_revision ?? 0;
  }

  agentId() {
    return this.held.agent?.id ?? null;
  }

  /** Bring back what was typed before the page was left. */
  restore() {
    const kept = this.unsaved.read(this.revision());
    if (!kept || JSON.stringify(kept) === this.before) return;
    this.held = { ...this.held, content: completed(kept) };
    this.isBack = true;
  }

  changed() {
    if (this.isChanged()) this.unsaved.write(this.revision(), this.held.content);
    else this.unsaved.drop();
    this.tellState();
  }

  tellState() {
    const { agent } = this.held;
    const draft = agent && agent.latest_revision > agent.revision;
    fill(
      this.state,
      agent ? `Revision ${agent.revision} answers.` : "It is not made yet.",
      draft ? ` Draft ${agent.latest_revision} is not deployed.` : "",
      agent && this.isChanged() ? " You have changes that are not saved." : "",
      this.isBack && this.isChanged() ? [agent ? " They are of before you left. " : " What you see you typed before you left. ", el("button", { type: "button", class: "link", onclick: () => this.discard() }, "Drop them")] : null,
    );
  }

  discard() {
    this.unsaved.drop();
    this.take({ ...this.held, content: completed(JSON.parse(this.before)) });
  }

  /** @param {{agent: any, etag: string, content: Record<string, any>}} held what is shown and changed from now on */
  take(held) {
    this.held = held;
    this.before = JSON.stringify(held.content);
    this.isBack = false;
    this.draw();
  }

  /** Look whether somebody changed it; what nobody has typed into is shown anew. */
  async look() {
    try {
      const now = await newest(this.held.agent.id, this.signal);
      if (now.etag !== this.held.etag && !this.isChanged()) this.take(now);
    } catch (error) {
      if (!isAbort(error)) tell(error);
    }
  }

  /**
   * Save, and ask what to do when somebody was faster.
   * @param {boolean} deploys
   * @returns {Promise<boolean>} whether it is saved
   */
  async save(deploys) {
    clearFaults(this.root);
    try {
      if (this.isChanged()) this.held = await saved(this.held, { deploys, note: this.why.value.trim() });
      else if (deploys) this.held = await deployed(this.held);
    } catch (error) {
      if (!isOvertaken(error)) {
        showFaults(this.root, this.fault, error);
        return false;
      }
      const choice = await overtaken(this.held, this.signal);
      if (!choice) return false;
      if (choice.takes === "theirs") {
        this.unsaved.drop();
        this.take(choice.held);
        return false;
      }
      this.held = choice.held;
      this.before = "";
      return this.save(deploys);
    }
    this.before = JSON.stringify(this.held.content);
    this.unsaved.drop();
    this.why.value = "";
    this.isBack = false;
    this.tellState();
    return true;
  }

  async create() {
    clearFaults(this.root);
    try {
      const agent = await made(this.held.content);
      this.unsaved.drop();
      toast(`${agent.name} is made, and answers.`);
      go(`/agents/${agent.id}`, { replace: true });
    } catch (error) {
      showFaults(this.root, this.fault, error);
    }
  }

  delete() {
    const { agent } = this.held;
    return doing({
      ask: { title: `Take ${agent.name} out of use?`, sentence: "Nobody can talk to it any more. What was accepted is still answered, and its conversations and revisions stay.", words: "Take out of use" },
      work: () => remove(`/agents/${agent.id}`).then(() => this.unsaved.drop()),
      done: `${agent.name} is out of use.`,
      changed: () => go("/agents"),
    });
  }

  draw() {
    const { agent, content } = this.held;
    const settings = content.settings;
    const form = el(
      "form",
      { class: "stack-wide", novalidate: true, "aria-label": agent ? "The agent" : "A new agent" },
      this.basics(),
      section("Tools", countOf(content.tools.length, "by name"), toolsField(this, content, this.signal), true),
      section("MCP servers", countOf(settings.mcp_servers.length), serversField(this, settings)),
      section("HTTP", countOf(settings.http.length, "hosts"), httpField(this, settings)),
      section("Approvals", countOf(settings.approvals.rules.length, "rules"), approvalsField(this, settings.approvals)),
      section("Limits", "", limitsField(this, content.limits)),
      section("Conversations", "", behaviourField(this, settings)),
      this.fault,
      this.mayChange ? this.bar() : null,
    );
    form.addEventListener("submit", (event) => event.preventDefault());
    const pane = agent
      ? tryPane({
          signal: this.signal,
          prepared: async () => {
            if (this.isChanged() && !(await this.save(false))) return null;
            return { agent: this.held.agent, revision: this.held.agent.latest_revision, content: this.held.content };
          },
        })
      : el("section", { class: "try card", "aria-label": "Try the agent" }, el("h2", {}, "Try it"), el("p", { class: "soft" }, "Make the agent, then talk with it here. What you change later is tried as a draft, before anybody else meets it."));
    fill(this.root, this.head(), el("div", { class: "desk" }, form, this.mayChange ? pane : null));
    this.tellState();
  }

  head() {
    const { agent } = this.held;
    return el(
      "header",
      { class: "page-head" },
      el("div", {}, el("a", { class: "back", href: "/agents" }, "Agents"), el("h1", {}, agent ? agent.name : "New agent"), agent ? el("p", { class: "soft" }, el("code", {}, agent.slug)) : el("p", { class: "soft" }, "It answers as soon as it is made.")),
      agent
        ? el(
            "div",
            { class: "actions" },
            linkButton("Talk", `/chat?agent=${agent.id}`, { icon: "message-circle" }),
            linkButton("Revisions", `/agents/${agent.id}/revisions`, { icon: "history" }),
            this.mayChange ? menu(iconButton("ellipsis", `More about ${agent.name}`), () => [{ words: "Take out of use …", icon: "trash-2", danger: true, onchoose: () => this.delete() }], { right: true }) : null,
          )
        : null,
    );
  }

  basics() {
    const { agent, content } = this.held;
    const count = el("span", { class: "soft" });
    const tokens = () => fill(count, `about ${number(roughTokens(content.instructions ?? ""))} tokens`);
    const instructions = textInput(this, content, "instructions", { orNull: true, rows: 12, class: "mono", spellcheck: "true" });
    instructions.addEventListener("input", tokens);
    tokens();
    const set = choice(this, content, "data_set", [{ value: "", words: "none" }, ...this.sets]);
    set.addEventListener("change", () => {
      // An agent that is given knowledge shall be able to search it.
      if (!agent && content.data_set && !content.tools.includes("search_documents")) {
        content.tools = [...content.tools, "search_documents"];
        this.changed();
        this.draw();
      }
    });
    return el(
      "section",
      { class: "card" },
      el("div", { class: "pair" },
        labelled("Name", "name", textInput(this, content, "name", { maxlength: 255 }), { hint: agent ? `Paths of the API say ${agent.slug}; that never changes.` : "The slug, by which programs name it, is made from it." }),
        labelled("Data set", "data_set", set, { hint: "What it can search." }),
      ),
      labelled("Description", "description", textInput(this, content, "description", { orNull: true }), { hint: "For those who choose an agent." }),
      modelField(this, content),
      labelled("Instructions", "instructions", instructions, { hint: count }),
    );
  }

  bar() {
    const work = (/** @type {() => Promise<unknown>} */ task) => (/** @type {MouseEvent} */ event) => busy(/** @type {HTMLButtonElement} */ (event.currentTarget), Promise.resolve(task()).then(() => undefined));
    if (!this.held.agent) return el("div", { class: "save-bar" }, this.state, el("div", { class: "actions" }, linkButton("Cancel", "/agents"), button("Make the agent", { kind: "primary", onclick: work(() => this.create()) })));
    const save = async (/** @type {boolean} */ deploys) => {
      if (!(await this.save(deploys))) return;
      toast(deploys ? `Revision ${this.held.agent.revision} answers from now on.` : `Draft ${this.held.agent.latest_revision} is saved; it answers nothing yet.`);
    };
    return el(
      "div",
      { class: "save-bar" },
      this.state,
      this.why,
      el("div", { class: "actions" }, button("Save as a draft", { onclick: work(() => save(false)) }), button("Deploy", { kind: "primary", icon: "zap", onclick: work(() => save(true)) })),
    );
  }
}

/**
 * @param {string} words
 * @param {string} count
 * @param {import("../dom.js").Child} content
 * @param {boolean} [open]
 */
function section(words, count, content, open = false) {
  return el("details", { class: "card fold", open }, el("summary", {}, el("h2", {}, words), count ? el("span", { class: "tag" }, count) : null), el("div", { class: "fold-body" }, content));
}

/**
 * @param {number} count
 * @param {string} [what]
 */
const countOf = (count, what = "") => (count ? `${count} ${what}`.trim() : "");
