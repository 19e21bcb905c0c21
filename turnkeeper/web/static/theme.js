// Light, dark, or as the system has it.

/** @typedef {"light" | "dark" | "system"} Theme */

/** @returns {Theme} */
export function theme() {
  const chosen = document.documentElement.dataset.theme;
  return chosen === "light" || chosen === "dark" ? chosen : "system";
}

/** @param {Theme} wanted remembered by this browser */
export function useTheme(wanted) {
  if (wanted === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = wanted;
  try {
    if (wanted === "system") localStorage.removeItem("theme");
    else localStorage.setItem("theme", wanted);
  } catch {
    // It counts until the page is closed.
  }
  dispatchEvent(new Event("theme"));
}
