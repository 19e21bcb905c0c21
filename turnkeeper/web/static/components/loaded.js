// A place that is filled with what the server tells; when it does not, with why, and a way to ask again.
import { isAbort } from "../api.js";
import { fill } from "../dom.js";
import { failure } from "./empty.js";

/**
 * @param {HTMLElement} place what stands in it stays until then
 * @param {() => Promise<import("../dom.js").Child>} load ends with the page
 */
export async function loaded(place, load) {
  try {
    fill(place, await load());
  } catch (error) {
    if (!isAbort(error)) fill(place, failure(error, () => loaded(place, load)));
  }
}
