import { fetchNow } from "../ground/fetchBrowser.js";
import type { DigitImages } from "./digitImagesNode.js";

const PIXELS = 28 * 28;

/**
 * The images of the digits 0 to 9, from a file of the site: how many there are of each digit, as ten numbers of 32 bits, and then
 * a byte for each pixel.
 */
export function digitImages(): readonly DigitImages[] {
  const buffer = fetchNow("data/digits.bin");
  const counts = [...new Uint32Array(buffer, 0, 10)];
  let start = 4 * counts.length;
  return counts.map((length) => {
    const bytes = new Uint8Array(buffer, start, length * PIXELS);
    start += bytes.length;
    const get = (place: number): number[] =>
      // With three decimals, as the npm package has them.
      Array.from(
        bytes.subarray(place * PIXELS, (place + 1) * PIXELS),
        (value) => Math.round((1000 * value) / 255) / 1000,
      );
    return { length, get };
  });
}
