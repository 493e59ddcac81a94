import { tf } from "../../tensorflow/tf.js";
import type { Tools } from "../../tensorflow/compileGraph.js";
import { makeInitializer } from "../../models/initializers.js";
import { type Loss, lossFor, type LossName } from "../losses.js";
import { withHook } from "../model/withHook.js";
import { placesInOrder } from "../placesInOrder.js";
import type {
  BatchTensors,
  LayerPlace,
  ParameterPlace,
  Pass,
  Signal,
  StateName,
  Trainable,
} from "../trainable.js";
import { cellOf, type States } from "./recurrentCells.js";
import type { ResolvedRecurrentSpec } from "./recurrentSpec.js";

/** What a forward pass leaves behind. */
interface Forward {
  /** h at each time step, [networks, examples, units]. */
  readonly h: readonly tf.Tensor[];
  /** [networks, examples, outputs] */
  readonly output: tf.Tensor;
}

/** dL/dstate by time step, filled in by a backward pass. */
type Seen = Partial<Record<StateName, tf.Tensor[]>>;

const [CELL, OUTPUT] = ["recurrent", "output"];

/**
 * Many recurrent networks of one shape as the training loop sees them: networks are a leading axis of every array. The gradient is found by
 * automatic differentiation of the sum of all their losses: no network's loss depends on another's weights.
 */
export class RecurrentTrainable implements Trainable {
  readonly isPure = true;
  readonly isDeterministic = true;
  readonly hasNormalization = false;
  readonly networks: number;
  readonly parameters: readonly ParameterPlace[];
  readonly size: number;
  readonly layers: readonly LayerPlace[];
  readonly loss: Loss;

  constructor(
    owner: string,
    private readonly spec: ResolvedRecurrentSpec,
    private readonly seeds: readonly number[],
    loss: LossName | undefined,
  ) {
    const { cell, units, outputs, timeSteps } = spec;
    this.networks = seeds.length;
    this.parameters = placesInOrder(
      shapesOf(spec).map((shape, i) => ({ layer: NAMES[i]![0], name: NAMES[i]![1], shape })),
    );
    this.size = sizesOf(spec).reduce((sum, one) => sum + one, 0);
    this.loss = lossFor(owner, loss, false, { activation: "linear", units: outputs });
    const reason = "an ensemble of recurrent networks does not record it";
    const { states } = cellOf(cell);
    const notMeasured = {
      preActivations: reason,
      saturated: reason,
      dead: reason,
      input: reason,
      preActivationGradient: reason,
    };
    this.layers = [
      {
        name: CELL,
        units,
        positions: timeSteps,
        activation: "tanh",
        notMeasured,
        states: { names: states, timeSteps },
      },
      { name: OUTPUT, units: outputs, positions: 1, activation: "linear", notMeasured },
    ];
  }

  initialWeights(): tf.Tensor2D {
    return tf.tidy(() => tf.stack(this.seeds.map((seed) => initialNetwork(this.spec, seed))) as tf.Tensor2D);
  }

  initialState(): tf.Tensor[] {
    return [];
  }

