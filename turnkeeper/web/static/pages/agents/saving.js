// Saving an agent: as a draft or to answer from now on, and what to do when somebody else was faster.
import { ApiError, post, send } from "../../api.js";
import { button } from "../../components/button.js";
import { dialog } from "../../components/dialog.js";
import { diff } from "../../components/diff.js";
import { el } from "../../dom.js";
import { newest, written } from "./content.js";

/**
 * @typedef {object} Held what the editor holds
 * @property {any} agent
 * @property {string} etag
 * @property {Record<string, any>} content
 */

/**
 * Write the content as one more revision, that goes on from the newest.
 * @param {Held} held
 * @param {{deploys: boolean, note: string}} how
 * @returns {Promise<Held>}
 */
export async function saved(held, { deploys, note }) {
  const query = { deploy: deploys, base: held.agent.latest_revision };
  const json = { ...held.content, ...(note ? { note } : {}) };
  const answer = await send("PATCH", `/agents/${held.agent.id}`, { query, json, headers: { "If-Match": held.etag } });
  return { agent: await answer.json(), etag: answer.headers.get("ETag") ?? "", content: held.content };
}

/**
 * Have the newest revision answer.
 * @param {Held} held
 * @returns {Promise<Held>}
 */
export async function deployed(held) {
  const answer = await send("POST", `/agents/${held.agent.id}/deploy`, {
    json: { revision: held.agent.latest_revision },
    headers: { "If-Match": held.etag },
  });
  return { agent: await answer.json(), etag: answer.headers.get("ETag") ?? "", content: held.content };
}

/** @param {Record<string, any>} content */
export function made(content) {
  const { limits, ...rest } = content;
  const set = Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== null));
  return post("/agents", { ...rest, limits: set });
}

/** @param {unknown} error */
export const isOvertaken = (error) => error instanceof ApiError && error.code === "precondition_failed";

/**
 * Ask what to do when somebody else changed the agent: theirs, or ours on top of it.
 * @param {Held} mine
 * @param {AbortSignal} signal
 * @returns {Promise<{held: Held, takes: "theirs" | "mine"} | null>} null: neither, go on editing
 */
export async function overtaken(mine, signal) {
  const theirs = await newest(mine.agent.id, signal);
  return new Promise((answer) => {
    /** @type {{held: Held, takes: "theirs" | "mine"} | null} */
    let chosen = null;
    dialog(
      "Somebody changed it meanwhile",
      (close) => {
        const take = (/** @type {"theirs" | "mine"} */ takes) => () => {
          chosen = { held: takes === "theirs" ? theirs : { ...theirs, content: mine.content }, takes };
          close();
        };
        return [
          el("p", {}, `Revision ${theirs.agent.latest_revision} was made while you were editing. Red is theirs, green is yours. Nothing is lost either way: every revision is kept.`),
          diff(written(theirs.content), written(mine.content)),
          el("div", { class: "actions" }, button("Go on editing", { onclick: close }), button("Take theirs", { onclick: take("theirs") }), button("Save mine on top", { kind: "primary", onclick: take("mine") })),
        ];
      },
      { wide: true, onclose: () => answer(chosen) },
    );
  });
}
