/** A number as a reader wants it: counts in full, else three digits, and a power of ten where it is far from 1. */
export function short(value: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value) || value === 0 || (Number.isInteger(value) && size < 1e9)) {
    return String(value);
  }
  return size >= 1e-3 && size < 1e5 ? String(Number(value.toPrecision(3))) : value.toExponential(1);
}

/** A share as a percentage. */
export function percent(share: number): string {
  return `${short(share * 100)} %`;
}
