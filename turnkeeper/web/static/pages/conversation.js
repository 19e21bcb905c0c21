// One conversation, read from its beginning: every message with its reply, whoever's it is, and its log played again.
import { addressOf, get, isAbort, items } from "../api.js";
import { button, iconButton, linkButton } from "../components/button.js";
import { empty, failure, skeleton } from "../components/empty.js";
import { icon } from "../components/icon.js";
import { menu } from "../components/menu.js";
import { replay } from "../components/replay.js";
import { tabs } from "../components/tabs.js";
import { time } from "../components/time.js";
import { el, fill } from "../dom.js";
import { follow } from "../events.js";
import { bytes, money, number } from "../format.js";
import { markdown } from "../markdown.js";
import { go } from "../router.js";
import { may } from "../session.js";
import { actionsOn, fork } from "./conversation/actions.js";
import { accountNames, originTag, statusTag } from "./conversation/words.js";

export const title = "Conversation";

const PAGE = 50;
const MOST_PAGES_TO_A_MESSAGE = 40;
const MOST_EVENTS_PLAYED = 20_000;
const TELLS = new Set(["message.queued", "turn.started", "message.completed", "message.failed", "message.cancelled", "message.absorbed", "messages.superseded", "approval.asked", "approval.decided"]);

/** @param {import("../router.js").Visit} visit */
export async function show(visit) {
  const { root, params, signal } = visit;
  const wait = skeleton(8);
  root.append(el("h1", {}, title), wait);
  try {
    const talk = await get(`/conversations/${params.conversation}`, { signal });
    root.replaceChildren();
    build(visit, talk);
  } catch (error) {
    if (!isAbort(error)) wait.replaceWith(failure(error, () => (root.replaceChildren(), show(visit))));
  }
}

/**
 * @param {import("../router.js").Visit} visit
 * @param {any} talk
 */
function build({ root, query, signal, title: name }, talk) {
  const head = el("div", { class: "stack talk-head" });
  const paintHead = () => {
    name(talk.title || title);
    fill(head, ...heading(talk));
  };
  const refresh = async () => {
    try {
      Object.assign(talk, await get(`/conversations/${talk.id}`, { signal }));
      paintHead();
    } catch (error) {
      if (!isAbort(error)) throw error;
    }
  };
  paintHead();
  void accountNames(signal).then((names) => {
    talk.account_name = names.get(talk.account_id);
    paintHead();
  });
  const reading = messages(talk, query.get("message"), signal);
  /** @type {{stop: () => void} | null} */
  let player = null;
  root.append(
    el(
      "header",
      { class: "page-head" },
      head,
      el(
        "div",
        { class: "actions" },
        may("converse") ? linkButton("Open in the chat", `/chat/${talk.id}`, { icon: "message-circle" }) : null,
        menu(iconButton("ellipsis", "What to do with the conversation"), () => actionsOn(talk, { changed: refresh, gone: () => go("/conversations") }), { right: true }),
      ),
    ),
    tabs("How the conversation is shown", [
      { words: "Messages", content: () => (player?.stop(), reading.element) },
      {
        words: "Replay",
        content: () => {
          const place = el("div", {}, skeleton(5));
          void played(talk, reading.texts, signal).then(
            (made) => ((player = made), fill(place, made.element)),
            (error) => isAbort(error) || fill(place, failure(error)),
          );
          return place;
        },
      },
    ]),
  );
  follow(
    talk.id,
    {
      after: talk.last_event,
      heard: (event) => {
        if (TELLS.has(event.event)) reading.changed();
        if (event.event.startsWith("message.")) void refresh().catch(() => undefined);
      },
      ended: (reason) => reason === "deleted" && root.replaceChildren(empty({ heading: "h1", title: "It is gone", sentence: "Somebody deleted this conversation.", icon: "trash-2", action: linkButton("To the conversations", "/conversations") })),
    },
    signal,
  );
}

