/** A number as a reader wants it: three digits, and a power of ten where it is far from 1. */
export function short(value: number): string {
  if (!Number.isFinite(value) || value === 0) {
    return String(value);
  }
  const size = Math.abs(value);
  return size >= 1e-3 && size < 1e5 ? String(Number(value.toPrecision(3))) : value.toExponential(1);
}

/** A share as a percentage. */
export function percent(share: number): string {
  return `${short(share * 100)} %`;
}
