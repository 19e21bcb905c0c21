// Who is signed in: asked once when the console opens, and again after signing in.
import { get, remove, useToken } from "./api.js";

/**
 * @typedef {object} Who
 * @property {{id: string, expires_at: string}} session
 * @property {{id: string, name: string}} organization
 * @property {{id: string, name: string, role: "admin" | "member", is_operator: boolean}} account
 * @property {string[]} scopes
 * @property {string} csrf_token
 * @property {boolean} may_set_password
 * @property {number} most_upload_bytes
 */

/** @type {Who | null} */
let known = null;

/** Who is signed in. Pages are shown only to those who are. */
export function who() {
  if (!known) throw new Error("Nobody is signed in.");
  return known;
}

/** @param {string} scope */
export const may = (scope) => who().scopes.includes(scope);

/** @param {Who} now */
export function begin(now) {
  known = now;
  useToken(now.csrf_token);
}

/** Ask the server who is signed in. */
export async function refresh() {
  begin(await get("/sessions/current"));
}

/** Sign out, and leave nothing of what was shown behind. */
export async function signOut() {
  await remove("/sessions/current");
  location.assign("/");
}

/** The sign-in page, from which the way leads back to where one is. */
export function signInAddress() {
  const here = location.pathname + location.search;
  return here === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(here)}`;
}
