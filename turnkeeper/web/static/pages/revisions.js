// The revisions of an agent: what was changed, by whom and why; compared, deployed, brought back.
import { get, isAbort, items, post } from "../api.js";
import { button, linkButton } from "../components/button.js";
import { dialog } from "../components/dialog.js";
import { diff, sideBySide } from "../components/diff.js";
import { failure, skeleton } from "../components/empty.js";
import { form, field, input } from "../components/form.js";
import { whenSeenAgain } from "../components/fresh.js";
import { time } from "../components/time.js";
import { tell, toast } from "../components/toast.js";
import { el, fill } from "../dom.js";
import { note } from "../router.js";
import { may, who } from "../session.js";

export const title = "Revisions";

const MOST_SHOWN = 200;

/** @param {import("../router.js").Visit} visit */
export async function show({ root, params, query, signal, title: call }) {
  root.classList.add("broad");
  const heading = el("h1", {}, "Revisions");
  const list = el("ol", { class: "revisions", "aria-label": "Revisions, newest first" }, skeleton(6));
  const seen = el("section", { class: "card", "aria-label": "What was changed", "aria-live": "polite" }, skeleton(6));
  const path = `/agents/${encodeURIComponent(params.agent)}`;
  const wanted = { number: Number(query.get("revision")) || 0, against: Number(query.get("against")) || 0, beside: query.get("view") === "beside" };
  /** @type {any[]} */
  let all = [];
  let agent = /** @type {any} */ (null);
  let names = new Map();

  const choose = (/** @type {{number?: number, against?: number, beside?: boolean}} */ change) => {
    Object.assign(wanted, change);
    if (change.number) wanted.against = change.against ?? 0;
    note({ revision: String(wanted.number), against: wanted.against ? String(wanted.against) : null, view: wanted.beside ? "beside" : null });
    draw();
  };
  const draw = () => {
    fill(
      list,
      all.map((revision) => entry(revision, names, revision.number === wanted.number, () => choose({ number: revision.number }))),
      all.length >= MOST_SHOWN && all.at(-1).number > 1 ? el("li", { class: "soft small" }, "Those before are kept, and not listed here.") : null,
    );
    void compare(seen, { path, agent, all, wanted, choose, changed: load, signal });
  };
  async function load() {
    try {
      [agent, names] = await Promise.all([get(path, { signal }), namesOfAccounts(signal)]);
      all = [];
      for await (const revision of items(`${path}/revisions`, {}, signal)) if (all.push(revision) >= MOST_SHOWN) break;
      heading.textContent = `Revisions of ${agent.name}`;
      call(heading.textContent);
      if (!all.some((each) => each.number === wanted.number)) wanted.number = all[0].number;
      draw();
    } catch (error) {
      if (!isAbort(error)) fill(seen, failure(error, load));
    }
  }
  root.append(
    el("header", { class: "page-head" }, el("div", {}, el("a", { class: "back", href: `/agents/${params.agent}` }, "The agent"), heading, el("p", { class: "soft" }, "Every change is kept. Turns go on with the revision that they began with.")), may("manage_agents") ? linkButton("Edit", `/agents/${params.agent}`, { icon: "pencil" }) : null),
    el("div", { class: "desk turned" }, list, seen),
  );
  await load();
  whenSeenAgain(load, signal);
}

/**
 * Who is who, as far as one may know.
 * @param {AbortSignal} signal
 */
async function namesOfAccounts(signal) {
  /** @type {Map<string, string>} */
  const names = new Map([[who().account.id, "you"]]);
  if (!may("admin")) return names;
  for await (const member of items("/members", {}, signal)) if (!names.has(member.id)) names.set(member.id, member.name);
  return names;
}

/**
 * @param {any} revision
 * @param {Map<string, string>} names
 * @param {boolean} isChosen
 * @param {() => void} choose
 */
function entry(revision, names, isChosen, choose) {
  return el(
    "li",
    {},
    el(
      "button",
      { type: "button", class: "revision", "aria-current": isChosen ? "true" : null, onclick: choose },
      el("span", { class: "revision-head" }, el("strong", {}, `Revision ${revision.number}`), revision.is_deployed ? el("span", { class: "tag good" }, "answers") : revision.deployed_at ? null : el("span", { class: "tag warn" }, "draft")),
      el("span", {}, revision.note ?? el("span", { class: "soft" }, "no reason given")),
      el("small", { class: "soft" }, names.get(revision.author) ?? "somebody", " · ", time(revision.created_at)),
    ),
  );
}

