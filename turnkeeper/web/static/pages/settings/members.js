// Settings → Members: who belongs to the organization, as what, and which data sets a member may use.
import { get, isAbort, items, patch, post, remove } from "../../api.js";
import { button, iconButton } from "../../components/button.js";
import { showOnce } from "../../components/copy.js";
import { dialog } from "../../components/dialog.js";
import { doing } from "../../components/doing.js";
import { empty, failure, skeleton } from "../../components/empty.js";
import { field, form, input, passwordField, select } from "../../components/form.js";
import { menu } from "../../components/menu.js";
import { table } from "../../components/table.js";
import { time } from "../../components/time.js";
import { tell, toast } from "../../components/toast.js";
import { el, fill } from "../../dom.js";
import { may, who } from "../../session.js";
import { settingsHead } from "./frame.js";

export const title = "Members";

const MOST_DATA_SETS = 50;
const KINDS = [
  { value: "user", words: "A person, who signs in" },
  { value: "service", words: "A program, which has keys" },
];
const ROLES = [
  { value: "member", words: "Member: own conversations, and the data sets given to them" },
  { value: "admin", words: "Admin: sees and changes all of the organization" },
];

/** @param {import("../../router.js").Visit} visit */
export function show({ root, signal }) {
  /** @type {import("../../components/table.js").Table} */
  const list = table({
    caption: "Members",
    path: "/members",
    signal,
    columns: [
      {
        title: "Name",
        cell: (member) =>
          el(
            "div",
            { class: "stack" },
            el("strong", {}, member.name),
            el("small", { class: "soft" }, member.kind === "user" ? "person" : "program", member.id === who().account.id ? ", you" : ""),
          ),
      },
      {
        title: "Role",
        cell: (member) => el("div", { class: "tags" }, el("span", { class: `tag ${member.role === "admin" ? "accent" : ""}` }, member.role), member.is_operator ? el("span", { class: "tag" }, "operator") : null),
      },
      { title: "State", cell: (member) => el("span", { class: `tag ${member.is_active ? "good" : "bad"}` }, member.is_active ? "active" : "shut out") },
      { title: "Since", cell: (member) => time(member.created_at) },
      { title: "What to do", quiet: true, cell: (member) => actions(member, list.reload) },
    ],
    nothing: { title: "No members", sentence: "Add somebody.", icon: "users" },
  });
  const add = button("Add a member", { icon: "plus", kind: "primary", onclick: () => create(list.reload) });
  root.append(settingsHead("/settings/members", "Who belongs to the organization, and what they see of it.", add), list.element);
}

/**
 * @param {any} member
 * @param {() => Promise<void>} changed
 */
function actions(member, changed) {
  const isAdmin = member.role === "admin";
  return menu(
    iconButton("ellipsis", `What to do with ${member.name}`),
    () => [
      ...(isAdmin || !may("manage_data") ? [] : [{ words: "Data sets …", icon: "database", onchoose: () => dataSets(member) }]),
      {
        words: isAdmin ? "Make a member …" : "Make an admin …",
        icon: "shield",
        onchoose: () =>
          doing({
            ask: isAdmin
              ? { title: `Make ${member.name} a member?`, sentence: "They see their own conversations only, and the data sets that are given to them. Keys lose the rights of an admin, and sessions end.", words: "Make a member" }
              : { title: `Make ${member.name} an admin?`, sentence: "They see and change everything of the organization, all conversations too.", words: "Make an admin" },
            work: () => patch(`/members/${member.id}`, { role: isAdmin ? "member" : "admin" }),
            done: `${member.name} is ${isAdmin ? "a member" : "an admin"} now.`,
            changed,
          }),
      },
      ...(member.kind === "user" && member.is_active ? [{ words: "Make a link to sign in …", icon: "link", onchoose: () => invite(member) }] : []),
      ...(member.kind === "user" ? [{ words: "Set a password …", icon: "lock", onchoose: () => password(member) }] : []),
      "line",
      member.is_active
        ? {
            words: "Shut out …",
            icon: "circle-x",
            danger: true,
            onchoose: () =>
              doing({
                ask: { title: `Shut ${member.name} out?`, sentence: "Their keys and sessions are refused at once. Their conversations stay, and you can let them in again.", words: "Shut out" },
                work: () => patch(`/members/${member.id}`, { is_active: false }),
                done: `${member.name} is shut out.`,
                changed,
              }),
          }
        : {
            words: "Let in again",
            icon: "circle-check",
            onchoose: () => doing({ work: () => patch(`/members/${member.id}`, { is_active: true }), done: `${member.name} may come in again.`, changed }),
          },
    ],
    { right: true },
  );
}

