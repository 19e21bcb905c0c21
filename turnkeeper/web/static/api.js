// The native API, asked by the session's cookie. Every page asks through here.

/** What a server that cannot be reached, or a refused request, is told as. */
export class ApiError extends Error {
  /**
   * @param {number} status 0 when nobody answered
   * @param {string} code
   * @param {string} detail a sentence for people
   * @param {{detail: string, code: string, pointer?: string, parameter?: string}[]} errors
   * @param {number | null} retryAfter seconds after which it may be asked again, where the server says so
   */
  constructor(status, code, detail, errors = [], retryAfter = null) {
    super(detail);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
    /** Every fault of the request. */
    this.errors = errors;
  }
}

/** Tells whether the server answers: an `online` or `offline` event each time that changes. And `signed-out`. */
export const weather = new EventTarget();
let isOnline = true;

/** @param {boolean} now whether the server answered just now */
export function noteAnswer(now) {
  if (now === isOnline) return;
  isOnline = now;
  weather.dispatchEvent(new Event(now ? "online" : "offline"));
}

let csrfToken = "";

/** @param {string} token what changes must say; of the current session */
export function useToken(token) {
  csrfToken = token;
}

/**
 * @typedef {object} Asking
 * @property {Record<string, string | number | boolean | null | undefined>} [query] null, undefined and what is empty are left out
 * @property {unknown} [json] the body
 * @property {BodyInit} [body] a body that is no JSON: a form, a file
 * @property {Record<string, string>} [headers]
 * @property {AbortSignal} [signal]
 * @property {string} [key] the Idempotency-Key; one is made for each change unless given
 */

/**
 * Ask for JSON. A change has an Idempotency-Key and, when the connection is lost, is sent once more: it happens once.
 * @param {string} method
 * @param {string} path behind `/v1`
 * @param {Asking} [asking]
 * @returns {Promise<any>} the body; null when there is none
 * @throws {ApiError}
 */
export async function ask(method, path, asking = {}) {
  const answer = await send(method, path, asking);
  if (answer.status === 204) return null;
  return read(await answer.text());
}

/**
 * As `ask`, with the whole answer: for its headers (`ETag`, `Location`) or a body that is no JSON.
 * @param {string} method
 * @param {string} path
 * @param {Asking} [asking]
 * @returns {Promise<Response>}
 * @throws {ApiError}
 */
export async function send(method, path, asking = {}) {
  const isChange = method !== "GET" && method !== "HEAD";
  /** @type {Record<string, string>} */
  const headers = { ...asking.headers };
  if (asking.json !== undefined) headers["Content-Type"] = "application/json";
  if (isChange) {
    headers["X-CSRF-Token"] = csrfToken;
    headers["Idempotency-Key"] = asking.key ?? newKey();
  }
  const request = {
    method,
    headers,
    body: asking.json === undefined ? asking.body : JSON.stringify(asking.json),
    signal: asking.signal,
    credentials: /** @type {const} */ ("same-origin"),
  };
  const address = addressOf(path, asking.query);
  const answer = await fetched(address, request, isChange ? 1 : 0);
  if (!answer.ok) throw await refusal(answer, path);
  return answer;
}

/** @type {(path: string, asking?: Asking) => Promise<any>} */
export const get = (path, asking) => ask("GET", path, asking);
/** @type {(path: string, json?: unknown, asking?: Asking) => Promise<any>} */
export const post = (path, json = {}, asking = {}) => ask("POST", path, { json, ...asking });
/** @type {(path: string, json: unknown, asking?: Asking) => Promise<any>} */
export const put = (path, json, asking = {}) => ask("PUT", path, { json, ...asking });
/** @type {(path: string, json: unknown, asking?: Asking) => Promise<any>} */
export const patch = (path, json, asking = {}) => ask("PATCH", path, { json, ...asking });
/** @type {(path: string, asking?: Asking) => Promise<any>} */
export const remove = (path, asking = {}) => ask("DELETE", path, asking);

