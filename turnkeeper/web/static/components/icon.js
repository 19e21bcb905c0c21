// Pictures from one sprite (Lucide, ISC). They are decoration: what a control does stands in its words or its label.
const NAMESPACE = "http://www.w3.org/2000/svg";
const SPRITE = new URL("../icons.svg", import.meta.url).pathname;

/**
 * @param {string} name of a symbol in `icons.svg`
 * @param {number} [size] pixels
 */
export function icon(name, size = 18) {
  const picture = document.createElementNS(NAMESPACE, "svg");
  for (const [key, value] of Object.entries({ class: "icon", width: size, height: size, "aria-hidden": "true" })) {
    picture.setAttribute(key, String(value));
  }
  const use = document.createElementNS(NAMESPACE, "use");
  use.setAttribute("href", `${SPRITE}#${name}`);
  picture.append(use);
  return picture;
}
