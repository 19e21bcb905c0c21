// The beginning: the sign-in page, or the frame with the page that the address names.
import { ApiError, isAbort } from "./api.js";
import { fill } from "./dom.js";
import { refresh, signInAddress } from "./session.js";

const app = /** @type {HTMLElement} */ (document.getElementById("app"));

async function start() {
  if (location.pathname === "/sign-in") {
    const { showSignIn } = await import("./pages/sign-in.js");
    await showSignIn(app);
    return;
  }
  try {
    const shell = import("./shell.js");
    await refresh();
    (await shell).showShell(app);
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) location.replace(signInAddress());
    else {
      const { failure } = await import("./components/empty.js");
      fill(app, failure(error, () => location.reload()));
    }
  }
}

// A page that is left ends what it asked for; where nobody waits for that any more, it is no fault.
addEventListener("unhandledrejection", (event) => {
  if (isAbort(event.reason)) event.preventDefault();
});
void start();
