/** How an array is walked through: where the first number is, and how far the next one is along each axis. */
export interface Operand {
  readonly offset: number;
  readonly strides: readonly number[];
}

/** Arrays that are walked through together, along the axes of `lengths`. */
export interface Walk {
  readonly lengths: readonly number[];
  readonly operands: readonly Operand[];
}

/** Distances between numbers of a tensor that lies in memory row by row. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides: number[] = [];
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides.unshift(stride);
    stride *= shape[axis]!;
  }
  return strides;
}

/** A tensor as it lies in memory. */
export const whole = (shape: readonly number[]): Operand => ({ offset: 0, strides: stridesOf(shape) });

/** A tensor of one shape, walked through as if it had another: along an axis that it lacks it stays where it is. */
export function broadcast(shape: readonly number[], to: readonly number[]): Operand {
  const own = stridesOf(shape);
  const missing = to.length - shape.length;
  return {
    offset: 0,
    strides: to.map((_, axis) => (axis < missing || shape[axis - missing] === 1 ? 0 : own[axis - missing]!)),
  };
}

/** The same walk with as few axes as can be: one of length 1 is none, and two that lie behind each other are one. */
export function simplified({ lengths, operands }: Walk): Walk {
  const kept: number[] = [];
  const strides = operands.map((): number[] => []);
  lengths.forEach((length, axis) => {
    if (length === 1) {
      return;
    }
    const last = kept.length - 1;
    const isNext =
      last >= 0 && operands.every((operand, i) => strides[i]![last] === operand.strides[axis]! * length);
    if (isNext) {
      kept[last]! *= length;
    } else {
      kept.push(length);
    }
    operands.forEach((operand, i) => {
      strides[i]![isNext ? last : last + 1] = operand.strides[axis]!;
    });
  });
  return { lengths: kept, operands: operands.map(({ offset }, i) => ({ offset, strides: strides[i]! })) };
}
