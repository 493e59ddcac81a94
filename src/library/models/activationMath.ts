/** The logistic function. */
export const logistic = (z: number): number => 1 / (1 + Math.exp(-z));

/** ln(1 + e^z), without overflow. */
export const softplusOf = (z: number): number => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
