// Looking again while the page is looked at: at intervals, and at once when one comes back to it.

/**
 * @param {() => Promise<void>} look tells its own troubles
 * @param {number} everyMs
 * @param {AbortSignal} signal ends it
 */
export function whileSeen(look, everyMs, signal) {
  let isLooking = false;
  const again = async () => {
    // Nothing is taken away from under somebody's hand.
    if (document.hidden || isLooking || signal.aborted || document.querySelector("dialog[open], main .menu:not([hidden])")) return;
    isLooking = true;
    try {
      await look();
    } finally {
      isLooking = false;
    }
  };
  const clock = setInterval(again, everyMs);
  document.addEventListener("visibilitychange", again, { signal });
  addEventListener("focus", again, { signal });
  signal.addEventListener("abort", () => clearInterval(clock));
}
