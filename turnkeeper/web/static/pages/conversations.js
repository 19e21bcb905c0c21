// Conversations: searched, filtered, page by page. What is looked for stands in the address.
import { items } from "../api.js";
import { button, iconButton } from "../components/button.js";
import { input, select } from "../components/form.js";
import { icon } from "../components/icon.js";
import { menu } from "../components/menu.js";
import { whenItRests } from "../components/patience.js";
import { table } from "../components/table.js";
import { time } from "../components/time.js";
import { el, unique } from "../dom.js";
import { compact, money, number } from "../format.js";
import { note } from "../router.js";
import { may } from "../session.js";
import { actionsOn, importing } from "./conversation/actions.js";
import { accountNames, marked, ORIGIN_CHOICES, originTag, searchRemark, STATUS_CHOICES, statusTag } from "./conversation/words.js";

export const title = "Conversations";

const DAY_MS = 86_400_000;
const TIMES = [
  { value: "", words: "Any time" },
  { value: "1", words: "Last day" },
  { value: "7", words: "Last 7 days" },
  { value: "30", words: "Last 30 days" },
  { value: "365", words: "Last year" },
];
const SORTS = [
  { value: "", words: "Last active first" },
  { value: "updated_at", words: "Least active first" },
  { value: "-created_at", words: "Newest first" },
  { value: "created_at", words: "Oldest first" },
];
const ARCHIVED = [
  { value: "", words: "Not archived" },
  { value: "true", words: "Archived" },
  { value: "any", words: "Both" },
];
const NAMES = ["search", "agent", "status", "origin", "account", "days", "label", "archived", "sort"];

/** @param {import("../router.js").Visit} visit */
export async function show({ root, query, signal }) {
  const wanted = /** @type {Record<string, string>} */ (Object.fromEntries(NAMES.map((name) => [name, query.get(name) ?? ""])));
  /** @type {Map<string, string>} */
  let names = new Map();
  /** @type {import("../components/table.js").Table} */
  const list = table({
    caption: "Conversations",
    path: "/conversations",
    query: asked(wanted),
    signal,
    columns: [
      { title: "Conversation", cell: (talk) => called(talk, wanted.search) },
      {
        title: "Agent",
        plain: true,
        cell: (talk) =>
          el(
            "div",
            { class: "stack nowrap" },
            el("span", {}, talk.agent.name),
            may("admin") ? el("small", { class: "soft account-name", dataset: { account: talk.account_id } }, names.get(talk.account_id) ?? "…") : null,
          ),
      },
      { title: "From", plain: true, cell: (talk) => originTag(talk.origin) },
      { title: "Status", plain: true, cell: (talk) => statusTag(talk.status) },
      { title: "Messages", number: true, cell: (talk) => number(talk.message_count) },
      { title: "Spent", number: true, plain: true, cell: (talk) => spending(talk.usage) },
      { title: "Last active", plain: true, cell: (talk) => time(talk.updated_at) },
      {
        title: "What to do",
        quiet: true,
        cell: (talk) => menu(iconButton("ellipsis", `What to do with ${talk.title || "the conversation"}`), () => actionsOn(talk, { changed: () => list.reload(), gone: () => list.reload() }), { right: true }),
      },
    ],
    remark: searchRemark,
    nothing: { title: "No conversations", sentence: "None fits what is looked for. Loosen a filter, or begin one in the chat.", icon: "messages-square" },
  });
  const reload = () => list.reload(asked(wanted));
  const tools = filters(wanted, reload, signal);
  root.classList.add("broad");
  root.append(
    el(
      "header",
      { class: "page-head" },
      el("div", { class: "stack" }, el("h1", {}, title), el("p", { class: "soft" }, may("admin") ? "All talks of the organization, at every door." : "Your talks, at every door.")),
      may("converse") ? button("Import", { icon: "upload", onclick: importing }) : null,
    ),
    tools,
    list.element,
  );
  const again = () => {
    if (document.visibilityState === "visible" && !root.querySelector(".menu:not([hidden])") && !document.querySelector("dialog[open]") && !root.querySelector(".list")?.contains(document.activeElement)) void reload();
  };
  document.addEventListener("visibilitychange", again, { signal });
  addEventListener("focus", again, { signal });
  names = await accountNames(signal);
  const paint = () => {
    for (const place of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(".account-name"))) {
      const id = place.dataset.account ?? "";
      if (place.textContent === "…") place.textContent = names.get(id) ?? id;
    }
  };
  paint();
}

/** @param {any} usage */
function spending({ input_tokens: read, output_tokens: written, cost_usd: cost }) {
  const tokens = read + written;
  if (!tokens && cost === null) return "–";
  return el(
    "div",
    { class: "stack end nowrap", title: `${number(read)} tokens in, ${number(written)} out` },
    el("span", {}, cost === null ? "–" : money(cost)),
    el("small", { class: "soft" }, `${compact(tokens)} tokens`),
  );
}