/** A password that nobody knows: who comes by a link sets another one. */
const unguessable = () => btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))));

/** @param {() => Promise<void>} changed */
function create(changed) {
  const kind = select(KINDS);
  const email = field("E-mail address", "email", input({ type: "email", autocomplete: "off", maxlength: 200 }));
  const secret = passwordField("Password", "password", { autocomplete: "new-password", hint: "Leave it empty to get a link instead, by which they come in and set their own." });
  const name = field("Name", "name", input({ autocomplete: "off", maxlength: 200 }), { hint: "Say what it is: “web shop”." });
  const choose = () => {
    const isUser = kind.value === "user";
    email.hidden = secret.hidden = !isUser;
    name.hidden = isUser;
  };
  kind.addEventListener("change", choose);
  choose();
  dialog("Add a member", (close) => [
    form({
      fields: [field("Who", "kind", kind), email, secret, name, field("Role", "role", select(ROLES))],
      words: "Add",
      cancel: close,
      submit: async (_, data) => {
        const isUser = data.get("kind") === "user";
        const member = await post("/members", {
          kind: data.get("kind"),
          role: data.get("role"),
          ...(isUser ? { email: data.get("email"), password: data.get("password") || unguessable() } : { name: data.get("name") }),
        });
        close();
        toast(`${member.name} is a member now.`);
        await changed();
        if (isUser && !data.get("password")) await invite(member);
      },
    }),
  ]);
}

/** @param {any} member */
async function invite(member) {
  try {
    const { path } = await post(`/members/${member.id}/invite`);
    const sentence = "Whoever opens it is signed in as this person: once, within an hour. Send it to nobody else; it is not shown again.";
    showOnce(`A link for ${member.name}`, sentence, "The link", new URL(path, location.origin).href);
  } catch (error) {
    tell(error);
  }
}

/** @param {any} member */
function password(member) {
  dialog(`A new password for ${member.name}`, (close) => [
    el("p", {}, "The one before is good no more, and where they are signed in, they are signed out."),
    form({
      fields: [passwordField("New password", "password", { autocomplete: "new-password", hint: "At least 8 characters." })],
      words: "Set the password",
      cancel: close,
      submit: async (_, data) => {
        await patch(`/members/${member.id}`, { password: data.get("password") });
        close();
        toast(`${member.name} has another password.`);
      },
    }),
  ]);
}

/**
 * Which data sets a member may use: each box is done at once.
 * @param {any} member
 */
function dataSets(member) {
  const leave = new AbortController();
  const place = el("div", {}, skeleton(4));
  dialog(`Data sets of ${member.name}`, () => [el("p", { class: "soft" }, "Agents on a data set can be used by its members only."), place], { onclose: () => leave.abort() });
  const load = async () => {
    try {
      const { items: sets, has_more: isCut } = await get("/data-sets", { query: { limit: MOST_DATA_SETS }, signal: leave.signal });
      const boxes = await Promise.all(sets.map((/** @type {any} */ each) => box(each, member, leave.signal)));
      fill(
        place,
        boxes.length ? el("fieldset", { class: "field checks" }, el("legend", { class: "unseen" }, "Data sets"), boxes) : empty({ title: "No data sets yet", sentence: "Make one under Data sets.", icon: "database" }),
        isCut ? el("p", { class: "soft" }, `These are ${MOST_DATA_SETS} of them; others are opened on their own pages, under Members.`) : null,
      );
    } catch (error) {
      if (!isAbort(error)) fill(place, failure(error, load));
    }
  };
  void load();
}

/**
 * @param {any} set
 * @param {any} member
 * @param {AbortSignal} signal
 */
async function box(set, member, signal) {
  let isIn = false;
  for await (const each of items(`/data-sets/${set.id}/members`, {}, signal)) isIn ||= each.id === member.id;
  const tick = el("input", { type: "checkbox", checked: isIn });
  tick.addEventListener("change", async () => {
    tick.disabled = true;
    try {
      if (tick.checked) await post(`/data-sets/${set.id}/members`, { account: member.id });
      else await remove(`/data-sets/${set.id}/members/${member.id}`);
      toast(tick.checked ? `${member.name} may use ${set.name}.` : `${member.name} may not use ${set.name} any more.`);
    } catch (error) {
      tick.checked = !tick.checked;
      tell(error);
    }
    tick.disabled = false;
  });
  return el("label", {}, tick, el("span", {}, set.name));
}
