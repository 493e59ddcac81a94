/** Whether functions of tensors can be run as a whole. Not yet: they run operation by operation. */
export const canRunGraphs = (): boolean => false;

/** Why something cannot be a graph. */
export class NotTraceable extends Error {
  override readonly name = "NotTraceable";
}

/** A function as a graph. */
export class LoadedGraph {}

/** Never called. */
export function trace(): never {
  throw new NotTraceable("graphs need @tensorflow/tfjs-node");
}