/**
 * What the address says, as the API is asked.
 * @param {Record<string, string>} wanted
 */
function asked({ search, agent, status, origin, account, days, label, archived, sort }) {
  const [key, value] = label.includes("=") ? [label.slice(0, label.indexOf("=")).trim(), label.slice(label.indexOf("=") + 1).trim()] : ["", ""];
  return {
    search: search.trim(),
    agent,
    status,
    origin,
    account,
    archived,
    sort,
    updated_after: Number(days) > 0 ? new Date(Date.now() - Number(days) * DAY_MS).toISOString() : "",
    tag: key ? "" : label.trim(),
    ...(key && value ? { [`metadata[${key}]`]: value } : {}),
  };
}

/**
 * @param {Record<string, string>} wanted
 * @param {() => Promise<void>} changed
 * @param {AbortSignal} signal
 */
function filters(wanted, changed, signal) {
  const later = whenItRests(changed, signal);
  const clear = button("Clear", { kind: "quiet", icon: "x", onclick: () => {
    for (const name of NAMES) wanted[name] = "";
    for (const control of /** @type {NodeListOf<HTMLInputElement>} */ (box.querySelectorAll("input, select"))) control.value = "";
    note(wanted);
    mark();
    return changed();
  } });
  const mark = () => (clear.hidden = !NAMES.some((name) => wanted[name]));
  /**
   * @param {string} name
   * @param {string} value
   * @param {() => unknown} reload
   */
  const set = (name, value, reload) => {
    wanted[name] = value;
    note({ [name]: value });
    mark();
    void reload();
  };
  /**
   * @param {string} name
   * @param {string} words
   * @param {HTMLInputElement | HTMLSelectElement} control
   */
  const filter = (name, words, control) => {
    control.id = unique("filter");
    control.value = wanted[name];
    const isTyped = control instanceof HTMLInputElement;
    control.addEventListener(isTyped ? "input" : "change", () => set(name, control.value, isTyped ? later : changed));
    return el("div", { class: `filter filter-${name}` }, el("label", { class: "unseen", for: control.id }, words), control);
  };
  const agents = select([{ value: "", words: "Every agent" }]);
  const accounts = select([{ value: "", words: "Everybody" }]);
  // Where it is narrow, all but the search waits behind a button.
  const opener = button("Filters", { icon: "filter", onclick: () => opener.setAttribute("aria-expanded", String(box.classList.toggle("open"))) });
  opener.classList.add("filters-opener");
  opener.setAttribute("aria-expanded", "false");
  const box = el(
    "div",
    { class: "talk-filters", role: "search" },
    filter("search", "Search in messages", input({ type: "search", placeholder: "Search in messages", title: "Words, -without, \"word for word\"", maxlength: 500 })),
    opener,
    filter("agent", "Agent", agents),
    filter("status", "Status", select([{ value: "", words: "Every status" }, ...STATUS_CHOICES])),
    filter("origin", "From", select([{ value: "", words: "Everywhere" }, ...ORIGIN_CHOICES])),
    may("admin") ? filter("account", "Account", accounts) : null,
    filter("days", "Active", select(TIMES)),
    filter("label", "Tag or key=value", input({ maxlength: 500, placeholder: "Tag or key=value", autocomplete: "off" })),
    filter("archived", "Archive", select(ARCHIVED)),
    filter("sort", "Order", select(SORTS)),
    clear,
  );
  mark();
  void choices(agents, "/agents", wanted.agent, (agent) => agent.slug, signal);
  if (may("admin")) void choices(accounts, "/members", wanted.account, (member) => member.id, signal);
  return box;
}

/**
 * @param {HTMLSelectElement} control
 * @param {string} path
 * @param {string} value
 * @param {(item: any) => string} valueOf
 * @param {AbortSignal} signal
 */
async function choices(control, path, value, valueOf, signal) {
  try {
    for await (const item of items(path, {}, signal)) {
      control.append(el("option", { value: valueOf(item) }, item.name));
      if (control.options.length > 500) break;
    }
  } catch {
    // The other filters work without it.
  }
  if (value && ![...control.options].some((option) => option.value === value)) control.append(el("option", { value }, value));
  control.value = value;
}

/**
 * @param {any} talk
 * @param {string} search
 */
function called(talk, search) {
  const address = `/conversations/${talk.id}${talk.match ? `?message=${talk.match.message_id}` : ""}`;
  return el(
    "div",
    { class: "stack talk-name" },
    el("a", { href: address }, talk.title || "Without a message"),
    search && talk.match ? marked(talk.match.snippet, search) : null,
    talk.tags.length || talk.archived_at
      ? el("div", { class: "tags" }, talk.archived_at ? el("span", { class: "tag warn" }, icon("package", 12), " archived") : null, talk.tags.map((/** @type {string} */ tag) => el("span", { class: "tag" }, tag)))
      : null,
  );
}
