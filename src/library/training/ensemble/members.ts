import {
  keysOf,
  requireInteger,
  requireKnownKeys,
  requireList,
  requireNumber,
  requirePositive,
} from "../../ground/validation.js";

/** What one network of an ensemble has of its own: its seed, or more than that. */
export type Member = number | MemberSettings;

/** Settings of one network that take the place of those of all. */
export interface MemberSettings {
  readonly seed: number;
  /** In place of the spec's kernelScale. */
  readonly kernelScale?: number;
  /** In place of the option learningRate. */
  readonly learningRate?: number;
}

/** The values of each setting to try. */
export type SweptSettings = { readonly [Setting in keyof MemberSettings]: readonly number[] };

/**
 * Every combination of the given values: the seeds vary fastest.
 *
 * @example
 * sweep({ seed: [1, 2], kernelScale: [0.5, 2] }); // 4 networks: [seed 1, scale 0.5], [2, 0.5], [1, 2], [2, 2]
 */
export function sweep(values: SweptSettings): MemberSettings[] {
  requireKnownKeys("sweep", "values", values, KEYS);
  const { seed, kernelScale, learningRate } = values;
  const settings = { kernelScale, learningRate, seed };
  return Object.entries(settings).reduce<Partial<MemberSettings>[]>(
    (combined, [key, list]) =>
      list ? combined.flatMap((others) => list.map((value) => ({ ...others, [key]: value }))) : combined,
    [{}],
  ) as MemberSettings[];
}

const KEYS = keysOf<MemberSettings>({ seed: true, kernelScale: true, learningRate: true });

/** Checks the members and fills in what they do not say themselves. */
export function resolveMembers(
  owner: string,
  members: readonly Member[],
  common: Required<Omit<MemberSettings, "seed">>,
): Required<MemberSettings>[] {
  requireList(owner, "members", members, "seeds", 1);
  return members.map((member, i) => {
    const name = `members[${i}]`;
    if (typeof member === "number") {
      return { ...common, seed: requireInteger(owner, name, member) };
    }
    requireKnownKeys(owner, name, member, KEYS);
    const { seed, kernelScale, learningRate } = { ...common, ...member };
    return {
      seed: requireInteger(owner, `${name}.seed`, seed),
      kernelScale: requireNumber(owner, `${name}.kernelScale`, kernelScale),
      learningRate: requirePositive(owner, `${name}.learningRate`, learningRate),
    };
  });
}
