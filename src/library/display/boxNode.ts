import { textWidth } from "./svgToPngNode.js";

/** What is used of an element of plotly's page. */
export interface PageElement {
  readonly localName: string;
  readonly parentElement: PageElement | null;
  readonly childNodes: Iterable<PageElement>;
  readonly nodeType: number;
  readonly textContent: string;
  readonly style: { readonly fontSize: string; readonly fontWeight: string };
  getAttribute(name: string): string | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
}

/** A rectangle as a page tells it. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly width: number;
  readonly height: number;
}

/** Open Sans' extent above and below the baseline, and plotly's distance of lines, in multiples of the font size. */
const ASCENT = 1.069;
const DESCENT = 0.293;
const LINE_SPACING = 1.3;

/**
 * The box of an element in its own coordinates: of a text as it will be drawn, of a group around the texts in it.
 * Plotly keeps titles, labels and legends clear of one another by these boxes. What holds no text has no size here.
 */
export function boxOf(element: PageElement): Box {
  return element.localName === "text"
    ? textBox(element)
    : around([...element.querySelectorAll("text")].map((text) => placeWithin(text, textBox(text), element)));
}

/**
 * Where a box in an element's own coordinates lies within an element that holds it (the whole page if not given):
 * turned if the element is turned (plotly turns axis titles by a quarter about a point), and shifted by the
 * translations of the element and of all up to the holder.
 */
export function placeWithin(element: PageElement, own: Box, holder: PageElement | null = null): Box {
  let box = turned(element, own);
  for (let place: PageElement | null = element; place && place !== holder; place = place.parentElement) {
    const shift = /translate\(([-\d.e]+)(?:[,\s]+([-\d.e]+))?\)/.exec(place.getAttribute("transform") ?? "");
    box = toBox(box.x + Number(shift?.[1] ?? 0), box.y + Number(shift?.[2] ?? 0), box.width, box.height);
  }
  return box;
}

function textBox(text: PageElement): Box {
  const size = Number.parseFloat(text.style.fontSize) || 12;
  const spans = [...text.querySelectorAll("tspan.line")];
  const lines = spans.length > 0 ? spans : [text];
  const style = `font-size:${size}px;font-weight:${text.style.fontWeight || "normal"}`;
  const width = Math.max(...lines.map((line) => textWidth(contentOf(line), style)));
  const height = (ASCENT + DESCENT + LINE_SPACING * (lines.length - 1)) * size;
  const shift = { middle: width / 2, end: width }[text.getAttribute("text-anchor") ?? "start"] ?? 0;
  const lowered = numberOf(text, "dy") * size;
  return toBox(numberOf(text, "x") - shift, numberOf(text, "y") + lowered - ASCENT * size, width, height);
}

/** The inside of an element as XML; of its parts only the style counts. */
function contentOf(element: PageElement): string {
  return Array.from(element.childNodes, (node) =>
    node.nodeType === 3
      ? node.textContent.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
      : `<tspan style="${node.getAttribute("style") ?? ""}">${contentOf(node)}</tspan>`,
  ).join("");
}

/** The number in an attribute of an element, 0 if there is none. */
function numberOf(element: PageElement, attribute: string): number {
  return Number.parseFloat(element.getAttribute(attribute) ?? "") || 0;
}

/** The rectangle with this corner and size. */
function toBox(x: number, y: number, width: number, height: number): Box {
  return { x, y, left: x, top: y, right: x + width, bottom: y + height, width, height };
}

/** The smallest rectangle around others; an empty one at the origin if there are none. */
function around(boxes: readonly Box[]): Box {
  const left = Math.min(...boxes.map((box) => box.left));
  const top = Math.min(...boxes.map((box) => box.top));
  const right = Math.max(...boxes.map((box) => box.right));
  const bottom = Math.max(...boxes.map((box) => box.bottom));
  return boxes.length === 0 ? toBox(0, 0, 0, 0) : toBox(left, top, right - left, bottom - top);
}

function turned(element: PageElement, own: Box): Box {
  const turn = /rotate\((-?90),\s*([-\d.]+),\s*([-\d.]+)\)/.exec(element.getAttribute("transform") ?? "");
  if (!turn) {
    return own;
  }
  const [sign, centerX, centerY] = [Math.sign(Number(turn[1])), Number(turn[2]), Number(turn[3])];
  const [across, along] = [own.x + own.width / 2 - centerX, own.y + own.height / 2 - centerY];
  const middle = { x: centerX - sign * along, y: centerY + sign * across };
  return toBox(middle.x - own.height / 2, middle.y - own.width / 2, own.height, own.width);
}
