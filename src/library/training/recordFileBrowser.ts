/** A page has no files. */
export function saveRecord(): never {
  throw new Error(
    "saveRecord(): a page can't write files; run the notebook on your computer to keep records",
  );
}

/** A page has no files. */
export function loadRecord(): never {
  throw new Error(
    "loadRecord(): a page can't read your files; run the notebook on your computer to load records",
  );
}
