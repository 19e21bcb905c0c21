// Not at each key: what is asked for while somebody types waits until typing rests.

const REST_MS = 250;

/**
 * A function that does the work once it was not called for a while, and never after the page was left.
 * @param {() => unknown} work
 * @param {AbortSignal} signal
 * @param {number} [milliseconds]
 */
export function whenItRests(work, signal, milliseconds = REST_MS) {
  let waiting = 0;
  const leave = () => clearTimeout(waiting);
  signal.addEventListener("abort", leave, { once: true });
  return () => {
    leave();
    if (!signal.aborted) waiting = setTimeout(() => void work(), milliseconds);
  };
}
