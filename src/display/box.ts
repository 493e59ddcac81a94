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

/** The rectangle with this corner and size. */
export function toBox(x: number, y: number, width: number, height: number): Box {
  return { x, y, left: x, top: y, right: x + width, bottom: y + height, width, height };
}

/** The number in an attribute of an element, 0 if there is none. */
export function numberOf(element: Element, attribute: string): number {
  return Number.parseFloat(element.getAttribute(attribute) ?? "") || 0;
}

/** The smallest rectangle around others; an empty one at the origin if there are none. */
export function around(boxes: readonly Box[]): Box {
  const left = Math.min(...boxes.map((box) => box.left));
  const top = Math.min(...boxes.map((box) => box.top));
  const right = Math.max(...boxes.map((box) => box.right));
  const bottom = Math.max(...boxes.map((box) => box.bottom));
  return boxes.length === 0 ? toBox(0, 0, 0, 0) : toBox(left, top, right - left, bottom - top);
}

/**
 * Where a box in an element's own coordinates lies within an element that holds it (the whole page if not given):
 * turned if the element is turned (plotly turns axis titles by a quarter about a point), and shifted by the
 * translations of the element and of all up to the holder.
 */
export function placeWithin(element: Element, own: Box, holder: Element | null = null): Box {
  let box = turned(element, own);
  for (let place: Element | null = element; place && place !== holder; place = place.parentElement) {
    const shift = /translate\(([-\d.e]+)(?:[,\s]+([-\d.e]+))?\)/.exec(place.getAttribute("transform") ?? "");
    box = toBox(box.x + Number(shift?.[1] ?? 0), box.y + Number(shift?.[2] ?? 0), box.width, box.height);
  }
  return box;
}

function turned(element: Element, own: Box): Box {
  const turn = /rotate\((-?90),\s*([-\d.]+),\s*([-\d.]+)\)/.exec(element.getAttribute("transform") ?? "");
  if (!turn) {
    return own;
  }
  const [sign, centreX, centreY] = [Math.sign(Number(turn[1])), Number(turn[2]), Number(turn[3])];
  const [across, along] = [own.x + own.width / 2 - centreX, own.y + own.height / 2 - centreY];
  const middle = { x: centreX - sign * along, y: centreY + sign * across };
  return toBox(middle.x - own.height / 2, middle.y - own.width / 2, own.height, own.width);
}
