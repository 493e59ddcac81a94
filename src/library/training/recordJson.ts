import { fail } from "../ground/validation.js";
import type { TrainingRecord } from "./record.js";

/** What the texts of records are told by. */
const FORMAT = "vanishing-gradients record";
/** It grows when a record of before can't be read any more. */
const VERSION = 1;

/** A record as JSON can hold it. */
interface Written {
  readonly format: string;
  readonly version: number;
  /** The arrays of the record, each once, as base64 of 32-bit floats, the lowest byte first. */
  readonly arrays: readonly string[];
  readonly record: unknown;
}

/** In place of an array, of an object that stands elsewhere too, and of a number that JSON has not. */
type Stand = { readonly $array: number } | { readonly $object: number } | { readonly $number: string };

/**
 * A record of a training as JSON: exactly the same numbers, NaN and Infinity too. See `recordFromJson`.
 *
 * @throws RangeError for what is no record; if it is too large for one text, with what to do.
 */
export function recordToJson(record: TrainingRecord): string {
  const owner = "recordToJson";
  if (!isRecord(record)) {
    fail(owner, "record", record, "a record of a training");
  }
  const arrays: string[] = [];
  const places = new Map<Float32Array, number>();
  const objects = new Map<object, number>();
  const write = (value: unknown): unknown => {
    if (value instanceof Float32Array) {
      const place = places.get(value) ?? arrays.push(toBase64(value)) - 1;
      places.set(value, place);
      return { $array: place } satisfies Stand;
    }
    if (typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0))) {
      return { $number: Object.is(value, -0) ? "-0" : String(value) } satisfies Stand;
    }
    if (Array.isArray(value)) {
      return value.map(write);
    }
    if (typeof value !== "object" || value === null) {
      return value;
    }
    const known = objects.get(value);
    if (known !== undefined) {
      return { $object: known } satisfies Stand;
    }
    // A parent is numbered before what it holds, as when it is read.
    objects.set(value, objects.size);
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, write(entry)]));
  };
  const written: Written = { format: FORMAT, version: VERSION, record: write(record), arrays };
  try {
    return JSON.stringify(written);
  } catch (error) {
    if (error instanceof RangeError) {
      fail(owner, "record", "too large for one text", 'recorded with a larger recordEvery, or "ends"');
    }
    throw error;
  }
}

/**
 * The record that `recordToJson` has written.
 *
 * @throws RangeError for another text, saying what is wrong with it.
 */
export function recordFromJson(json: string): TrainingRecord {
  const owner = "recordFromJson";
  const written = parsed(owner, json);
  if (written.format !== FORMAT) {
    fail(owner, "json", json, "a text of recordToJson");
  }
  if (written.version !== VERSION) {
    fail(owner, "version", written.version, `${VERSION}: it was written by another version of the library`);
  }
  const arrays = written.arrays!.map(fromBase64);
  const objects: object[] = [];
  const read = (value: unknown): unknown => {
    if (Array.isArray(value)) {
      return value.map(read);
    }
    if (typeof value !== "object" || value === null) {
      return value;
    }
    if ("$array" in value) {
      return arrays[value.$array as number];
    }
    if ("$object" in value) {
      return objects[value.$object as number];
    }
    if ("$number" in value) {
      return Number(value.$number);
    }
    const made: Record<string, unknown> = {};
    objects.push(made);
    for (const [key, entry] of Object.entries(value)) {
      made[key] = read(entry);
    }
    return made;
  };
  const record = read(written.record);
  if (!isRecord(record)) {
    fail(owner, "json", json, "a text of recordToJson, whole");
  }
  return record;
}

/** Whether a value has what a record of a training has, with its arrays. */
export function isRecord(value: unknown): value is TrainingRecord {
  const { layers, parameters, steps } = (value ?? {}) as Partial<TrainingRecord>;
  const kernels = layers?.map(({ kernel }) => kernel) ?? [];
  return (
    layers !== undefined &&
    steps !== undefined &&
    [...kernels, ...(parameters ?? [])].every(
      ({ before: [array] }) => array === undefined || array instanceof Float32Array,
    )
  );
}

function parsed(owner: string, json: unknown): Partial<Written> {
  try {
    const value: unknown = typeof json === "string" ? JSON.parse(json) : undefined;
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return fail(owner, "json", json, "a text of recordToJson, whole");
  }
}

function toBase64(array: Float32Array): string {
  const view = new DataView(new ArrayBuffer(array.length * 4));
  array.forEach((value, i) => {
    view.setFloat32(4 * i, value, true);
  });
  const bytes = new Uint8Array(view.buffer);
  let text = "";
  // As many characters at a time as a call can take.
  for (let start = 0; start < bytes.length; start += 8192) {
    text += String.fromCharCode(...bytes.subarray(start, start + 8192));
  }
  return btoa(text);
}

function fromBase64(text: string): Float32Array {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
}
