/**
 * What an ensemble costs, for each network and step, against training networks one after the other with `model.fit`,
 * and against PyTorch and JAX where the environment variable BENCH_PEERS brings their times (see peers.mjs). A network
 * of 12 layers of 10 units, batches of 32, Adam, every step recorded unless said otherwise.
 */
import * as tf from "@tensorflow/tfjs-node";
import {
  buildMlp,
  loadIris,
  median,
  splitTrainTest,
  standardize,
  sweep,
  toTensors,
  trainByDepth,
  trainEnsemble,
} from "vanishing-gradients";
import { QUIET, timed } from "./timing.js";

const SPEC = { inputs: 4, outputs: 3, hiddenLayers: 11, width: 10, activation: "sigmoid" } as const;
const OPTIONS = { optimizer: "adam", learningRate: 0.01, batchSize: 32 } as const;
const ROUNDS = 5;

/** Milliseconds a step: of one network in PyTorch, of all networks of an ensemble in JAX. */
interface Peers {
  readonly torch?: number;
  readonly jax?: Readonly<Record<string, number>>;
}

/** 128 examples are 4 batches of 32. */
const { train, test } = standardize(splitTrainTest(loadIris(), { testShare: 22 / 150, seed: 42 }));
const STEPS = 4;

export async function benchEnsemble(): Promise<void> {
  const peers = JSON.parse(process.env["BENCH_PEERS"] ?? "{}") as Peers;
  const times: Record<"fit" | "all256" | "none256" | "all64", number[]> = {
    ...{ fit: [], all256: [], none256: [], all64: [] },
  };
  const fit = await oneByOne();
  await ensemble(16, 1);
  // Rounds alternate, so that a busy machine slows all alike.
  for (let round = 0; round < ROUNDS; round++) {
    times.fit.push(await fit.perStep());
    times.all256.push(await ensemble(256, 1));
    times.none256.push(await ensemble(256, 1e6));
    times.all64.push(await ensemble(64, 1));
  }
  fit.end();
  const [one, all, none, small] = [times.fit, times.all256, times.none256, times.all64].map(median) as [
    number,
    number,
    number,
    number,
  ];
  const ms = (value: number): string => `${value.toFixed(2)} ms`;
  console.log(`\nEnsembles, 12 layers of 10, batch 32, Adam: model.fit takes ${ms(one)} a step,`);
  console.log(
    `256 networks ${ms(all)} with every step recorded and ${ms(none)} without, 64 networks ${ms(small)}`,
  );
  const row = (what: string, ratio: number | undefined, bar: string): void => {
    console.log(
      `  ${what.padEnd(66)} ${ratio === undefined ? "not measured" : ratio.toFixed(2).padStart(7)}   (bar: ${bar})`,
    );
  };
  const { torch, jax } = peers;
  row("model.fit over a network of 256, every step recorded", (one * 256) / all, "at least 250");
  row("model.fit over a network of 256, nothing recorded", (one * 256) / none, "none");
  row(
    "PyTorch, one network after another, over a network of 256",
    torch && (torch * 256) / all,
    "at least 15",
  );
  row("256 networks over JAX (vmap, jit)", jax?.["256"] && all / jax["256"], "at most 1.5");
  row("64 networks over JAX (vmap, jit)", jax?.["64"] && small / jax["64"], "at most 3");
  row("every step recorded over nothing recorded, 256 networks", all / none, "at most 1.1");
  const seconds = await mapOfTrainability();
  console.log(
    `  ${"map of 4 activations, 12 depths, 16 scales, 8 seeds".padEnd(66)} ${seconds.toFixed(0).padStart(5)} s   (bar: 180 s)`,
  );
}

/** model.fit of one network. */
async function oneByOne(): Promise<{ perStep: () => Promise<number>; end: () => void }> {
  const model = buildMlp({ ...SPEC, seed: 1 });
  model.compile({ optimizer: tf.train.adam(OPTIONS.learningRate), loss: "categoricalCrossentropy" });
  const { x, y } = toTensors(train);
  const fit = (epochs: number) => model.fit(x, y, { ...QUIET, epochs, batchSize: 32, shuffle: false });
  await fit(2);
  return {
    perStep: async () => (await timed(() => fit(15))) / (15 * STEPS),
    end: () => {
      model.dispose();
      tf.dispose([x, y]);
    },
  };
}

/** Milliseconds a step of an ensemble: a long training less a short one, so that what happens once does not count. */
async function ensemble(networks: number, recordEvery: number): Promise<number> {
  const seeds = Array.from({ length: networks }, (_, i) => i);
  const run = (epochs: number) =>
    timed(() => trainEnsemble(SPEC, seeds, train, { ...OPTIONS, recordEvery, epochs }));
  const short = await run(2);
  return ((await run(17)) - short) / (15 * STEPS);
}

/** Seconds for the whole map, 60 epochs each, as lesson 8 has it. */
async function mapOfTrainability(): Promise<number> {
  const depths = Array.from({ length: 12 }, (_, i) => 2 + 2 * i);
  const kernelScale = Array.from({ length: 16 }, (_, i) => 0.25 * 2 ** (i / 3));
  const members = sweep({ seed: [1, 2, 3, 4, 5, 6, 7, 8], kernelScale });
  const options = { ...OPTIONS, epochs: 60, recordEvery: 1e6, test };
  const time = await timed(async () => {
    for (const activation of ["sigmoid", "tanh", "relu", "selu"] as const) {
      await trainByDepth({ inputs: 4, outputs: 3, width: 10, activation }, depths, members, train, options);
    }
  });
  return time / 1000;
}
