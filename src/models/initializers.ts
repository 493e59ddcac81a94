import * as tf from "@tensorflow/tfjs-node";
import { deriveSeed } from "../data/random.js";
import { requireKnownKeys, requireNumber, requireOneOf } from "../validation.js";

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
}

/**
 * The initialisers a kernel can have, under the names and with the settings and defaults of tfjs-layers. To add
 * one, add an entry.
 *
 * The three "...Normal" ones that take no settings draw from a normal distribution cut off at two standard
 * deviations. Unlike Keras, tfjs does not widen it to make up for the cut: the kernel's standard deviation is 0.88 of
 * what the formula says, for example of sqrt(2 / inputs) for heNormal.
 */
const INITIALIZERS = {
  glorotUniform: { settings: [], make: tf.initializers.glorotUniform },
  glorotNormal: { settings: [], make: tf.initializers.glorotNormal },
  heUniform: { settings: [], make: tf.initializers.heUniform },
  heNormal: { settings: [], make: tf.initializers.heNormal },
  leCunUniform: { settings: [], make: tf.initializers.leCunUniform },
  leCunNormal: { settings: [], make: tf.initializers.leCunNormal },
  randomNormal: { settings: ["mean", "stddev"], make: tf.initializers.randomNormal },
  truncatedNormal: { settings: ["mean", "stddev"], make: tf.initializers.truncatedNormal },
  randomUniform: { settings: ["minval", "maxval"], make: tf.initializers.randomUniform },
  orthogonal: { settings: ["gain"], make: tf.initializers.orthogonal },
  zeros: { settings: [], make: () => tf.initializers.zeros() },
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
