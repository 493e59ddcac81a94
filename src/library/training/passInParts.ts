import { tf } from "../tensorflow/tf.js";
import type { Tools } from "../tensorflow/compileGraph.js";
import type { BatchTensors, Pass, Trainable, TrainingSignal } from "./trainable.js";

/**
 * A pass of all examples, so many at a time: the loss and its gradient are the means over all of them. What the network changes
 * besides its weights goes on from part to part.
 */
export function passInParts(
  trainable: Trainable,
  weights: tf.Tensor,
  state: readonly tf.Tensor[],
  { x, targets }: BatchTensors,
  atOnce: number,
  tools: Tools,
): Pass {
  const examples = x.shape[0];
  if (examples <= atOnce) {
    return trainable.pass(weights, state, { x, targets }, tools);
  }
  const passes: { readonly pass: Pass; readonly right: tf.Tensor; readonly share: number }[] = [];
  for (let start = 0; start < examples; start += atOnce) {
    const size = Math.min(atOnce, examples - start);
    const [partX, partTargets] = [x, targets].map((all) => tools.keep(all.slice(start, size))) as [
      tf.Tensor,
      tf.Tensor,
    ];
    const before = passes.at(-1)?.pass.state ?? state;
    const pass = trainable.pass(weights, before, { x: partX, targets: partTargets }, tools);
    passes.push({ pass, right: pass.right(), share: size / examples });
  }
  const mean = (of: (pass: Pass) => tf.Tensor): tf.Tensor =>
    tf.addN(passes.map(({ pass, share }) => of(pass).mul(share)));
  const signals = passes.map(({ pass, share }) => pass.signals.map((signal) => ofMean(signal, share)));
  return {
    loss: mean(({ loss }) => loss),
    right: () => tf.addN(passes.map(({ right }) => right)),
    gradient: mean(({ gradient }) => gradient),
    signals: signals[0]!.map((_, layer) => joined(signals.map((part) => part[layer]!))),
    state: passes.at(-1)!.pass.state,
  };
}

/** Gradients of a part's mean loss as those of the mean over all examples, of which the part is a share. */
function ofMean(signal: TrainingSignal, share: number): TrainingSignal {
  const { delta, states } = signal;
  return {
    ...signal,
    ...(delta && { delta: delta.mul(share) }),
    ...(states && { states: states.map((gradient) => gradient.mul(share)) }),
  };
}

/** One layer's signals of all parts, as those of one pass. */
function joined(parts: readonly TrainingSignal[]): TrainingSignal {
  const [{ activation, unitsFirst, z, input, delta, states }] = parts as [TrainingSignal];
  const all = (of: (signal: TrainingSignal) => tf.Tensor | undefined, axis: number): tf.Tensor =>
    tf.concat(
      parts.map((part) => of(part)!),
      axis,
    );
  const axis = unitsFirst ? 2 : 1;
  return {
    activation,
    unitsFirst,
    a: all((signal) => signal.a, axis),
    ...(z && { z: all((signal) => signal.z, axis) }),
    ...(delta && { delta: all((signal) => signal.delta, axis) }),
    // What is told of inputs does not depend on their order.
    ...(input && {
      input: tf.concat(
        parts.map((part) => flat(part.input!)),
        1,
      ),
    }),
    ...(states && {
      states: states.map((_, i) => all((signal) => signal.states![i]!, -1)),
    }),
  };
}

/** [networks, numbers, 1] */
const flat = (tensor: tf.Tensor): tf.Tensor => tensor.reshape([tensor.shape[0], -1, 1]);
