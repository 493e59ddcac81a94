/** Activations that are measured at each recorded step without a second thought. */
const MANY = 1_000_000;

/**
 * How many training examples activations are measured on, if nothing is asked for: all of them; or, where that would be more
 * than a million activations, as many as a batch has.
 */
export function probeSize(
  asked: number | undefined,
  { examples, batchSize }: { readonly examples: number; readonly batchSize: number },
  activationsOfExample: number,
): number {
  const isMuch = examples * activationsOfExample > MANY;
  return Math.min(asked ?? (isMuch ? batchSize : examples), examples);
}
