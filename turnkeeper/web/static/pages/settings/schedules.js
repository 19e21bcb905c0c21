// Schedules.
import { empty } from "../../components/empty.js";
import { settingsHead } from "./frame.js";

export const title = "Schedules";

/** @param {import("../../router.js").Visit} visit */
export function show({ root }) {
  root.append(
    settingsHead("/settings/schedules", ""),
    empty({ title: "Schedules", sentence: "This page is being built; the same is at /v1 already.", icon: "settings" }),
  );
}