/** @param {any} talk */
function heading(talk) {
  const { usage } = talk;
  const facts = [
    `${number(talk.message_count)} ${talk.message_count === 1 ? "message" : "messages"}`,
    `${number(usage.input_tokens)} tokens in, ${number(usage.output_tokens)} out`,
    usage.cost_usd === null ? null : money(usage.cost_usd),
    talk.account_name,
  ].filter(Boolean);
  return [
    el("p", { class: "crumbs" }, el("a", { href: "/conversations" }, "Conversations"), " / This conversation"),
    el("h1", { class: "clip", title: talk.title }, talk.title || "Without a message"),
    el("p", { class: "trace-head soft" }, statusTag(talk.status), originTag(talk.origin), talk.archived_at ? el("span", { class: "tag warn" }, "archived") : null, el("a", { href: `/agents/${talk.agent.id}` }, talk.agent.name), el("span", {}, facts.join(" · ")), time(talk.updated_at)),
    talk.tags.length || Object.keys(talk.metadata).length
      ? el("div", { class: "tags" }, talk.tags.map((/** @type {string} */ tag) => el("span", { class: "tag accent" }, tag)), Object.entries(talk.metadata).map(([key, value]) => el("span", { class: "tag mono" }, `${key}=${value}`)))
      : null,
  ];
}

/**
 * The talk, page by page; what is new comes in by itself when its end is shown.
 * @param {any} talk
 * @param {string | null} wanted the message that is looked for
 * @param {AbortSignal} signal
 */
function messages(talk, wanted, signal) {
  const list = el("ol", { class: "entries" });
  const more = el("div", { class: "more" });
  const element = el("div", { class: "stack-wide" }, skeleton(6));
  /** @type {Map<string, string>} */
  const texts = new Map();
  /** @type {{cursor: string | null, nodes: Map<string, HTMLElement>, spelled: Map<string, string>}[]} */
  const pages = [];
  let isAtEnd = false;
  let isBusy = false;
  let isStale = false;

  /**
   * @param {string | null} cursor
   * @param {number} place of the page; one that is there already is read anew
   */
  async function load(cursor, place) {
    const page = await get(`/conversations/${talk.id}/messages`, { query: { order: "asc", limit: PAGE, cursor }, signal });
    const known = (pages[place] ??= { cursor, nodes: new Map(), spelled: new Map() });
    for (const entry of page.items) {
      if (entry.role === "user") texts.set(entry.id, entry.text);
      const spelled = JSON.stringify(entry);
      if (known.spelled.get(entry.id) === spelled) continue;
      known.spelled.set(entry.id, spelled);
      const node = entryOf(talk, entry);
      const before = known.nodes.get(entry.id);
      if (before) before.replaceWith(node);
      else list.append(node);
      known.nodes.set(entry.id, node);
    }
    isAtEnd = !page.has_more;
    fill(more, page.has_more ? button("Show more", { kind: "quiet", onclick: () => load(page.next_cursor, place + 1) }) : null);
    if (!list.children.length) fill(element, empty({ title: "Nothing was said yet", sentence: "The first message begins it.", icon: "message-circle" }));
    else if (!list.isConnected || list.parentElement !== element) fill(element, list, more);
    return page.has_more ? page.next_cursor : null;
  }

  async function begin() {
    try {
      let cursor = await load(null, 0);
      const isThere = () => !wanted || pages.some((page) => page.nodes.has(wanted));
      for (let place = 1; cursor && !isThere() && place < MOST_PAGES_TO_A_MESSAGE; place++) cursor = await load(cursor, place);
      const node = wanted && pages.map((page) => page.nodes.get(wanted)).find(Boolean);
      if (!node) return;
      node.classList.add("wanted");
      node.scrollIntoView({ block: "center" });
    } catch (error) {
      if (!isAbort(error)) fill(element, failure(error, begin));
    }
  }
  async function changed() {
    isStale = true;
    if (isBusy || !isAtEnd) return;
    isBusy = true;
    try {
      while (isStale) {
        isStale = false;
        const last = pages.length - 1;
        const next = await load(pages[last].cursor, last);
        if (next) await load(next, last + 1);
      }
    } catch (error) {
      if (!isAbort(error)) fill(more, failure(error, changed));
    } finally {
      isBusy = false;
    }
  }
  void begin();
  return { element, texts, changed };
}

/**
 * @param {any} talk
 * @param {any} entry
 */
