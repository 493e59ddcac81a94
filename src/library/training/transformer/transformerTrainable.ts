import { tf } from "../../tensorflow/tf.js";
import type { Tools } from "../../tensorflow/compileGraph.js";
import { freeing } from "../../tensorflow/freeing.js";
import { makeInitializer } from "../../models/initializers.js";
import {
  type ResolvedTransformerSpec,
  type TransformerArray,
  transformerArrays,
} from "../../models/transformerSpec.js";
import { scalingPlace, unknownSlopes } from "../layerStatistics.js";
import { type ClassifierLoss, lossOf } from "../losses.js";
import { placesInOrder } from "../placesInOrder.js";
import type { BatchTensors, LayerPlace, ParameterPlace, Pass, Signal, Trainable } from "../trainable.js";
import {
  type ArraysOf,
  type LayerArrays,
  transformerForward,
  type TransformerPass,
} from "./transformerForward.js";

/**
 * Many transformers of one shape as the training loop sees them. The gradient is found by automatic differentiation of the sum
 * of their losses: no network's loss depends on another's weights. dL/dz is the gradient by a zero that is added to z.
 */
export class TransformerTrainable implements Trainable {
  readonly isPure = true;
  readonly isDeterministic = true;
  readonly hasNormalization = false;
  readonly networks: number;
  readonly parameters: readonly ParameterPlace[];
  readonly size: number;
  readonly layers: readonly LayerPlace[];
  readonly loss: ClassifierLoss;
  readonly #arrays: readonly TransformerArray[];

  constructor(
    private readonly spec: ResolvedTransformerSpec,
    private readonly seeds: readonly number[],
  ) {
    this.networks = seeds.length;
    this.#arrays = transformerArrays(spec);
    this.parameters = placesInOrder(this.#arrays);
    this.size = this.#arrays.reduce((sum, array) => sum + sizeOf(array), 0);
    this.layers = layersOf(spec, this.#arrays);
    this.loss = lossOf(spec.outputs);
  }

  initialWeights(): tf.Tensor2D {
    return tf.tidy(() => {
      const rows = this.seeds.map((seed) => {
        const arrays = this.#arrays.map((array, i) => {
          const { shape, start } = array;
          return typeof start === "number"
            ? new Float32Array(sizeOf(array)).fill(start)
            : freeing(() =>
                makeInitializer(start, seed, i)
                  .apply([...shape])
                  .dataSync<"float32">(),
              );
        });
        return Float32Array.from(arrays.flatMap((values) => [...values]));
      });
      return tf.stack(rows.map((row) => tf.tensor1d(row))) as tf.Tensor2D;
    });
  }

  initialState(): tf.Tensor[] {
    return [];
  }

  pass(weights: tf.Tensor, _state: readonly tf.Tensor[], { x, targets }: BatchTensors, tools: Tools): Pass {
    const measured = this.layers.filter(({ isScaling }) => !isScaling);
    const zeros = measured.map(({ name, units, positions }) =>
      tf.zeros([this.networks, x.shape[0] * (name === "output" ? 1 : positions), units]),
    );
    let signals: TransformerPass["signals"] = [];
    let mean: tf.Tensor | undefined;
    const { grads } = tf.valueAndGrads((given: tf.Tensor, ...added: tf.Tensor[]) => {
      const forward = transformerForward(this.spec, this.#arraysOf(given), x, (layer, z) =>
        z.add(added[measured.findIndex(({ name }) => name === layer)]!),
      );
      signals = forward.signals.map(({ z, a, input, ...known }) => ({
        ...known,
        z: tools.keep(z),
        a: tools.keep(a),
        ...(input && { input: tools.keep(input) }),
      }));
      const { mean: losses } = this.loss.of(forward.logits, targets);
      mean = tools.keep(losses);
      return losses.sum();
    })([weights, ...zeros]);
    return {
      loss: mean!,
      right: () => this.loss.right(signals.at(-1)!.z, targets),
      gradient: grads[0]!,
      signals: signals.map((signal, i) => ({ ...signal, delta: grads[i + 1]! })),
      state: [],
    };
  }

  inspect(weights: tf.Tensor, _state: readonly tf.Tensor[], x: tf.Tensor): readonly Signal[] {
    return transformerForward(this.spec, this.#arraysOf(weights), x).signals;
  }

  predict(weights: tf.Tensor, _state: readonly tf.Tensor[], x: tf.Tensor): tf.Tensor {
    return transformerForward(this.spec, this.#arraysOf(weights), x).logits;
  }

  store(): void {
    // The networks end with their training: what is wanted of them is in their records.
  }

  #arraysOf(weights: tf.Tensor): ArraysOf {
    const parts = tf.split(weights, this.#arrays.map(sizeOf), 1);
    const layers = new Map<string, LayerArrays>();
    this.#arrays.forEach(({ layer, name, shape }, i) => {
      const own = layers.get(layer) ?? {};
      layers.set(layer, { ...own, [name]: parts[i]!.reshape([this.networks, ...shape]) });
    });
    return (layer) => layers.get(layer)!;
  }
}

const sizeOf = ({ shape }: TransformerArray): number => tf.util.sizeFromShape([...shape]);

function layersOf({ tokens }: ResolvedTransformerSpec, arrays: readonly TransformerArray[]): LayerPlace[] {
  const first = arrays.filter(({ layer }, i) => arrays[i - 1]?.layer !== layer);
  return first.map(({ layer: name, shape, isScaling }): LayerPlace => {
    const units = shape.at(-1)!;
    if (isScaling) {
      return scalingPlace(name, units, "linear");
    }
    const activation = name === "output" ? "softmax" : name.endsWith("hidden") ? "relu" : "linear";
    const positions = name === "output" ? 1 : tokens;
    const lookup = name === "embedding" ? { input: "tokens are looked up, and no number enters" } : {};
    return { name, units, activation, positions, notMeasured: { ...unknownSlopes(activation), ...lookup } };
  });
}
