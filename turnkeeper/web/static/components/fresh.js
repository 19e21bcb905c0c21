// Pages without a stream of events look again when somebody comes back to them.

const SOONEST_MS = 2_000;

/**
 * Ask anew when the tab is looked at again, at most every two seconds.
 * @param {() => void | Promise<void>} again
 * @param {AbortSignal} signal
 */
export function whenSeenAgain(again, signal) {
  let last = Date.now();
  const look = () => {
    if (document.visibilityState !== "visible" || Date.now() - last < SOONEST_MS) return;
    last = Date.now();
    void again();
  };
  document.addEventListener("visibilitychange", look, { signal });
  window.addEventListener("focus", look, { signal });
}

/**
 * Ask again and again while there is something to wait for; nothing is asked while nobody looks.
 * @param {() => Promise<boolean>} ask tells whether to go on
 * @param {number} milliseconds between two
 * @param {AbortSignal} signal
 */
export async function whileWaiting(ask, milliseconds, signal) {
  while (!signal.aborted) {
    if (document.visibilityState === "visible" && !(await ask())) return;
    await new Promise((done) => setTimeout(done, milliseconds));
  }
}
