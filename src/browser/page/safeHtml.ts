/** Elements that a table or a text needs. */
const ALLOWED = new Set(
  "table caption thead tbody tfoot tr th td colgroup col p div span b strong i em code pre br hr ul ol li h3 h4 sup sub details summary label".split(
    " ",
  ),
);
const ATTRIBUTES = new Set(["scope", "colspan", "rowspan", "style", "class", "open"]);

/** HTML of an output, with nothing in it that could run or load something; a table can be scrolled by itself. */
export function safeHtml(html: string): HTMLElement {
  const { body } = new DOMParser().parseFromString(html, "text/html");
  for (const element of body.querySelectorAll("*")) {
    if (!ALLOWED.has(element.localName)) {
      element.remove();
      continue;
    }
    for (const { name, value } of [...element.attributes]) {
      if (!ATTRIBUTES.has(name) || (name === "style" && /url|expression|position/i.test(value))) {
        element.removeAttribute(name);
      }
    }
  }
  const region = document.createElement("div");
  region.className = "table";
  region.tabIndex = 0;
  region.setAttribute("role", "region");
  region.setAttribute("aria-label", body.querySelector("caption")?.textContent ?? "Table");
  region.append(...body.childNodes);
  return region;
}
