/** A page has no files. */
export function saveFigure(): never {
  throw new Error("saveFigure(): a page can't write files; use the camera above a figure to download it");
}
