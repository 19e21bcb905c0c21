// Signing in: by e-mail address and password, or by the code of a link.
import { ApiError, post } from "../api.js";
import { el, fill } from "../dom.js";
import { field, form, input, passwordField } from "../components/form.js";

/** @param {HTMLElement} app */
export async function showSignIn(app) {
  document.title = "Sign in · Turnkeeper";
  app.className = "sign-in";
  const code = new URLSearchParams(location.hash.slice(1)).get("code");
  // Once read, it is not left lying about in the history.
  if (code) history.replaceState(null, "", location.pathname + location.search);
  const said = el("p", { class: "fault", role: "alert" });
  const name = input({ type: "email", autocomplete: "username", required: true });
  const secret = passwordField("Password", "password", { autocomplete: "current-password" });
  const signIn = form({
    fields: [field("E-mail address", "email", name), secret],
    words: "Sign in",
    submit: async (_, data) => {
      await post("/sessions", { email: data.get("email"), password: data.get("password") });
      enter();
    },
  });
  fill(
    app,
    el(
      "main",
      { class: "sign-in-card" },
      el("img", { src: "/favicon.svg", alt: "", width: 44, height: 44 }),
      el("h1", {}, "Sign in to Turnkeeper"),
      said,
      signIn,
      el("p", { class: "soft" }, "No password yet, or forgotten? Where the server runs, ", el("code", {}, "turnkeeper accounts link NAME"), " prints a link that signs you in."),
    ),
  );
  if (code) {
    try {
      await post("/sessions", { code });
      return enter("/");
    } catch (error) {
      said.textContent = error instanceof ApiError ? error.message : String(error);
    }
  }
  name.focus();
}

/** @param {string} [elsewhere] */
function enter(elsewhere) {
  const next = new URLSearchParams(location.search).get("next") ?? "";
  // Only a path of our own: `//host` and `https:` would lead away.
  location.replace(elsewhere ?? (/^\/(?![/\\])/.test(next) ? next : "/"));
}
