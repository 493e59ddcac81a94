import { tf } from "../tensorflow/tf.js";
import { activations } from "./activations.js";
import { makeInitializer } from "./initializers.js";
import { checkMlpSpec, type MlpSpec, outputActivation, type ResolvedMlpSpec } from "./mlpSpec.js";

/** Settings of batch normalization: tfjs' and Keras' defaults. */
export const BATCH_NORMALIZATION = { momentum: 0.99, epsilon: 1e-3 } as const;

/**
 * Builds an ordinary `tf.Sequential`: hidden layers "hidden1", "hidden2", ... and "output". With residual connections,
 * which a sequence cannot have, it is a `tf.LayersModel`. Dispose of it with `model.dispose()` when it is no longer
 * needed.
 *
 * @example
 * const model = buildMlp({ inputs: 4, outputs: 3, hiddenLayers: 8, width: 10, activation: "sigmoid", seed: 1 });
 * model.countParams(); // 853
 * @throws RangeError for a size that is not a whole number of at least 1 (hiddenLayers: 0), or an unknown name.
 */
export function buildMlp(spec: MlpSpec & { readonly residual?: false }): tf.Sequential;
export function buildMlp(spec: MlpSpec): tf.LayersModel;
export function buildMlp(spec: MlpSpec): tf.LayersModel {
  const resolved = checkMlpSpec("buildMlp", spec);
  const name = resolved.activation;
  const stages = stagesOf(resolved);
  const model = resolved.residual
    ? withShortcuts(name, resolved.inputs, stages)
    : tf.sequential({ name, layers: stages.flat() });
  if (resolved.kernelScale !== 1) {
    scaleKernels(model, resolved.kernelScale);
  }
  return model;
}

type DenseOptions = Parameters<typeof tf.layers.dense>[0];

/** The layers: one list for each hidden layer (kernel, normalization, activation), and one for the output. */
function stagesOf(spec: ResolvedMlpSpec): tf.layers.Layer[][] {
  const { inputs, outputs, hiddenLayers, width, kernelInitializer, seed } = spec;
  const optionsOf = (layer: number, name: string, units: number): DenseOptions => {
    const options = { name, units, kernelInitializer: makeInitializer(kernelInitializer, seed, layer) };
    return layer === 0 ? { ...options, inputShape: [inputs] } : options;
  };
  const hidden = Array.from({ length: hiddenLayers }, (_, layer) =>
    hiddenStage(spec, `hidden${layer + 1}`, optionsOf(layer, `hidden${layer + 1}`, width)),
  );
  const last = { ...optionsOf(hiddenLayers, "output", outputs), activation: outputActivation(outputs) };
  return [...hidden, [tf.layers.dense(last)]];
}

function hiddenStage(
  { activation, batchNormalization }: ResolvedMlpSpec,
  layer: string,
  options: DenseOptions,
): tf.layers.Layer[] {
  const { layersName, layer: makeLayer } = activations[activation];
  if (layersName !== undefined && !batchNormalization) {
    return [tf.layers.dense({ ...options, activation: layersName })];
  }
  const name = `${layer}_${activation}`;
  const last =
    layersName === undefined ? makeLayer(name) : tf.layers.activation({ activation: layersName, name });
  return [tf.layers.dense(options), ...(batchNormalization ? [normalizationOf(layer)] : []), last];
}

const normalizationOf = (layer: string): tf.layers.Layer =>
  tf.layers.batchNormalization({ name: `${layer}_batchNormalization`, ...BATCH_NORMALIZATION });

/** Each stage but the first and the last adds its input to its output. */
function withShortcuts(name: string, inputs: number, stages: readonly tf.layers.Layer[][]): tf.LayersModel {
  const input = tf.input({ shape: [inputs] });
  let stream = input;
  stages.forEach((layers, stage) => {
    const through = layers.reduce((tensor, layer) => layer.apply(tensor) as tf.SymbolicTensor, stream);
    const isAround = stage > 0 && stage < stages.length - 1;
    const add = isAround && tf.layers.add({ name: `hidden${stage + 1}_add` });
    stream = add ? (add.apply([stream, through]) as tf.SymbolicTensor) : through;
  });
  return tf.model({ name, inputs: input, outputs: stream });
}

function scaleKernels(model: tf.LayersModel, scale: number): void {
  tf.tidy(() => {
    for (const layer of model.layers.filter(({ name }) => /^(hidden\d+|output)$/.test(name))) {
      const [kernel, ...others] = layer.getWeights();
      layer.setWeights([kernel!.mul(scale), ...others]);
    }
  });
}
