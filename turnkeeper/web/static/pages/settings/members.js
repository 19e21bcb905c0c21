// Members.
import { empty } from "../../components/empty.js";
import { settingsHead } from "./frame.js";

export const title = "Members";

/** @param {import("../../router.js").Visit} visit */
export function show({ root }) {
  root.append(
    settingsHead("/settings/members", ""),
    empty({ title: "Members", sentence: "This page is being built; the same is at /v1 already.", icon: "settings" }),
  );
}