/**
 * @param {HTMLElement} place
 * @param {{path: string, agent: any, all: any[], wanted: {number: number, against: number, beside: boolean}, choose: (change: object) => void, changed: () => Promise<void>, signal: AbortSignal}} of
 */
async function compare(place, of) {
  const { path, agent, all, wanted, choose, changed, signal } = of;
  const revision = all.find((each) => each.number === wanted.number);
  if (!revision) return;
  const others = all.filter((each) => each.number !== revision.number);
  const against = wanted.against || revision.based_on || 0;
  const select = el(
    "select",
    { "aria-label": "Compared with", onchange: () => choose({ against: Number(select.value) }) },
    others.map((each) => el("option", { value: String(each.number), selected: each.number === against }, `Revision ${each.number}`)),
  );
  const beside = button(wanted.beside ? "One below the other" : "Side by side", { icon: "git-compare", onclick: () => choose({ beside: !wanted.beside }) });
  const body = el("div", { class: "differences" }, skeleton(4));
  fill(
    place,
    el("header", { class: "compare-head" }, el("h2", {}, `Revision ${revision.number}`), others.length ? el("label", { class: "inline" }, "against", select) : null, beside),
    body,
    may("manage_agents") ? decisions(path, agent, revision, changed) : null,
  );
  try {
    const found = await get(`${path}/revisions/${revision.number}/diff`, { query: { against: against || null }, signal });
    if (!body.isConnected) return;
    if (!found.differences.length) fill(body, el("p", { class: "soft" }, "Nothing: both are the same."));
    else fill(body, found.differences.map((/** @type {any} */ each) => difference(each, wanted.beside)));
  } catch (error) {
    if (!isAbort(error)) fill(body, failure(error));
  }
}

/**
 * @param {any} each
 * @param {boolean} beside
 */
function difference(each, beside) {
  const texts = [each.old, each.new].map((value) => (value === null ? "" : typeof value === "string" ? value : JSON.stringify(value, null, 2)));
  const name = each.pointer.slice(1).replaceAll("/", " › ").replaceAll("_", " ");
  return el("section", {}, el("h3", {}, name), beside ? sideBySide(texts[0], texts[1]) : diff(texts[0], texts[1]));
}

/**
 * @param {string} path
 * @param {any} agent
 * @param {any} revision
 * @param {() => Promise<void>} changed
 */
function decisions(path, agent, revision, changed) {
  if (revision.is_deployed) return el("p", { class: "soft" }, "This revision answers.");
  const deploy = button("Have it answer", {
    icon: "zap",
    kind: "primary",
    onclick: async () => {
      try {
        await post(`${path}/deploy`, { revision: revision.number });
        toast(`Revision ${revision.number} answers from now on.`);
        await changed();
      } catch (error) {
        tell(error);
      }
    },
  });
  const back = button("Go back to it …", { icon: "rotate-cw", onclick: () => rollBack(path, agent, revision, changed) });
  return el("div", { class: "actions" }, revision.number < agent.latest_revision ? back : null, deploy);
}

/**
 * @param {string} path
 * @param {any} agent
 * @param {any} revision
 * @param {() => Promise<void>} changed
 */
function rollBack(path, agent, revision, changed) {
  dialog(`Go back to revision ${revision.number}`, (close) => [
    el("p", {}, `${agent.name} gets one more revision, which is like number ${revision.number} and answers from now on. Those between are kept.`),
    form({
      fields: [field("Why", "note", input({ maxlength: 2000, autocomplete: "off" }), { hint: "Kept with the revision. It may stay empty." })],
      words: "Go back",
      cancel: close,
      submit: async (_, data) => {
        const note = String(data.get("note") ?? "").trim();
        const made = await post(`${path}/rollback`, { revision: revision.number, ...(note ? { note } : {}) });
        close();
        toast(`Revision ${made.revision}, like ${revision.number}, answers from now on.`);
        await changed();
      },
    }),
  ]);
}
