/** A page has no files. */
export function loadCsv(): never {
  throw new Error(
    "loadCsv(): a page can't read your files; paste the text of the file into a cell, and use parseCsv()",
  );
}
