// Settings → Webhooks → one: its deliveries, each with what was sent and what was answered, and sending them again.
import { get, isAbort, post } from "../../api.js";
import { button } from "../../components/button.js";
import { dialog } from "../../components/dialog.js";
import { doing } from "../../components/doing.js";
import { failure, skeleton } from "../../components/empty.js";
import { field, form, input, select } from "../../components/form.js";
import { table } from "../../components/table.js";
import { tabs } from "../../components/tabs.js";
import { time } from "../../components/time.js";
import { toast } from "../../components/toast.js";
import { whileSeen } from "../../components/watch.js";
import { el, fill } from "../../dom.js";
import { clock, duration } from "../../format.js";
import { note } from "../../router.js";
import { settingsHead } from "./frame.js";
import { actions, stateOf } from "./webhooks.js";

export const title = "Webhook";

const STATES = [
  { value: "", words: "All deliveries" },
  { value: "waiting", words: "Waiting" },
  { value: "delivered", words: "Delivered" },
  { value: "failed", words: "Failed" },
];
const KINDS = /** @type {Record<string, string>} */ ({ delivered: "good", failed: "bad", waiting: "warn" });

/** @param {import("../../router.js").Visit} visit */
export function show({ root, params, query, signal }) {
  const path = `/webhooks/${params.webhook}`;
  const head = el("div", {}, skeleton(2));
  const state = query.get("state") ?? "";
  const list = table({
    caption: "Deliveries",
    path: `${path}/deliveries`,
    query: { state },
    signal,
    columns: [
      { title: "What", cell: (each) => button(each.type, { kind: "quiet", onclick: () => open(path, each, load) }) },
      { title: "State", cell: (each) => el("span", { class: `tag ${KINDS[each.state]}` }, each.state) },
      { title: "Tries", number: true, cell: (each) => each.attempts },
      { title: "Made", cell: (each) => time(each.created_at) },
      { title: "Next try", cell: (each) => time(each.next_attempt_at, each.ended_at ? "–" : "soon") },
    ],
    nothing: { title: "No deliveries", sentence: "Send a test, or wait until something happens.", icon: "webhook" },
  });
  const filter = select(STATES, state, { "aria-label": "Which deliveries" });
  filter.addEventListener("change", () => {
    note({ state: filter.value });
    void list.reload({ state: filter.value });
  });
  const load = async () => {
    try {
      const hook = await get(path, { signal });
      fill(
        head,
        el(
          "div",
          { class: "card webhook-head" },
          el("div", { class: "stack" }, el("h2", { class: "address" }, hook.url), el("small", { class: "soft" }, hook.description ?? "")),
          stateOf(hook),
          el(
            "div",
            { class: "actions" },
            button("Send a test", { icon: "zap", onclick: () => doing({ work: () => post(`${path}/test`), done: "A test is on its way.", changed: load }) }),
            button("Replay …", { icon: "history", onclick: () => replaySince(path, load) }),
            actions(hook, load, true),
          ),
        ),
      );
      await list.reload();
    } catch (error) {
      if (!isAbort(error)) fill(head, failure(error, load));
    }
  };
  root.append(
    settingsHead("/settings/webhooks", "What was sent to one address, and what it answered."),
    el("p", { class: "crumb" }, el("a", { href: "/settings/webhooks" }, "All webhooks")),
    el("div", { class: "stack-wide" }, head, el("div", { class: "choices" }, filter), list.element),
  );
  void load();
  whileSeen(load, 10_000, signal);
}

/**
 * @param {string} path of the webhook
 * @param {any} delivery
 * @param {() => Promise<void>} changed
 */
async function open(path, delivery, changed) {
  const place = el("div", { class: "stack-wide" }, skeleton(5));
  const made = dialog(
    `${delivery.type}`,
    (close) => [
      place,
      el(
        "div",
        { class: "actions" },
        button("Send it again", { icon: "rotate-cw", onclick: () => doing({ work: () => post(`${path}/deliveries/${delivery.id}/replay`), done: "It is sent again.", changed: () => (close(), changed()) }) }),
        button("Close", { kind: "primary", onclick: close }),
      ),
    ],
    { wide: true },
  );
  const load = async () => {
    try {
      const whole = await get(`${path}/deliveries/${delivery.id}`);
      if (made.isConnected) fill(place, parts(whole));
    } catch (error) {
      fill(place, failure(error, load));
    }
  };
  await load();
}

/** @param {any} delivery */
function parts(delivery) {
  const sent = () => (delivery.body ? el("pre", { class: "raw", tabindex: "0" }, JSON.stringify(delivery.body, null, 2)) : el("p", { class: "soft" }, "What it was about is gone."));
  const tries = () =>
    delivery.log?.length
      ? el(
          "ol",
          { class: "rows" },
          delivery.log.map((/** @type {any} */ each) =>
            el(
              "li",
              {},
              el(
                "div",
                { class: "stack whole" },
                el("div", { class: "tags" }, el("span", { class: `tag ${each.status >= 200 && each.status < 300 ? "good" : "bad"}` }, each.status ?? "no answer"), el("small", { class: "soft" }, `${clock(each.started_at)}, ${duration(each.milliseconds)}`)),
                each.error ? el("p", {}, each.error) : null,
                each.answer ? el("pre", { class: "raw", tabindex: "0" }, each.answer) : null,
              ),
            ),
          ),
        )
      : el("p", { class: "soft" }, "It was not tried yet.");
  return tabs("Parts of the delivery", [
    { words: "Tries and answers", content: tries },
    { words: "What is sent", content: sent },
  ]);
}

/**
 * @param {string} path
 * @param {() => Promise<void>} changed
 */
function replaySince(path, changed) {
  const hourAgo = new Date(Date.now() - 3_600_000 - new Date().getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  dialog("Send deliveries again", (close) => [
    el("p", {}, "Each goes with the id that it had, so that your program can tell that it knows it."),
    form({
      fields: [
        field("Since", "since", input({ type: "datetime-local", value: hourAgo })),
        field("Which", "only_failed", select([{ value: "true", words: "Those that failed" }, { value: "false", words: "All" }])),
      ],
      words: "Send again",
      cancel: close,
      submit: async (_, data) => {
        const since = new Date(String(data.get("since")));
        if (Number.isNaN(since.getTime())) throw new Error("Say since when.");
        const { deliveries } = await post(`${path}/replay`, { since: since.toISOString(), only_failed: data.get("only_failed") === "true" });
        close();
        toast(deliveries === 1 ? "One delivery is sent again." : `${deliveries} deliveries are sent again.`);
        await changed();
      },
    }),
  ]);
}
