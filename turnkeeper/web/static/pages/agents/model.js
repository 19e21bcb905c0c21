// Which model an agent has: typed, or chosen from those that are known, with what they cost.
import { get, isAbort } from "../../api.js";
import { button } from "../../components/button.js";
import { dialog } from "../../components/dialog.js";
import { failure, skeleton } from "../../components/empty.js";
import { el, fill } from "../../dom.js";
import { compact, money } from "../../format.js";
import { labelled, textInput } from "./inputs.js";

/** @type {Promise<any> | null} */
let known = null;

/** The models that the server knows; asked once. */
function models() {
  known ??= get("/models").catch((error) => {
    known = null;
    throw error;
  });
  return known;
}

/**
 * @param {import("./inputs.js").Desk} desk
 * @param {Record<string, any>} content
 */
export function modelField(desk, content) {
  const about = el("p", { class: "hint" });
  const control = textInput(desk, content, "model", { orNull: true, spellcheck: "false", class: "mono", maxlength: 255 });
  const tell = async () => {
    try {
      const all = await models();
      control.setAttribute("placeholder", `${all.default} (the server’s default)`);
      fill(about, described(all, content.model ?? all.default));
    } catch (error) {
      if (!isAbort(error)) fill(about, "What models cost could not be read; the field works all the same.");
    }
  };
  control.addEventListener("input", () => void tell());
  void tell();
  const choose = () =>
    pick((name) => {
      content.model = name;
      control.value = name ?? "";
      desk.changed();
      void tell();
    });
  const row = labelled("Model", "model", control, { below: about });
  if (desk.mayChange) {
    const beside = el("div", { class: "with-button" });
    control.replaceWith(beside);
    beside.append(control, button("Choose", { onclick: choose }));
  }
  return row;
}

/**
 * @param {any} all
 * @param {string} name
 */
function described(all, name) {
  const provider = all.providers.find((/** @type {any} */ each) => name.startsWith(`${each.name}:`) || each.name === name);
  const model = provider?.models.find((/** @type {any} */ each) => each.name === name);
  const words = [model?.title, model?.context_tokens ? `${compact(model.context_tokens)} tokens of context` : null, priceOf(model)].filter(Boolean);
  return [
    words.join(" · ") || (provider ? "Its price is not known; limits of cost would keep it from being called." : "A program of this server, or a name that it does not know."),
    provider?.problem ? el("span", { class: "fault" }, ` ${provider.problem}`) : null,
  ];
}

/**
 * Those that can be used stand first.
 * @param {any[]} providers
 */
const byUse = (providers) => [...providers].sort((a, b) => Number(a.problem !== null) - Number(b.problem !== null));

/** @param {any} model */
function priceOf(model) {
  if (!model?.price) return null;
  return `${money(model.price.input)} in, ${money(model.price.output)} out per million tokens`;
}

/** @param {(name: string | null) => void} chosen */
function pick(chosen) {
  const place = el("div", { class: "model-list" }, skeleton(6));
  const search = el("input", { type: "search", placeholder: "Search models", "aria-label": "Search models" });
  const made = dialog("Choose a model", () => [search, place], { wide: true });
  const take = (/** @type {string | null} */ name) => {
    made.close();
    chosen(name);
  };
  const draw = async () => {
    try {
      const all = await models();
      const wanted = search.value.trim().toLowerCase();
      const fits = (/** @type {any} */ model) => `${model.name} ${model.title ?? ""}`.toLowerCase().includes(wanted);
      fill(
        place,
        el("section", {}, el("button", { type: "button", class: "model-row", onclick: () => take(null) }, el("strong", {}, "The server’s default"), el("code", {}, all.default))),
        byUse(all.providers).map((/** @type {any} */ provider) => {
          const found = provider.models.filter(fits).slice(0, 60);
          if (!found.length) return null;
          return el(
            "section",
            {},
            el("h3", {}, provider.title, provider.problem ? el("span", { class: "tag warn" }, provider.needs_key && !provider.key_from ? "no key" : "cannot be used") : null),
            provider.problem ? el("small", { class: "soft" }, provider.problem) : null,
            found.map((/** @type {any} */ model) => row(model, take)),
          );
        }),
      );
    } catch (error) {
      fill(place, failure(error, draw));
    }
  };
  search.addEventListener("input", () => void draw());
  void draw();
  search.focus();
}

/**
 * @param {any} model
 * @param {(name: string) => void} take
 */
function row(model, take) {
  return el(
    "button",
    { type: "button", class: "model-row", onclick: () => take(model.name) },
    el("span", { class: "stack" }, el("strong", {}, model.title ?? model.name), el("code", {}, model.name)),
    el(
      "span",
      { class: "model-facts" },
      model.is_deprecated ? el("span", { class: "tag warn" }, "being withdrawn") : null,
      model.context_tokens ? el("span", {}, `${compact(model.context_tokens)} tokens`) : null,
      model.price ? el("span", {}, `${money(model.price.input)} / ${money(model.price.output)}`) : null,
    ),
  );
}