/**
 * Send a form with a file, and tell how far it is. As any change it has an Idempotency-Key.
 * @param {string} path
 * @param {FormData} form
 * @param {{signal?: AbortSignal, progress?: (part: number) => void, key?: string}} [of] `part`: from 0 to 1
 * @returns {Promise<any>} the body of the answer
 * @throws {ApiError}
 */
export function upload(path, form, { signal, progress, key } = {}) {
  // `fetch` does not tell how much of a body was sent.
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open("POST", addressOf(path));
    request.setRequestHeader("X-CSRF-Token", csrfToken);
    request.setRequestHeader("Idempotency-Key", key ?? newKey());
    request.upload.addEventListener("progress", (event) => progress?.(event.lengthComputable ? event.loaded / event.total : 0));
    request.addEventListener("load", () => {
      noteAnswer(true);
      const answer = new Response(request.responseText, { status: request.status, headers: { "Content-Type": request.getResponseHeader("Content-Type") ?? "" } });
      // A rejection of what is handed on is one of the whole.
      done(answer.ok ? Promise.resolve(request.responseText).then(read) : refusal(answer, path).then((error) => Promise.reject(error)));
    });
    request.addEventListener("error", () => {
      noteAnswer(false);
      failed(new ApiError(0, "unreachable", "The file did not arrive: the server does not answer."));
    });
    request.addEventListener("abort", () => failed(new DOMException("The page was left.", "AbortError")));
    signal?.addEventListener("abort", () => request.abort(), { once: true });
    request.send(form);
  });
}

/**
 * Every item of a list, page by page, as far as it is read.
 * @param {string} path
 * @param {Record<string, any>} [query]
 * @param {AbortSignal} [signal]
 */
export async function* items(path, query = {}, signal) {
  for (let cursor = null; ; ) {
    const page = await get(path, { query: { limit: 100, ...query, cursor }, signal });
    yield* page.items;
    if (!page.has_more) return;
    cursor = page.next_cursor;
  }
}

/**
 * Whether an error only says that a page was left while it asked for something.
 * @param {unknown} error
 */
export const isAbort = (error) => error instanceof DOMException && error.name === "AbortError";

/**
 * The whole address of a path behind `/v1`.
 * @param {string} path
 * @param {Asking["query"]} [query]
 */
export function addressOf(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return `/v1${path}${text ? `?${text}` : ""}`;
}

/**
 * @param {string} address
 * @param {RequestInit} request
 * @param {number} again how often to try again when nobody answers
 * @returns {Promise<Response>}
 */
async function fetched(address, request, again) {
  try {
    const answer = await fetch(address, request);
    noteAnswer(true);
    return answer;
  } catch (error) {
    if (isAbort(error)) throw error;
    if (again > 0) {
      await new Promise((done) => setTimeout(done, 500));
      return fetched(address, request, again - 1);
    }
    noteAnswer(false);
    throw new ApiError(0, "unreachable", "The server does not answer; look whether it runs, then try again.");
  }
}

/**
 * @param {string} body
 * @returns {any}
 * @throws {ApiError}
 */
function read(body) {
  try {
    return JSON.parse(body);
  } catch {
    throw new ApiError(502, "unreadable", "Something between you and the server answered in its place; try again.");
  }
}

/**
 * @param {Response} answer
 * @param {string} path
 */
async function refusal(answer, path) {
  let problem = /** @type {any} */ ({});
  try {
    problem = await answer.json();
  } catch {
    // Something between us and the server has answered in its place.
  }
  const error = new ApiError(
    answer.status,
    problem.code ?? "unknown",
    problem.detail ?? `The server answered ${answer.status}; try again.`,
    problem.errors ?? [],
    problem.retry_after ?? null,
  );
  if (answer.status === 401 && path !== "/sessions") weather.dispatchEvent(new Event("signed-out"));
  return error;
}

/** An Idempotency-Key. On pages that came by plain HTTP from another machine, `randomUUID` is not there. */
export function newKey() {
  return crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
