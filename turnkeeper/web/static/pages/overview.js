// Overview.
import { empty } from "../components/empty.js";

export const title = "Overview";

/** @param {import("../router.js").Visit} visit */
export function show({ root }) {
  root.append(empty({ heading: "h1", title: "Overview", sentence: "This page is being built; the same is at /v1 already.", icon: "chart-column" }));
}
