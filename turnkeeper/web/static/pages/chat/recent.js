// The conversations beside the talk: the newest first, found by their words, renamed, archived, deleted.
import { get, isAbort } from "../../api.js";
import { el, fill } from "../../dom.js";
import { button, iconButton, linkButton } from "../../components/button.js";
import { skeleton } from "../../components/empty.js";
import { input } from "../../components/form.js";
import { menu } from "../../components/menu.js";
import { whenItRests } from "../../components/patience.js";
import { time } from "../../components/time.js";
import { go } from "../../router.js";
import { who } from "../../session.js";
import { archive, erase, rename } from "../conversation/actions.js";
import { searchRemark } from "../conversation/words.js";

/** What was listed last, so that the list stands at once when one goes from talk to talk. @type {{account: string, items: any[], cursor: string | null} | null} */
let kept = null;

/**
 * @param {object} of
 * @param {string | null} of.current
 * @param {AbortSignal} of.signal
 * @param {(conversation: any) => void} of.renamed told of the current one
 */
export function recent({ current, signal, renamed }) {
  let words = "";
  let archived = false;
  /** @type {any[]} */
  let items = [];
  /** @type {string | null} */
  let cursor = null;
  let asked = 0;
  const list = el("ul", { class: "talks" });
  const foot = el("div", { class: "talks-foot" });
  const search = input({ type: "search", placeholder: "Search your conversations", "aria-label": "Search your conversations" });
  const shelf = button("Archived", { kind: "quiet", icon: "package", onclick: () => turn() });
  shelf.setAttribute("aria-pressed", "false");
  const element = el(
    "nav",
    { class: "recent", "aria-label": "Your conversations" },
    el("div", { class: "recent-head" }, linkButton("New conversation", "/chat", { icon: "plus", kind: "primary" }), search),
    list,
    foot,
    shelf,
  );
  const look = whenItRests(() => {
    words = search.value.trim();
    return load();
  }, signal);
  search.addEventListener("input", look);
  addEventListener("focus", () => void load(), { signal });

  function turn() {
    archived = !archived;
    shelf.setAttribute("aria-pressed", String(archived));
    void load();
  }

  async function load(more = false) {
    const mine = (asked += 1);
    try {
      const page = await get("/conversations", {
        query: { account: who().account.id, limit: 30, search: words, archived: archived ? "true" : "false", sort: words ? null : "-updated_at", cursor: more ? cursor : null },
        signal,
      });
      if (mine !== asked) return;
      items = more ? [...items, ...page.items] : page.items;
      cursor = page.has_more ? page.next_cursor : null;
      if (!words && !archived) kept = { account: who().account.id, items, cursor };
      paint(searchRemark(page));
    } catch (error) {
      if (isAbort(error) || mine !== asked) return;
      fill(foot, el("p", { class: "fault" }, error instanceof Error ? error.message : String(error)), button("Try again", { onclick: () => load() }));
    }
  }

  /** @param {import("../../dom.js").Child} [remark] */
  function paint(remark) {
    const focused = /** @type {HTMLElement | null} */ (list.contains(document.activeElement) ? document.activeElement : null)?.closest("li")?.dataset.id;
    // An open menu would be lost with what it is about.
    if (list.querySelector(".menu:not([hidden])")) return;
    fill(list, items.map(row));
    if (focused) /** @type {HTMLElement | null} */ (list.querySelector(`[data-id="${focused}"] a`))?.focus();
    const nothing = words ? "Nothing was found." : archived ? "Nothing is archived." : "Your conversations will stand here.";
    fill(
      foot,
      items.length ? null : el("p", { class: "soft small" }, nothing),
      remark,
      cursor ? button("Show more", { kind: "quiet", onclick: () => load(true) }) : null,
    );
  }

  /** @param {any} conversation */
  function row(conversation) {
    const title = conversation.title || "Without words";
    return el(
      "li",
      { dataset: { id: conversation.id } },
      el(
        "a",
        { href: `/chat/${conversation.id}`, "aria-current": conversation.id === current ? "page" : null },
        el("span", { class: "talk-title" }, title),
        conversation.match ? el("span", { class: "talk-match" }, highlighted(conversation.match.snippet)) : null,
        el("small", {}, conversation.agent.name, " · ", time(conversation.updated_at)),
      ),
      menu(
        iconButton("ellipsis", `What to do with ${title}`),
        () => [
          { words: "Rename …", icon: "pencil", onchoose: () => rename(conversation, () => changed(conversation)) },
          { words: conversation.archived_at ? "Take out of the archive" : "Archive", icon: "package", onchoose: () => archive(conversation, () => changed(conversation)) },
          { words: "Delete …", icon: "trash-2", danger: true, onchoose: () => erase(conversation, () => gone(conversation)) },
        ],
        { right: true },
      ),
    );
  }

  /** @param {any} conversation */
  async function changed(conversation) {
    if (conversation.id === current) renamed(conversation);
    await load();
  }

  /** @param {any} conversation */
  const gone = (conversation) => (conversation.id === current ? go("/chat", { replace: true }) : load());

  if (kept && kept.account === who().account.id) {
    ({ items, cursor } = kept);
    paint();
  } else fill(list, el("li", {}, skeleton(6)));
  void load();
  return { element, load };
}

/**
 * What a search found, its words marked.
 * @param {string} snippet
 */
function highlighted(snippet) {
  return snippet.split("**").map((part, place) => (place % 2 ? el("mark", {}, part) : part));
}