function entryOf(talk, entry) {
  const isAsked = entry.role === "user";
  const turn = `/conversations/${talk.id}/turns/${isAsked ? entry.answered_with ?? entry.id : entry.answers}`;
  const who = { user: "Message", assistant: talk.agent.name, system: "No answer" }[/** @type {"user"} */ (entry.role)];
  const state = { queued: ["waits", ""], pending: ["is being answered", "accent"], failed: ["failed", "bad"], cancelled: ["cancelled", "warn"] }[/** @type {"queued"} */ (entry.status)];
  const usage = entry.usage && (entry.usage.input_tokens || entry.usage.output_tokens) ? `${number(entry.usage.input_tokens)} → ${number(entry.usage.output_tokens)} tokens${entry.usage.cost_usd === null ? "" : `, ${money(entry.usage.cost_usd)}`}` : null;
  return el(
    "li",
    { class: `entry ${entry.role}${entry.left_out ? " left-out" : ""}`, id: entry.id },
    el(
      "header",
      {},
      el("strong", {}, who),
      isAsked && state ? el("span", { class: `tag ${state[1]}` }, state[0]) : null,
      entry.left_out ? el("span", { class: "tag warn" }, entry.left_out === "superseded" ? "left behind by an edit" : "rolled back") : null,
      el("span", { class: "soft" }, entry.model, usage ? ` · ${usage}` : null),
      time(entry.created_at),
      el("a", { href: turn, class: "entry-turn" }, icon("clock", 16), el("span", {}, "Timeline")),
      may("converse") && !entry.left_out && (!isAsked || !["queued", "pending"].includes(entry.status)) ? menu(iconButton("ellipsis", "What to do with this message"), () => [{ words: "Fork from here", icon: "git-fork", onchoose: () => fork(talk, entry.id) }], { right: true }) : null,
    ),
    isAsked ? el("p", { class: "entry-text" }, entry.text) : entry.role === "system" ? el("p", { class: "entry-text fault" }, entry.text) : markdown(entry.text),
    entry.citations.length
      ? el("details", { class: "entry-sources" }, el("summary", {}, `${entry.citations.length} ${entry.citations.length === 1 ? "source" : "sources"}`), el("ol", {}, entry.citations.map((/** @type {any} */ each) => el("li", {}, source(talk, each)))))
      : null,
    entry.files.length ? el("div", { class: "tags" }, entry.files.map((/** @type {any} */ file) => el("a", { class: "tag", href: addressOf(`/files/${file.id}/content`), download: file.name }, `${file.name}, ${bytes(file.size)}`))) : null,
    entry.feedback.map((/** @type {any} */ each) => el("p", { class: "soft small" }, icon(each.rating === "up" ? "thumbs-up" : "thumbs-down", 14), " ", each.comment ?? "")),
  );
}

/**
 * @param {any} talk
 * @param {any} citation
 */
function source(talk, citation) {
  const words = citation.title || citation.address;
  return [
    talk.data_set && citation.document_id ? el("a", { href: `/data-sets/${talk.data_set.id}/documents/${citation.document_id}?start=${citation.start}&end=${citation.end}` }, words) : el("span", {}, words),
    el("blockquote", {}, citation.quote),
    citation.verified ? null : el("span", { class: "tag warn" }, "not found word for word"),
  ];
}

/**
 * @param {any} talk
 * @param {Map<string, string>} texts
 * @param {AbortSignal} signal
 */
async function played(talk, texts, signal) {
  const events = [];
  let isCut = true;
  for (let after = 0; events.length < MOST_EVENTS_PLAYED; ) {
    const page = await get(`/conversations/${talk.id}/events`, { query: { after, limit: 100 }, signal });
    events.push(...page.items);
    if (!page.has_more) {
      isCut = false;
      break;
    }
    after = page.next_after;
  }
  const questions = new Map(texts);
  if (events.some((event) => event.message_id && !questions.has(event.message_id))) {
    for await (const entry of items(`/conversations/${talk.id}/messages`, { order: "asc" }, signal)) {
      if (entry.role === "user") questions.set(entry.id, entry.text);
    }
  }
  const made = replay({ events, questions, signal });
  if (isCut) made.element.prepend(el("p", { class: "remark" }, `Only the first ${number(events.length)} events are played; the timelines of its turns have the rest.`));
  return made;
}
