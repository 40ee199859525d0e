// media-chrome writes <style> elements into the shadow roots of its elements. The portal's policy refuses styles that
// stand in a page, and says nothing of style sheets that scripts construct: so each root gets its styles as one of those.
// This has to run before the first of these elements is defined.

const STYLES = /<style>(.*?)<\/style>/gs;
// Elements inside others, with their own styles: each builds itself when it is defined.
const BUILT_BEFORE = /<template shadowrootmode.*?<\/template>/gs;
// How media-chrome asks for the sheet whose rules it changes.
const ITS_OWN_STYLES = "style:not([media])";

const attachShadow = HTMLElement.prototype.attachShadow;

HTMLElement.prototype.attachShadow = function attach(options) {
  const root = attachShadow.call(this, options);
  if (this.localName.startsWith("media-")) adoptStyles(root);
  return root;
};

function adoptStyles(root) {
  const sheet = new CSSStyleSheet();
  const select = root.querySelectorAll.bind(root);
  const write = (html) => {
    const own = html.replace(BUILT_BEFORE, "");
    sheet.replaceSync(Array.from(own.matchAll(STYLES), ([, text]) => text).join("\n"));
    root.adoptedStyleSheets = [sheet];
    const parsed = document.createRange().createContextualFragment(own.replace(STYLES, ""));
    root.replaceChildren(parsed);
  };
  root.setHTMLUnsafe = write;
  Object.defineProperty(root, "innerHTML", { set: write });
  root.querySelectorAll = (selector) => (selector === ITS_OWN_STYLES ? [{ sheet }] : select(selector));
}
