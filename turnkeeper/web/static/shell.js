// The frame around every page: navigation, account, theme, keys of the keyboard, and the word that the server is away.
import { get, noteAnswer, weather } from "./api.js";
import { el, fill } from "./dom.js";
import { button } from "./components/button.js";
import { dialog } from "./components/dialog.js";
import { empty, failure } from "./components/empty.js";
import { icon } from "./components/icon.js";
import { menu } from "./components/menu.js";
import { keepTimes } from "./components/time.js";
import { say, tell } from "./components/toast.js";
import { go, startRouter } from "./router.js";
import { ROUTES } from "./routes.js";
import { may, signInAddress, signOut, who } from "./session.js";
import { theme, useTheme } from "./theme.js";

const LOOK_AGAIN_MS = 2000;

/** @param {HTMLElement} app */
export function showShell(app) {
  const main = /** @type {HTMLElement} */ (app.querySelector("main"));
  app.querySelector(".skip")?.addEventListener("click", skip);
  app.querySelector(".side")?.append(accountMenu());
  const banner = el("div", { class: "banner", role: "alert", hidden: true }, icon("wifi-off"), el("span", {}, "The server does not answer; trying again …"));
  main.before(banner);
  watchWeather(banner);
  watchKeys();
  keepTimes();
  startRouter({
    routes: ROUTES,
    root: main,
    arrived: (route, title, isQuiet) => {
      document.title = `${title} · Turnkeeper`;
      for (const link of places()) {
        if (link.getAttribute("href") === route.place) link.setAttribute("aria-current", "page");
        else link.removeAttribute("aria-current");
      }
      document.querySelector("dialog[open]")?.remove();
      if (isQuiet) return;
      main.focus({ preventScroll: true });
      main.scrollTo(0, 0);
      say(title);
    },
    failed: (root, error) => fill(root, el("div", { class: "page" }, failure(error, () => location.reload(), "h1"))),
    unknown: (root) => {
      if (location.pathname === "/") {
        void begin();
        return;
      }
      document.title = "Not found · Turnkeeper";
      fill(root, el("div", { class: "page" }, empty({ heading: "h1", title: "There is nothing here", sentence: `The console has no page at ${location.pathname}.`, icon: "search" })));
    },
  });

  /** @param {Event} event */
  function skip(event) {
    event.preventDefault();
    main.focus();
  }
}

/** The navigation, which came with the page. */
const places = () => /** @type {HTMLAnchorElement[]} */ ([...document.querySelectorAll("#side a.place")]);

/** Where somebody begins: with files as long as there is no agent and he may make one, else in the chat. */
async function begin() {
  let isNew = false;
  try {
    isNew = may("manage_agents") && may("manage_data") && (await get("/agents", { query: { limit: 1 } })).items.length === 0;
  } catch {
    // The chat says what is the matter.
  }
  if (location.pathname === "/") go(isNew ? "/welcome" : "/chat", { replace: true });
}

function accountMenu() {
  const { account, organization } = who();
  const opener = el(
    "button",
    { class: "account", type: "button" },
    el("span", { class: "unseen" }, "Account: "),
    el("span", { class: "avatar", "aria-hidden": "true" }, account.name.slice(0, 1).toUpperCase()),
    el("span", { class: "account-words" }, el("strong", {}, account.name), el("small", {}, organization.name)),
  );
  const choice = (/** @type {import("./theme.js").Theme} */ wanted, /** @type {string} */ words, /** @type {string} */ picture) => ({
    words: theme() === wanted ? `${words} ✓` : words,
    icon: picture,
    onchoose: () => useTheme(wanted),
  });
  return menu(
    opener,
    () => [
      { words: "Your account", icon: "user", href: "/settings/account" },
      { words: "Keyboard shortcuts", icon: "keyboard", onchoose: showKeys },
      "line",
      choice("light", "Light", "sun"),
      choice("dark", "Dark", "moon"),
      choice("system", "As the system", "monitor"),
      "line",
      { words: "Sign out", icon: "log-out", onchoose: () => signOut().catch(tell) },
    ],
    { above: true },
  );
}

/** @param {HTMLElement} banner */
function watchWeather(banner) {
  let looking = false;
  weather.addEventListener("offline", async () => {
    banner.hidden = false;
    if (looking) return;
    looking = true;
    // `healthz` needs no session and costs nothing; the first answer ends it.
    while (!banner.hidden) {
      await new Promise((done) => setTimeout(done, LOOK_AGAIN_MS));
      try {
        const answer = await fetch("/healthz", { cache: "no-store" });
        if (answer.ok) break;
      } catch {
        // Still away.
      }
    }
    looking = false;
    banner.hidden = true;
    noteAnswer(true);
  });
  weather.addEventListener("online", () => {
    banner.hidden = true;
    say("The server answers again.");
  });
  weather.addEventListener("signed-out", () => location.assign(signInAddress()), { once: true });
}

const keys = () => [
  ["?", "These shortcuts"],
  ...places().map((link) => [`g ${link.dataset.key}`, `Go to ${link.querySelector("span")?.textContent}`]),
  ["n", "A new conversation"],
  ["/", "Search, where the page has one"],
  ["Esc", "Close what is open"],
];

function showKeys() {
  dialog("Keyboard shortcuts", (close) => [
    el("dl", { class: "keys" }, keys().map(([keys, words]) => el("div", {}, el("dt", {}, keys.split(" ").map((key) => el("kbd", {}, key))), el("dd", {}, words)))),
    el("div", { class: "actions" }, button("Close", { onclick: close })),
  ]);
}

function watchKeys() {
  let wasG = 0;
  document.addEventListener("keydown", (event) => {
    const at = /** @type {HTMLElement} */ (event.target);
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName) || document.querySelector("dialog[open]")) return;
    if (event.timeStamp - wasG < 1000) {
      wasG = 0;
      const place = places().find((link) => link.dataset.key === event.key);
      if (place) return handled(event, () => go(place.pathname));
    }
    if (event.key === "g") wasG = event.timeStamp;
    else if (event.key === "?") handled(event, showKeys);
    else if (event.key === "n") handled(event, () => go("/chat"));
    else if (event.key === "/") {
      const search = /** @type {HTMLElement | null} */ (document.querySelector("main input[type=search]"));
      if (search) handled(event, () => search.focus());
    }
  });
}

/**
 * @param {Event} event
 * @param {() => void} work
 */
function handled(event, work) {
  event.preventDefault();
  work();
}
