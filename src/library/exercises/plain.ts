import { quote } from "../ground/format.js";
import { tf } from "../tensorflow/tf.js";
import type { Member, MemberSettings } from "../training/ensemble/members.js";
import { trainEnsemble } from "../training/ensemble/trainEnsemble.js";
import type { TrainingRecord } from "../training/record.js";
import { type EnsembleSettings, settingsOf } from "../training/settings.js";

/** Longest text that one side takes from the other, in characters, and how deep lists and objects may be nested in it. */
const LONGEST = 2_000_000;
const DEEPEST = 20;

/** What JSON has no sign for is an object with one key that starts with this. */
const MARK = "$";

const SPECIAL: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["undefined", undefined],
  ["NaN", NaN],
  ["Infinity", Infinity],
  ["-Infinity", -Infinity],
]);

interface Written {
  readonly value: unknown;
  /** One for each call of `trainEnsemble`. */
  readonly trainings: readonly unknown[];
}

/**
 * Writes down a value for another process: numbers, texts, lists and objects as they are. A typed array becomes a list, a
 * tensor its numbers, a function its text, and a record of `trainEnsemble` the settings that it was trained with: whoever
 * reads it trains again.
 *
 * @throws TypeError for what is no plain data.
 */
export function writePlain(value: unknown): string {
  const settings: EnsembleSettings[] = [];
  const members: Required<MemberSettings>[] = [];
  const write = (part: unknown, depth: number): unknown => {
    if (depth > DEEPEST) {
      throw new TypeError(`an answer is nested deeper than ${DEEPEST} lists and objects`);
    }
    if (part === undefined || (typeof part === "number" && !Number.isFinite(part))) {
      return { [MARK]: String(part) };
    }
    if (part === null || ["number", "string", "boolean"].includes(typeof part)) {
      return part;
    }
    if (typeof part === "function") {
      return { [`${MARK}function`]: String(part) };
    }
    if (part instanceof tf.Tensor) {
      return { [`${MARK}tensor`]: part.arraySync() as unknown };
    }
    if (Array.isArray(part) || (ArrayBuffer.isView(part) && !(part instanceof DataView))) {
      return Array.from(part as ArrayLike<unknown>, (entry) => write(entry, depth + 1));
    }
    const from = settingsOf(part as TrainingRecord);
    if (from) {
      if (!settings.includes(from.settings)) {
        settings.push(from.settings);
      }
      return { [`${MARK}record`]: [settings.indexOf(from.settings), members.push(from.member) - 1] };
    }
    const prototype = Object.getPrototypeOf(part) as unknown;
    if (typeof part !== "object" || (prototype !== null && prototype !== Object.prototype)) {
      throw new TypeError(
        `an answer holds ${quote(part)}; it must be plain data: numbers, texts, lists, objects`,
      );
    }
    const entries = Object.entries(Object.getOwnPropertyDescriptors(part)).map(([key, property]) => {
      if (property.get || key.startsWith(MARK)) {
        throw new TypeError(
          `an answer has the property ${quote(key)}; it must be plain data, without getters and "$"`,
        );
      }
      return [key, write(property.value, depth + 1)];
    });
    return Object.fromEntries(entries) as unknown;
  };
  const written = write(value, 0);
  const trainings = settings.map((each) => write(each, 0));
  return JSON.stringify({ value: written, trainings, members });
}

/**
 * Reads what `writePlain` wrote, and believes no more of it than that it is plain data: a training record is trained again.
 *
 * @param functions whether functions may be in it: never, if it comes from someone who is not trusted
 * @throws TypeError if it is not what `writePlain` writes. RangeError if a training has settings that it can't have.
 */
export async function readPlain(text: string, { functions = false } = {}): Promise<unknown> {
  if (text.length > LONGEST) {
    throw new TypeError(`an answer is longer than ${LONGEST} characters`);
  }
  const { value, trainings, members } = JSON.parse(text) as Written & { readonly members: readonly Member[] };
  const wanted = new Map<number, number[]>();
  const records = new Map<number, TrainingRecord>();
  const read = (
    part: unknown,
    depth: number,
    onRecord: (training: number, member: number) => unknown,
  ): unknown => {
    if (depth > DEEPEST) {
      throw new TypeError(`an answer is nested deeper than ${DEEPEST} lists and objects`);
    }
    if (typeof part !== "object" || part === null) {
      return part;
    }
    if (Array.isArray(part)) {
      return part.map((entry) => read(entry, depth + 1, onRecord));
    }
    const entries = Object.entries(part);
    const [key, inside] = (entries[0] ?? []) as [string?, unknown?];
    if (key?.startsWith(MARK) !== true) {
      return Object.fromEntries(
        entries.map(([name, entry]) => {
          if (name === "__proto__") {
            throw new TypeError('an answer has the property "__proto__"');
          }
          return [name, read(entry, depth + 1, onRecord)];
        }),
      );
    }
    if (key === MARK && typeof inside === "string" && SPECIAL.has(inside)) {
      return SPECIAL.get(inside);
    }
    if (key === `${MARK}tensor`) {
      return tf.tensor(inside as number[]);
    }
    if (key === `${MARK}record` && Array.isArray(inside)) {
      return onRecord(Number(inside[0]), Number(inside[1]));
    }
    if (key === `${MARK}function` && functions) {
      // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- its text is all there is of it
      return new Function(`return (${String(inside)});`)() as unknown;
    }
    throw new TypeError(
      `an answer holds ${quote(part)}; it must be plain data: numbers, texts, lists, objects`,
    );
  };
  // First, which networks are asked for: those of one call are trained together.
  read(value, 0, (training, member) => {
    wanted.set(training, [...(wanted.get(training) ?? []), member]);
  });
  for (const [training, asked] of wanted) {
    const settings = read(trainings[training], 0, () => undefined) as EnsembleSettings;
    const own = asked.map((member) => members[member]!);
    const trained = await trainEnsemble(settings.spec, own, settings.dataset, settings.options);
    trained.forEach((record, i) => records.set(asked[i]!, record));
  }
  return read(value, 0, (_, member) => records.get(member));
}