  pass(weights: tf.Tensor, _: readonly tf.Tensor[], { x, targets }: BatchTensors, tools: Tools): Pass {
    const seen: Seen = {};
    let signals: Signal[] = [];
    let mean: tf.Tensor | undefined;
    let right: tf.Tensor | undefined;
    const { grad } = tf
      .valueAndGrad((given) => {
        const forward = this.#forward(given, x, (state, name) => {
          const list = (seen[name] ??= []);
          return withHook(state, (gradient) => void list.unshift(tools.keep(gradient)));
        });
        mean = tools.keep(this.loss.of(forward.output, targets).mean);
        right = tools.keep(this.loss.right(forward.output, targets));
        signals = this.#signals(forward).map((signal) => ({ ...signal, a: tools.keep(signal.a) }));
        return mean.sum();
      })
      .call(undefined, weights) as { grad: tf.Tensor };
    const states = cellOf(this.spec.cell).states.map((name) => byTime(seen[name]!));
    const [recurrent, output] = signals as [Signal, Signal];
    return {
      loss: mean!,
      right: () => right!,
      gradient: grad,
      signals: [{ ...recurrent, states }, output],
      state: [],
    };
  }

  inspect(weights: tf.Tensor, _: readonly tf.Tensor[], x: tf.Tensor): readonly Signal[] {
    return this.#signals(this.#forward(weights, x));
  }

  predict(weights: tf.Tensor, _: readonly tf.Tensor[], x: tf.Tensor): tf.Tensor {
    return this.#forward(weights, x).output;
  }

  store(): void {
    // The networks end with their training: what is wanted of them is in their records.
  }

  /** `x` is [examples, time steps, inputs]. */
  #forward(
    weights: tf.Tensor,
    x: tf.Tensor,
    watch: (state: tf.Tensor, name: StateName) => tf.Tensor = (state) => state,
  ): Forward {
    const { networks, spec } = this;
    const { timeSteps, inputs, units, cell } = spec;
    const examples = x.shape[0];
    const parts = tf.split(weights, sizesOf(spec), 1);
    const [kernel, recurrent, bias, outputKernel, outputBias] = shapesOf(spec).map((shape, i) =>
      parts[i]!.reshape(shape.length === 1 ? [networks, 1, ...shape] : [networks, ...shape]),
    ) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    // All time steps at once: [networks, time steps * examples, gates * units].
    const rows = x.transpose([1, 0, 2]).reshape([1, timeSteps * examples, inputs]);
    const { step, blocks, states: names } = cellOf(cell);
    const inBlocks = (columns: tf.Tensor): tf.Tensor[] =>
      blocks.length === 1
        ? [columns]
        : tf.split(
            columns,
            blocks.map((gates) => gates * units),
            2,
          );
    const fromInputs = inBlocks(rows.tile([networks, 1, 1]).matMul(kernel).add(bias)).map((block) =>
      tf.split(block, timeSteps, 1),
    );
    const recurrentBlocks = inBlocks(recurrent);
    let states: States = names.map(() => tf.zeros([networks, examples, units]));
    const h = Array.from({ length: timeSteps }, (_, t) => {
      const z = fromInputs.map((block) => block[t]!);
      states = step(z, states, recurrentBlocks, watch);
      return states[0]!;
    });
    return { h, output: h.at(-1)!.matMul(outputKernel).add(outputBias) };
  }

  #signals({ h, output }: Forward): Signal[] {
    return [
      { activation: "tanh", unitsFirst: false, a: tf.concat([...h], 1) },
      { activation: "linear", unitsFirst: false, a: output },
    ];
  }
}

/** [networks, time steps, numbers], from the gradients of each step, [networks, examples, units]. */
const byTime = (gradients: readonly tf.Tensor[]): tf.Tensor =>
  tf.stack(
    gradients.map((gradient) => gradient.reshape([gradient.shape[0], -1])),
    1,
  );

const NAMES = [
  [CELL, "kernel"],
  [CELL, "recurrent_kernel"],
  [CELL, "bias"],
  [OUTPUT, "kernel"],
  [OUTPUT, "bias"],
] as const;

/** The shapes of a network's arrays, in the order of `NAMES`. */
function shapesOf({ cell, inputs, units, outputs }: ResolvedRecurrentSpec): number[][] {
  const columns = cellOf(cell).gates * units;
  return [[inputs, columns], [units, columns], [columns], [units, outputs], [outputs]];
}

const sizesOf = (spec: ResolvedRecurrentSpec): number[] =>
  shapesOf(spec).map((shape) => tf.util.sizeFromShape(shape));

/** All numbers of a network at its start: [parameters]. Kernels are Glorot's, biases 0 but for the forget gate's. */
function initialNetwork(spec: ResolvedRecurrentSpec, seed: number): tf.Tensor {
  const { cell, units, recurrentInitializer, forgetBias } = spec;
  const [kernel, recurrent, bias, outputKernel, outputBias] = shapesOf(spec) as [
    number[],
    number[],
    number[],
    number[],
    number[],
  ];
  const biases = tf.buffer([bias[0]!]);
  if (cell === "lstm") {
    Array.from({ length: units }, (_, unit) => {
      biases.set(forgetBias, units + unit);
    });
  }
  const arrays = [
    makeInitializer("glorotUniform", seed, 0).apply(kernel),
    recurrentInitializer === "identity"
      ? tf.eye(units)
      : makeInitializer(recurrentInitializer, seed, 1).apply(recurrent),
    biases.toTensor(),
    makeInitializer("glorotUniform", seed, 2).apply(outputKernel),
    tf.zeros(outputBias),
  ];
  return tf.concat(arrays.map((array) => array.flatten()));
}
