// Addresses and pages: a page's module is fetched when its address is visited, and told when it is left.
import { noteAnswer } from "./api.js";

/**
 * @typedef {object} Route
 * @property {string} path such as `/agents/:agent`
 * @property {() => Promise<Page>} load
 * @property {string} place the entry of the navigation that it belongs to
 */
/**
 * @typedef {object} Page
 * @property {string} title
 * @property {(visit: Visit) => void | Promise<void>} show fills `visit.root`; what it begins ends with `visit.signal`
 */
/**
 * What a page is given.
 * @typedef {object} Visit
 * @property {HTMLElement} root empty, and the page's own until it is left
 * @property {Record<string, string>} params the named parts of the path
 * @property {URLSearchParams} query
 * @property {AbortSignal} signal aborted when the page is left
 * @property {(title: string) => void} title call the page something more telling
 */

/**
 * @param {object} house
 * @param {Route[]} house.routes
 * @param {HTMLElement} house.root
 * @param {(route: Route, title: string, first: boolean) => void} house.arrived focus and name belong to whoever has the frame
 * @param {(root: HTMLElement, error: unknown) => void} house.failed
 * @param {(root: HTMLElement) => void} house.unknown what is shown where there is no page
 */
export function startRouter({ routes, root, arrived, failed, unknown }) {
  let leave = new AbortController();
  let first = true;

  async function visit() {
    leave.abort();
    const mine = (leave = new AbortController());
    const found = match(routes, location.pathname);
    const isFirst = first;
    first = false;
    root.replaceChildren();
    const box = document.createElement("div");
    box.className = "page";
    if (!found) {
      unknown(root);
      return;
    }
    try {
      const page = await found.route.load().catch(away);
      if (mine.signal.aborted) return;
      root.replaceChildren(box);
      arrived(found.route, page.title, isFirst);
      await page.show({
        root: box,
        params: found.params,
        query: new URLSearchParams(location.search),
        signal: mine.signal,
        title: (title) => {
          if (!mine.signal.aborted) arrived(found.route, title, true);
        },
      });
    } catch (error) {
      if (!mine.signal.aborted) failed(root, error);
    }
  }

  addEventListener("popstate", visit);
  addEventListener("turnkeeper:go", visit);
  document.addEventListener("click", (click) => {
    const link = /** @type {Element} */ (click.target).closest?.("a");
    if (!link || click.defaultPrevented || click.button !== 0) return;
    if (click.metaKey || click.ctrlKey || click.shiftKey || click.altKey || link.target || link.hasAttribute("download")) return;
    const address = new URL(link.href, location.href);
    if (address.origin !== location.origin || !match(routes, address.pathname)) return;
    click.preventDefault();
    go(address.pathname + address.search + address.hash);
  });
  void visit();
}

/**
 * A page's module that did not come: nothing else tells that the server is away.
 * @param {unknown} cause
 * @returns {never}
 */
function away(cause) {
  noteAnswer(false);
  throw new Error("The page could not be fetched; look whether the server runs, then try again.", { cause });
}

/**
 * Visit another page.
 * @param {string} address
 * @param {{replace?: boolean}} [how] `replace`: the way back does not lead here
 */
export function go(address, { replace = false } = {}) {
  if (replace) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  dispatchEvent(new Event("turnkeeper:go"));
}

/**
 * Keep something of what a page shows in its address (a filter, a tab) without visiting it anew.
 * @param {Record<string, string | null>} changes
 */
export function note(changes) {
  const address = new URL(location.href);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") address.searchParams.delete(name);
    else address.searchParams.set(name, value);
  }
  history.replaceState(null, "", address);
}

/**
 * @param {Route[]} routes
 * @param {string} path
 */
function match(routes, path) {
  const parts = path.replace(/\/+$/, "").split("/");
  for (const route of routes) {
    const wanted = route.path.replace(/\/+$/, "").split("/");
    if (wanted.length !== parts.length) continue;
    /** @type {Record<string, string>} */
    const params = {};
    const fits = wanted.every((part, place) => {
      if (!part.startsWith(":")) return part === parts[place];
      try {
        params[part.slice(1)] = decodeURIComponent(parts[place]);
      } catch {
        return false;
      }
      return parts[place] !== "";
    });
    if (fits) return { route, params };
  }
  return null;
}
