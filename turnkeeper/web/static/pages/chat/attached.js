// Files of messages: pictures are shown, the rest is offered for download. Names are text, whatever they look like.
import { addressOf } from "../../api.js";
import { el } from "../../dom.js";
import { bytes } from "../../format.js";
import { icon } from "../../components/icon.js";

const PICTURES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);

/** @param {string} mediaType */
export const isPicture = (mediaType) => PICTURES.has(mediaType);

/**
 * @param {any[]} files
 * @param {string} label
 */
export function attached(files, label) {
  if (!files.length) return null;
  return el("ul", { class: "files", "aria-label": label }, files.map((file) => el("li", {}, isPicture(file.media_type) ? picture(file) : download(file))));
}

/** @param {any} file */
function picture(file) {
  const address = addressOf(`/files/${file.id}/content`, { disposition: "inline" });
  const image = el("img", { src: address, alt: file.name, loading: "lazy" });
  const link = el("a", { class: "picture", href: address, target: "_blank", rel: "noopener", title: file.name }, image);
  // What cannot be shown any more is still told, and can be asked for.
  image.addEventListener("error", () => link.replaceWith(download(file)), { once: true });
  return link;
}

/** @param {any} file */
function download(file) {
  return el(
    "a",
    { class: "file", href: addressOf(`/files/${file.id}/content`), download: file.name },
    icon("file-text"),
    el("span", { class: "stack" }, el("span", { class: "file-name" }, file.name), el("small", {}, bytes(file.size))),
    icon("download", 16),
  );
}
