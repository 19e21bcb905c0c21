// Settings → Account: who one is, the password, and where one is signed in.
import { get, post, remove } from "../../api.js";
import { button } from "../../components/button.js";
import { doing } from "../../components/doing.js";
import { skeleton } from "../../components/empty.js";
import { facts } from "../../components/facts.js";
import { form, passwordField } from "../../components/form.js";
import { icon } from "../../components/icon.js";
import { loaded } from "../../components/loaded.js";
import { time } from "../../components/time.js";
import { tell, toast } from "../../components/toast.js";
import { el, fill } from "../../dom.js";
import { refresh, signOut, who } from "../../session.js";
import { settingsHead } from "./frame.js";

export const title = "Account";

/** @param {import("../../router.js").Visit} visit */
export function show({ root, signal }) {
  const { account, organization } = who();
  const sessions = el("div", {}, skeleton(2));
  const secret = el("section", { class: "card" });
  showPassword(secret);
  root.append(
    settingsHead("/settings/account", "Who you are, and where you are signed in."),
    el(
      "div",
      { class: "cards" },
      el(
        "section",
        { class: "card" },
        el("h2", {}, "You"),
        facts([
          ["Name", account.name],
          ["Organization", organization.name],
          ["Role", account.role === "admin" ? "Admin: sees and changes all of the organization" : "Member"],
        ]),
        el("div", { class: "actions start" }, button("Sign out", { icon: "log-out", onclick: () => signOut().catch(tell) })),
      ),
      secret,
      el("section", { class: "card" }, el("h2", {}, "Where you are signed in"), sessions),
    ),
  );
  void showSessions(sessions, signal);
}

/** @param {HTMLElement} place */
function showPassword(place) {
  const free = who().may_set_password;
  fill(
    place,
    el("h2", {}, free ? "Set a password" : "Change the password"),
    free ? el("p", { class: "soft" }, "You came by a link, so for an hour you can set one without the one before.") : null,
    form({
      fields: [
        free ? null : passwordField("Current password", "current_password", { autocomplete: "current-password" }),
        passwordField("New password", "new_password", { autocomplete: "new-password", hint: "At least 8 characters." }),
      ],
      words: free ? "Set the password" : "Change the password",
      submit: async (made, data) => {
        const body = { new_password: data.get("new_password"), ...(free ? {} : { current_password: data.get("current_password") }) };
        await post("/me/password", body);
        made.reset();
        toast("The password is changed; other browsers are signed out.");
        await refresh();
      },
    }),
  );
}

/**
 * @param {HTMLElement} place
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
const showSessions = (place, signal) =>
  loaded(place, async () => {
    const { items } = await get("/sessions", { signal });
    return el("ul", { class: "rows" }, items.map((/** @type {any} */ each) => row(each, () => showSessions(place, signal))));
  });

/**
 * @param {any} session
 * @param {() => Promise<void>} changed
 */
function row(session, changed) {
  const end = () => doing({ work: () => remove(`/sessions/${session.id}`), done: "That browser is signed out.", changed });
  return el(
    "li",
    {},
    icon("monitor", 20),
    el("div", { class: "stack" }, el("strong", {}, browserOf(session.browser)), el("small", { class: "soft" }, "used ", time(session.last_used_at))),
    session.is_current ? el("span", { class: "tag good" }, "this one") : button("Sign out", { kind: "quiet", onclick: end }),
  );
}

/**
 * A name for what a browser calls itself.
 * @param {string} text
 */
function browserOf(text) {
  const name = /Firefox\//.test(text) ? "Firefox" : /Edg\//.test(text) ? "Edge" : /Chrom(e|ium)\//.test(text) ? "Chrome" : /Safari\//.test(text) ? "Safari" : "A browser";
  const system = /(Windows|Android|iPhone|iPad|Mac OS|Linux)/.exec(text)?.[1];
  return system ? `${name} on ${system}` : name;
}
