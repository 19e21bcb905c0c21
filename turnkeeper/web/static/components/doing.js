// What is done to one thing of a list: asked first where it cannot be taken back, then told, then shown.
import { confirm } from "./dialog.js";
import { tell, toast } from "./toast.js";

/**
 * @param {object} of
 * @param {{title: string, sentence: string, words: string}} [of.ask] first
 * @param {() => Promise<unknown>} of.work
 * @param {string} of.done the sentence that tells it
 * @param {() => unknown} of.changed shows what is now
 */
export async function doing({ ask, work, done, changed }) {
  if (ask && !(await confirm(ask.title, ask.sentence, ask.words))) return;
  try {
    await work();
    toast(done);
    await changed();
  } catch (error) {
    tell(error);
  }
}
