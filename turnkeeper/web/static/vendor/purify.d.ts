// Ours: what the console uses of DOMPurify, for the type checker.

declare const DOMPurify: {
  sanitize(
    html: string,
    rules: {
      RETURN_DOM_FRAGMENT: true;
      ALLOWED_TAGS: string[];
      ALLOWED_ATTR: string[];
      ALLOWED_URI_REGEXP: RegExp;
      ADD_URI_SAFE_ATTR: string[];
    },
  ): DocumentFragment;
};
export default DOMPurify;
