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
      fill(app, failure(error, () => location.reload(), "h1"));
    }
  }
}

// What nobody waited for. A page that is left ends what it asked for: that is no fault. What the server refused is told where no
// page does; what is a fault of ours stays an error of the browser's console.
addEventListener("unhandledrejection", (event) => {
  const { reason } = event;
  if (isAbort(reason)) event.preventDefault();
  else if (reason instanceof ApiError) {
    event.preventDefault();
    void import("./components/toast.js").then(({ tell }) => tell(reason));
  }
});
void start();
