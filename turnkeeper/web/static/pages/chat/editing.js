// Other words in the place of a message.
import { el } from "../../dom.js";
import { button } from "../../components/button.js";
import { tell } from "../../components/toast.js";

/**
 * @param {string} text
 * @param {(text: string) => Promise<void>} send
 * @param {() => void} done
 */
export function editor(text, send, done) {
  const area = el("textarea", { rows: Math.min(12, text.split("\n").length + 1), value: text, "aria-label": "Your message, to be asked anew" });
  const again = button("Ask anew", { kind: "primary", onclick: submit });
  async function submit() {
    if (!area.value.trim()) return area.focus();
    try {
      await send(area.value);
      done();
    } catch (error) {
      tell(error);
    }
  }
  area.addEventListener("keydown", (event) => {
    if (event.key === "Escape") done();
    else if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
      event.preventDefault();
      again.click();
    }
  });
  const element = el(
    "div",
    { class: "rewrite" },
    area,
    el("p", { class: "soft small" }, "The conversation from here on is set aside; what tools did stays done."),
    el("div", { class: "actions" }, button("Cancel", { onclick: done }), again),
  );
  return { element, focus: () => area.focus() };
}
