/**
 * What training costs: recorded trainings against `model.fit`, and against PyTorch and JAX where the environment variable
 * BENCH_PEERS brings their times (see peers.mjs). Adam, batches of 32, every step recorded unless said otherwise. Rounds
 * alternate, so that a busy machine slows all alike; the median round counts.
 */
import { median, sweep, trainByDepth } from "vanishing-gradients";
import {
  batch,
  convolution,
  ensemble,
  firstStep,
  lstm,
  mlp,
  OPTIONS,
  perStep,
  test,
  timed,
  train,
  type Training,
} from "./cases.js";

const ROUNDS = 5;

/** Milliseconds a step: of one network in PyTorch, of all networks of an ensemble in JAX. */
interface Peers {
  readonly torch?: number;
  readonly jax?: Readonly<Record<string, number>>;
}

/** Each training, and how many steps of it are timed. */
const sigmoid = mlp("sigmoid");
const relu = mlp("relu");
const recurrent = lstm();
const images = convolution();
const TRAININGS = {
  fit: [sigmoid.fit, 40],
  record: [sigmoid.record, 300],
  fitRelu: [relu.fit, 40],
  recordRelu: [relu.record, 300],
  fitLstm: [recurrent.fit, 10],
  recordLstm: [recurrent.record, 100],
  // Of ten steps each.
  fitConvolution: [images.fit, 10],
  recordConvolution: [images.record, 10],
  one: [ensemble(1, batch), 300],
  all64: [ensemble(64, batch), 100],
  all256: [ensemble(256, batch), 60],
  ends256: [ensemble(256, batch, { recordEvery: "ends" }), 60],
} as const satisfies Record<string, readonly [Training, number]>;

async function main(): Promise<void> {
  const times = await measure();
  const { torch, jax } = JSON.parse(process.env["BENCH_PEERS"] ?? "{}") as Peers;
  const { fit, record, all256 } = times;
  console.log("Milliseconds a step (median of rounds):");
  for (const [name, value] of Object.entries(times)) {
    console.log(`  ${name.padEnd(18)} ${value.toFixed(2)}`);
  }
  console.log(
    `  PyTorch ${torch?.toFixed(2) ?? "not measured"}, JAX ${JSON.stringify(jax ?? "not measured")}`,
  );
  console.log("\nRatios:");
  row("recordTraining over model.fit, 11 hidden layers, sigmoid", record / fit, "at most 0.10");
  row(
    "recordTraining over model.fit, 11 hidden layers, ReLU",
    times.recordRelu / times.fitRelu,
    "at most 0.10",
  );
  row("recordTraining over PyTorch's step", torch && record / torch, "at most 0.7");
  row("256 networks over JAX (vmap, jit)", jax?.["256"] && all256 / jax["256"], "at most 0.8");
  row("64 networks over JAX (vmap, jit)", jax?.["64"] && times.all64 / jax["64"], "at most 0.8");
  row("1 network over JAX (jit)", jax?.["1"] && times.one / jax["1"], "at most 1.2");
  row("model.fit over a network of 256", (fit * 256) / all256, "at least 400");
  row("every step recorded over the ends recorded, 256 networks", all256 / times.ends256, "at most 1.35");
  row(
    "recordTraining over model.fit, LSTM of 16 units, 20 steps",
    times.recordLstm / times.fitLstm,
    "at most 0.10",
  );
  row(
    "recordTraining over model.fit, convolution of 8 filters, 28 x 28",
    times.recordConvolution / times.fitConvolution,
    "below 1",
  );
  const first = [await firstStep(), await firstStep(), await firstStep()];
  row("first step of a training, 12 layers, seconds", median(first), "at most 0.4");
  row(
    "map of 4 activations, 12 depths, 16 scales, 8 seeds, seconds",
    await mapOfTrainability(),
    "at most 180",
  );
}

/** Milliseconds a step of each training. */
async function measure(): Promise<Record<keyof typeof TRAININGS, number>> {
  const names = Object.keys(TRAININGS) as (keyof typeof TRAININGS)[];
  const rounds: Record<string, number[]> = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of names) {
      const [training, steps] = TRAININGS[name];
      rounds[name]!.push(await perStep(training, steps));
    }
  }
  const medians = names.map((name) => [name, median(rounds[name]!)]);
  return Object.fromEntries(medians) as Record<keyof typeof TRAININGS, number>;
}

function row(what: string, ratio: number | undefined, bar: string): void {
  const figure = ratio === undefined ? "not measured" : ratio.toFixed(2).padStart(12);
  console.log(`  ${what.padEnd(62)} ${figure}   (bar: ${bar})`);
}

/** Seconds for the whole map, 60 epochs each, as lesson 8 has it. */
async function mapOfTrainability(): Promise<number> {
  const depths = Array.from({ length: 12 }, (_, i) => 2 + 2 * i);
  const kernelScale = Array.from({ length: 16 }, (_, i) => 0.25 * 2 ** (i / 3));
  const members = sweep({ seed: [1, 2, 3, 4, 5, 6, 7, 8], kernelScale });
  const options = { ...OPTIONS, epochs: 60, recordEvery: "ends", test } as const;
  const time = await timed(async () => {
    for (const activation of ["sigmoid", "tanh", "relu", "selu"] as const) {
      await trainByDepth({ inputs: 4, outputs: 3, width: 10, activation }, depths, members, train, options);
    }
  });
  return time / 1000;
}

void main();
