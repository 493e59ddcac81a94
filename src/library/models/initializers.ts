import * as tf from "@tensorflow/tfjs-node";
import { deriveSeed } from "../ground/random.js";
import { requireKnownKeys, requireNumber, requireOneOf } from "../ground/validation.js";

type Initializer = ReturnType<typeof tf.initializers.zeros>;

const OWNER = "buildMlp";
const ARGUMENT = "kernelInitializer";

/** Settings of the initialisers that have any; see INITIALIZERS for which has what. */
export interface InitializerSettings {
  readonly mean?: number;
  readonly stddev?: number;
  readonly minval?: number;
  readonly maxval?: number;
  readonly gain?: number;
}

interface Entry {
  readonly settings: readonly (keyof InitializerSettings)[];
  readonly make: (settings: InitializerSettings & { seed: number }) => Initializer;
  /** Mean square of the numbers it draws for a kernel [inputs, units]. */
  readonly variance: (settings: InitializerSettings, inputs: number, units: number) => number;
}

/** Variance of a standard normal distribution that is cut off at two standard deviations. */
const CUT = 0.7737413035499232;

/**
 * The initialisers a kernel can have, under the names and with the settings and defaults of tfjs-layers. To add
 * one, add an entry.
 *
 * The three "...Normal" ones that take no settings draw from a normal distribution cut off at two standard
 * deviations. Unlike Keras, tfjs does not widen it to make up for the cut: the kernel's standard deviation is 0.88 of
 * what the formula says, for example of sqrt(2 / inputs) for heNormal.
 */
const INITIALIZERS = {
  glorotUniform: {
    settings: [],
    make: tf.initializers.glorotUniform,
    variance: (_, inputs, units) => 2 / (inputs + units),
  },
  glorotNormal: {
    settings: [],
    make: tf.initializers.glorotNormal,
    variance: (_, inputs, units) => (CUT * 2) / (inputs + units),
  },
  heUniform: { settings: [], make: tf.initializers.heUniform, variance: (_, inputs) => 2 / inputs },
  heNormal: { settings: [], make: tf.initializers.heNormal, variance: (_, inputs) => (CUT * 2) / inputs },
  leCunUniform: { settings: [], make: tf.initializers.leCunUniform, variance: (_, inputs) => 1 / inputs },
  leCunNormal: { settings: [], make: tf.initializers.leCunNormal, variance: (_, inputs) => CUT / inputs },
  randomNormal: {
    settings: ["mean", "stddev"],
    make: tf.initializers.randomNormal,
    variance: ({ mean = 0, stddev = 0.05 }) => stddev ** 2 + mean ** 2,
  },
  truncatedNormal: {
    settings: ["mean", "stddev"],
    make: tf.initializers.truncatedNormal,
    variance: ({ mean = 0, stddev = 0.05 }) => CUT * stddev ** 2 + mean ** 2,
  },
  randomUniform: {
    settings: ["minval", "maxval"],
    make: tf.initializers.randomUniform,
    variance: ({ minval = -0.05, maxval = 0.05 }) => (minval ** 2 + minval * maxval + maxval ** 2) / 3,
  },
  orthogonal: {
    settings: ["gain"],
    make: tf.initializers.orthogonal,
    variance: ({ gain = 1 }, inputs, units) => gain ** 2 / Math.max(inputs, units),
  },
  zeros: { settings: [], make: () => tf.initializers.zeros(), variance: () => 0 },
} satisfies Record<string, Entry>;

/** The name of an initialiser in the table. */
export type InitializerName = keyof typeof INITIALIZERS;

/** All names in the table. */
export const initializerNames = Object.keys(INITIALIZERS) as InitializerName[];

/** An initialiser: its name, or its name with settings, as in `{ name: "randomNormal", stddev: 1 }`. */
export type InitializerSpec = InitializerName | ({ readonly name: InitializerName } & InitializerSettings);

/**
 * The initialiser of one layer's kernel in a network with the given seed. Layers are counted from 0; each gets
 * numbers of its own.
 *
 * @throws RangeError for a name that is not in the table, or a setting which that initialiser does not have.
 */
export function makeInitializer(spec: InitializerSpec, networkSeed: number, layer: number): Initializer {
  if (typeof spec !== "object") {
    return makeInitializer(
      { name: requireOneOf(OWNER, ARGUMENT, spec, initializerNames) },
      networkSeed,
      layer,
    );
  }
  const { name, ...settings } = spec;
  const entry: Entry = INITIALIZERS[requireOneOf(OWNER, `${ARGUMENT}.name`, name, initializerNames)];
  requireKnownKeys(OWNER, `${ARGUMENT} ${name}`, settings, entry.settings);
  for (const [setting, value] of Object.entries(settings)) {
    requireNumber(OWNER, `${ARGUMENT}.${setting}`, value);
  }
  return entry.make({ ...settings, seed: deriveSeed(networkSeed, layer) });
}

/** Mean square of the weights that an initialiser draws for a kernel [inputs, units]: their variance around 0. */
export function kernelVariance(spec: InitializerSpec, inputs: number, units: number): number {
  const { name, ...settings } = typeof spec === "object" ? spec : { name: spec };
  const entry: Entry = INITIALIZERS[name];
  return entry.variance(settings, inputs, units);
}
