// Thumbs, with a note.
import { put, remove } from "../../api.js";
import { el } from "../../dom.js";
import { iconButton } from "../../components/button.js";
import { dialog } from "../../components/dialog.js";
import { area, field, form } from "../../components/form.js";
import { say, tell, toast } from "../../components/toast.js";
import { who } from "../../session.js";

/** @param {any} reply */
export function feedback(reply) {
  let mine = reply.feedback.find((/** @type {any} */ each) => each.account_id === who().account.id) ?? null;
  const up = iconButton("thumbs-up", "Good answer", () => rate("up"));
  const down = iconButton("thumbs-down", "Bad answer", () => rate("down"));
  const paint = () => {
    up.setAttribute("aria-pressed", String(mine?.rating === "up"));
    down.setAttribute("aria-pressed", String(mine?.rating === "down"));
    if (mine?.comment) (mine.rating === "up" ? up : down).title = mine.comment;
  };

  /** @param {"up" | "down"} rating */
  async function rate(rating) {
    try {
      if (mine?.rating === rating) {
        await remove(`/messages/${reply.id}/feedback`);
        mine = null;
        say("Taken back.");
        return paint();
      }
      await put(`/messages/${reply.id}/feedback`, { rating, comment: null });
      mine = { rating, comment: null };
      paint();
      note(rating);
    } catch (error) {
      tell(error);
    }
  }

  /** @param {"up" | "down"} rating */
  function note(rating) {
    dialog(rating === "up" ? "What was good?" : "What was wrong?", (close) => [
      form({
        fields: [field("A note (if you like)", "comment", area({ rows: 3, maxlength: 2000 }), { hint: "Everybody who reads this conversation sees it." })],
        words: "Add the note",
        cancel: close,
        submit: async (_, data) => {
          const comment = String(data.get("comment")).trim();
          if (comment) {
            await put(`/messages/${reply.id}/feedback`, { rating, comment });
            mine = { rating, comment };
            paint();
            toast("Thank you; the note stands beside the answer.");
          }
          close();
        },
      }),
    ]);
  }
  paint();
  return el("span", { class: "thumbs" }, up, down);
}
