import { fail } from "../ground/validation.js";
import { weightLayers } from "../measures/recordedSteps.js";
import { spread } from "../measures/statistics.js";
import type { TrainingRecord } from "../training/record.js";
import type { NamedSeries } from "./series.js";

/** What is drawn of a series: one number a place (a layer, an epoch), and quartiles where there are many networks. */
export interface SeriesSpread {
  readonly y: readonly number[];
  readonly lower?: readonly number[];
  readonly upper?: readonly number[];
  /** Networks that lack a number at some place where others have one: which, and at which places, counted from 0. */
  readonly missing: readonly Missing[];
}

/** Of which network numbers are missing, and where. */
export interface Missing {
  readonly network: string;
  readonly places: readonly number[];
  /** How many places there are. */
  readonly of: number;
}

/**
 * A measure that gives a list of numbers, over the records of a series: place by place the median and quartiles of the
 * networks that have a finite number there. Lists may be of other lengths, where a training ended early.
 */
export function spreadOver(
  { records }: NamedSeries,
  measure: (record: TrainingRecord) => readonly number[],
): SeriesSpread {
  const lists = records.map(measure);
  if (lists.length === 1) {
    return { y: [...lists[0]!], missing: [] };
  }
  const length = Math.max(...lists.map((list) => list.length));
  const places = Array.from({ length }, (_, i) => i);
  const spreads = places.map((place) => {
    const finite = lists.map((list) => list[place]).filter((value) => isThere(value));
    return finite.length > 0 ? spread(finite) : { lower: NaN, median: NaN, upper: NaN };
  });
  return {
    y: spreads.map(({ median }) => median),
    lower: spreads.map(({ lower }) => lower),
    upper: spreads.map(({ upper }) => upper),
    missing: lists.flatMap((list, i) => {
      const missing = places.filter((place) => !isThere(list[place]));
      return missing.length > 0
        ? [{ network: networkName(records[i]!, i), places: missing, of: length }]
        : [];
    }),
  };
}

function isThere(value: number | undefined): value is number {
  return Number.isFinite(value);
}

/** What one network of a series is called in a text: by its seed, or by its place. */
function networkName({ member }: TrainingRecord, place: number): string {
  return member ? `seed ${member.seed}` : `network ${place + 1}`;
}

/** At most this many networks are named one by one. */
const NAMED = 3;

/**
 * A sentence that says which networks of a series are missing where, if any are: a place is called by a word, and
 * counted from 1.
 */
export function missingNote(name: string, missing: readonly Missing[], word: string): string[] {
  if (missing.length === 0) {
    return [];
  }
  const whole = missing.filter(({ places, of }) => places.length === of).length;
  const text =
    missing.length <= NAMED
      ? missing.map((one) => `${one.network} ${placesText(one, word)}`).join(", ")
      : `${missing.length} networks (${whole} of them in every ${word})`;
  return [`Without a number, and left out, in ${name}: ${text}.`];
}

/** What a legend says of a series of which networks are missing. */
export function legendName(name: string, missing: readonly Missing[]): string {
  return missing.length === 0 ? name : `${name}<br>(${missing.length} incomplete)`;
}

function placesText({ places, of }: Missing, word: string): string {
  if (places.length === of) {
    return `in every ${word}`;
  }
  const isTail = places.every((place, i) => place === of - places.length + i);
  return isTail ? `from ${word} ${places[0]! + 1} on` : `in ${word} ${places.map((p) => p + 1).join(", ")}`;
}

/**
 * The number of layers of a series.
 *
 * @throws RangeError if its networks have other numbers of layers: a median over layers that are not the same says
 * nothing.
 */
export function depthOf(owner: string, { argument, records }: NamedSeries): number {
  const layersOf = (record: TrainingRecord): number => weightLayers(record).length;
  const depth = layersOf(records[0]!);
  const other = records.find((record) => layersOf(record) !== depth);
  if (other) {
    const [first, second] = [records[0]!, other].map(
      (record) => `"${record.label}" has ${layersOf(record)} layers`,
    ) as [string, string];
    fail(
      owner,
      argument,
      `a list in which ${first} and ${second}`,
      "of networks of one depth: make it several series",
    );
  }
  return depth;
}
