// Chat.
import { empty } from "../components/empty.js";

export const title = "Chat";

/** @param {import("../router.js").Visit} visit */
export function show({ root }) {
  root.append(empty({ heading: "h1", title: "Chat", sentence: "This page is being built; the same is at /v1 already.", icon: "message-circle" }));
}
