/**
 * What a gradient is multiplied by to bring its L2 norm down to `clipNorm`: 1 if it is not larger (Pascanu et al.
 * 2013, "On the difficulty of training recurrent neural networks"). `parts` hold all its numbers. NaN if one of them
 * is not finite: there is no right length for such a gradient.
 */
export function clipFactor(parts: readonly Float32Array[], clipNorm: number | undefined): number {
  if (clipNorm === undefined) {
    return 1;
  }
  let squares = 0;
  for (const part of parts) {
    for (const value of part) {
      squares += value * value;
    }
  }
  const norm = Math.sqrt(squares);
  return Number.isFinite(norm) ? Math.min(1, clipNorm / norm) : NaN;
}
