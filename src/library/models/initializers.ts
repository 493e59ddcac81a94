import { tf } from "../tensorflow/tf.js";
import { deriveSeed } from "../ground/random.js";
import { fail, requireKnownKeys, requireNumber, requireOneOf } from "../ground/validation.js";

type Initializer = ReturnType<typeof tf.initializers.zeros>;

interface Entry<Settings> {
  /** Its settings, with their defaults. */
  readonly settings: Settings;
  readonly make: (settings: Settings & { readonly seed: number }) => Initializer;
  /** Mean square of the numbers it draws for a kernel [inputs, units]. */
  readonly variance: (settings: Settings, inputs: number, units: number) => number;
}

/** Lets the compiler find out an entry's settings. */
const entry = <Settings extends Readonly<Record<string, number>>>(own: Entry<Settings>): Entry<Settings> =>
  own;

/** Variance of a standard normal distribution that is cut off at two standard deviations. */
const CUT = 0.7737413035499232;

/**
 * The initializers a kernel can have, under the names and with the settings and defaults of tfjs-layers. To add
 * one, add an entry.
 *
 * The three "...Normal" ones that take no settings draw from a normal distribution cut off at two standard
 * deviations. Unlike Keras, tfjs does not widen it to make up for the cut: the kernel's standard deviation is 0.88 of
 * what the formula says, for example of sqrt(2 / inputs) for heNormal.
 */
const INITIALIZERS = {
  glorotUniform: entry({
    settings: {},
    make: tf.initializers.glorotUniform,
    variance: (_, inputs, units) => 2 / (inputs + units),
  }),
  glorotNormal: entry({
    settings: {},
    make: tf.initializers.glorotNormal,
    variance: (_, inputs, units) => (CUT * 2) / (inputs + units),
  }),
  heUniform: entry({ settings: {}, make: tf.initializers.heUniform, variance: (_, inputs) => 2 / inputs }),
  heNormal: entry({
    settings: {},
    make: tf.initializers.heNormal,
    variance: (_, inputs) => (CUT * 2) / inputs,
  }),
  leCunUniform: entry({
    settings: {},
    make: tf.initializers.leCunUniform,
    variance: (_, inputs) => 1 / inputs,
  }),
  leCunNormal: entry({
    settings: {},
    make: tf.initializers.leCunNormal,
    variance: (_, inputs) => CUT / inputs,
  }),
  randomNormal: entry({
    settings: { mean: 0, stddev: 0.05 },
    make: tf.initializers.randomNormal,
    variance: ({ mean, stddev }) => stddev ** 2 + mean ** 2,
  }),
  truncatedNormal: entry({
    settings: { mean: 0, stddev: 0.05 },
    make: tf.initializers.truncatedNormal,
    variance: ({ mean, stddev }) => CUT * stddev ** 2 + mean ** 2,
  }),
  randomUniform: entry({
    settings: { minval: -0.05, maxval: 0.05 },
    make: tf.initializers.randomUniform,
    variance: ({ minval, maxval }) => (minval ** 2 + minval * maxval + maxval ** 2) / 3,
  }),
  orthogonal: entry({
    settings: { gain: 1 },
    make: tf.initializers.orthogonal,
    variance: ({ gain }, inputs, units) => gain ** 2 / Math.max(inputs, units),
  }),
  zeros: entry({ settings: {}, make: () => tf.initializers.zeros(), variance: () => 0 }),
};

/** The name of an initializer in the table. */
export type InitializerName = keyof typeof INITIALIZERS;

/** All names in the table. */
export const initializerNames = Object.keys(INITIALIZERS) as InitializerName[];

/**
 * An initializer with settings of its own, as in `{ name: "randomNormal", stddev: 1 }`: `mean` and `stddev` of randomNormal and
 * truncatedNormal, `minval` and `maxval` of randomUniform, `gain` of orthogonal.
 */
export type InitializerWithSettings = {
  [Name in InitializerName]: { readonly name: Name } & Partial<(typeof INITIALIZERS)[Name]["settings"]>;
}[InitializerName];

/** An initializer: its name, or its name with settings. */
export type InitializerSpec = InitializerName | InitializerWithSettings;

/** Checks an initializer for the function, the owner, that was given it. */
export function checkInitializer(owner: string, argument: string, spec: InitializerSpec): InitializerSpec {
  if (typeof spec === "string") {
    return requireOneOf(owner, argument, spec, initializerNames);
  }
  if (typeof spec !== "object" || (spec as unknown) === null || Array.isArray(spec)) {
    fail(owner, argument, spec, 'a name such as "heNormal", or a name with settings');
  }
  const { name, ...settings } = spec;
  const known = Object.keys(
    INITIALIZERS[requireOneOf(owner, `${argument}.name`, name, initializerNames)].settings,
  );
  requireKnownKeys(owner, `${argument} ${name}`, settings, known);
  for (const [setting, value] of Object.entries(settings)) {
    requireNumber(owner, `${argument}.${setting}`, value);
  }
  return spec;
}

/** The entry of a checked initializer, and its settings with the defaults filled in. */
function resolve(spec: InitializerSpec): { entry: Entry<object>; settings: object } {
  const { name, ...given } = typeof spec === "string" ? { name: spec } : spec;
  // That they belong together has been checked, which the compiler cannot follow.
  const found = INITIALIZERS[name] as Entry<object>;
  return { entry: found, settings: { ...found.settings, ...given } };
}

/**
 * The initializer of one layer's kernel in a network with the given seed. Layers are counted from 0; each gets
 * numbers of its own. The spec has been checked.
 */
export function makeInitializer(spec: InitializerSpec, networkSeed: number, layer: number): Initializer {
  const { entry, settings } = resolve(spec);
  return entry.make({ ...settings, seed: deriveSeed(networkSeed, layer) });
}

/**
 * Mean square of the weights that an initializer draws for a kernel [inputs, units]: their variance around 0.
 *
 * @throws RangeError for an initializer that there is not, or one with a setting that it does not have.
 */
export function kernelVariance(spec: InitializerSpec, inputs: number, units: number): number {
  const { entry, settings } = resolve(checkInitializer("kernelVariance", "spec", spec));
  return entry.variance(settings, inputs, units);
}
