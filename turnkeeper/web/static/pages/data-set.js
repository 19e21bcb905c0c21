// A data set: what it holds, how a search finds it, what was read into it, and who may use it.
import { get, isAbort, post, remove } from "../api.js";
import { button } from "../components/button.js";
import { dialog } from "../components/dialog.js";
import { doing } from "../components/doing.js";
import { failure, skeleton } from "../components/empty.js";
import { field, form, input } from "../components/form.js";
import { whenSeenAgain, whileWaiting } from "../components/fresh.js";
import { table } from "../components/table.js";
import { linkTabs } from "../components/tabs.js";
import { tell } from "../components/toast.js";
import { el, fill } from "../dom.js";
import { number } from "../format.js";
import { may } from "../session.js";
import { documentsPart, productsPart } from "./data/contents.js";
import { searchPart } from "./data/playground.js";
import { runsPart } from "./data/runs.js";
import { settingsPart } from "./data/settings.js";
import { embeddingNote, isWorking, stateTag } from "./data/state.js";

export const title = "Data set";

const LOOK_MS = 1_500;

/** @typedef {{id: string, set: any, query: URLSearchParams, signal: AbortSignal, changed: () => Promise<void>}} Part */

/** @type {{name: string, words: string, admin?: boolean, show: (part: Part) => Node | Promise<Node>}[]} */
const PARTS = [
  { name: "", words: "Documents", show: documentsPart },
  { name: "products", words: "Products", show: productsPart },
  { name: "search", words: "Search", show: searchPart },
  { name: "runs", words: "Runs", show: runsPart },
  { name: "members", words: "Members", admin: true, show: membersPart },
  { name: "settings", words: "Settings", admin: true, show: settingsPart },
];

/** @param {import("../router.js").Visit} visit */
export async function show({ root, params, query, signal, title: call }) {
  root.classList.add("broad");
  const path = `/data-sets/${encodeURIComponent(params.data_set)}`;
  const facts = el("div", { class: "set-facts", "aria-live": "polite" });
  const notes = el("div", { class: "notices" });
  fill(root, el("h1", { class: "unseen" }, "Data set"), skeleton(6));
  /** @type {any} */
  let set;
  let isLooking = false;
  const draw = () => {
    const { documents, products, passages } = set.contents;
    fill(facts, stateTag(set), el("span", {}, `${number(documents)} documents`), el("span", {}, `${number(products)} products`), el("span", {}, `${number(passages)} passages`), el("span", {}, el("code", {}, set.embedding.model)));
    fill(notes, embeddingNote(set));
  };
  const look = async () => {
    set = await get(path, { signal });
    draw();
    return isWorking(set);
  };
  const changed = async () => {
    if (isLooking) return;
    isLooking = true;
    try {
      await whileWaiting(look, LOOK_MS, signal);
    } catch (error) {
      if (!isAbort(error)) tell(error);
    } finally {
      isLooking = false;
    }
  };
  try {
    await look();
    call(set.name);
    const shown = PARTS.filter(({ admin }) => !admin || may("manage_data"));
    const current = shown.find(({ name }) => name === (query.get("part") ?? "")) ?? shown[0];
    const hrefOf = (/** @type {string} */ name) => `/data-sets/${set.id}${name ? `?part=${name}` : ""}`;
    const content = await current.show({ id: set.id, set, query, signal, changed });
    fill(
      root,
      el("header", { class: "page-head tight" }, el("div", {}, el("a", { class: "back", href: "/data-sets" }, "Data sets"), el("h1", {}, set.name), set.description ? el("p", { class: "soft" }, set.description) : null, facts)),
      notes,
      linkTabs("Parts of the data set", shown.map(({ name, words }) => ({ words, href: hrefOf(name) })), hrefOf(current.name)),
      content,
    );
    if (isWorking(set)) void changed();
    whenSeenAgain(changed, signal);
  } catch (error) {
    if (!isAbort(error)) fill(root, failure(error, () => show({ root, params, query, signal, title: call }), "h1"));
  }
}

/** @param {Part} part */
function membersPart({ id, signal }) {
  /** @type {import("../components/table.js").Table} */
  const list = table({
    caption: "Members of the data set",
    path: `/data-sets/${id}/members`,
    signal,
    columns: [
      { title: "Name", cell: (member) => member.name },
      { title: "Kind", cell: (member) => (member.kind === "user" ? "person" : "program") },
      { title: "Role", cell: (member) => el("span", { class: "tag" }, member.role) },
      { title: "What to do", quiet: true, cell: (member) => button("Close to it …", { kind: "quiet", onclick: () => close(member) }) },
    ],
    nothing: { title: "Open to admins only", sentence: "Open it to a person or a program, and they can talk with the agents that answer from it.", icon: "users" },
  });
  /** @param {any} member */
  const close = (member) =>
    doing({
      ask: { title: `Close it to ${member.name}?`, sentence: "It cannot read this data set any more, nor talk with the agents that answer from it.", words: "Close" },
      work: () => remove(`/data-sets/${id}/members/${member.id}`),
      done: `It is closed to ${member.name}.`,
      changed: list.reload,
    });
  const open = () => {
    dialog("Open it to somebody", (done) => [
      form({
        fields: [field("Account", "account", input({ autocomplete: "off" }), { hint: "An e-mail address, or the name of a program." })],
        words: "Open it",
        cancel: done,
        submit: async (_, data) => {
          await post(`/data-sets/${id}/members`, { account: data.get("account") });
          done();
          await list.reload();
        },
      }),
    ]);
  };
  return el("div", { class: "stack-wide" }, el("div", { class: "section-head" }, el("p", { class: "soft" }, "Admins may use every data set; others those that are open to them."), button("Open it to somebody", { icon: "plus", onclick: open })), list.element);
}
