import { Matrix, SingularValueDecomposition } from "ml-matrix";
import { fail, requireList } from "../ground/validation.js";

/**
 * The singular values of a matrix, the largest first: by what it multiplies the length of vectors, from the direction that it stretches
 * most to the one that it stretches least.
 *
 * @param matrix Its rows.
 * @throws RangeError for no rows, rows of other lengths, or a number that is not finite.
 * @example
 * singularValues([[0, 2], [1, 0]]); // [2, 1]
 */
export function singularValues(matrix: readonly (readonly number[])[]): number[] {
  const owner = "singularValues";
  requireList(owner, "matrix", matrix, "rows", 1);
  matrix.forEach((row, i) => {
    if (row.length !== matrix[0]!.length || row.length === 0) {
      fail(owner, `matrix[${i}].length`, row.length, `that of the first row, at least 1`);
    }
    const place = row.findIndex((value) => !Number.isFinite(value));
    if (place >= 0) {
      fail(owner, `matrix[${i}][${place}]`, row[place], "a finite number");
    }
  });
  const rows = new Matrix(matrix.map((row) => [...row]));
  const decomposition = new SingularValueDecomposition(rows, {
    computeLeftSingularVectors: false,
    computeRightSingularVectors: false,
    autoTranspose: true,
  });
  return [...decomposition.diagonal];
}
