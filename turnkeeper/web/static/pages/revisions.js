// Revisions.
import { empty } from "../components/empty.js";

export const title = "Revisions";

/** @param {import("../router.js").Visit} visit */
export function show({ root }) {
  root.append(empty({ heading: "h1", title: "Revisions", sentence: "This page is being built; the same is at /v1 already.", icon: "history" }));
}
