import { tf } from "../../tensorflow/tf.js";
import type { StateName } from "../trainable.js";

/** States after a time step, each [networks, examples, units]: h, and of an LSTM c. */
export type States = readonly tf.Tensor[];

/** What a cell is. Its kernels have a block of columns for each gate, in Keras' order. */
interface RecurrentCell {
  readonly gates: number;
  readonly states: readonly StateName[];
  /** How many units the blocks of columns have that are multiplied by something of their own, counted in gates. */
  readonly blocks: readonly number[];
  /**
   * The states after a time step. `z` is what the inputs give to each gate, bias included: [networks, examples, gates * units];
   * `recurrent` the recurrent kernel, [networks, units, gates * units]: both in blocks. `watch` lets the backward pass be seen.
   */
  readonly step: (
    z: readonly tf.Tensor[],
    states: States,
    recurrent: readonly tf.Tensor[],
    watch: Watch,
  ) => States;
}

/** Gives a state back, and notes dL/dstate when the backward pass comes by. */
export type Watch = (state: tf.Tensor, name: StateName) => tf.Tensor;

/**
 * The cells, as Keras has them: gates are sigmoids, all else is tanh; a GRU resets the state before the kernel (Cho et al. 2014). To add
 * one, add an entry.
 */
export const CELLS = {
  /** h = tanh(z + h W) */
  simpleRNN: {
    gates: 1,
    blocks: [1],
    states: ["h"],
    step: ([z], [h], [recurrent], watch) => [watch(z!.add(h!.matMul(recurrent!)).tanh(), "h")],
  },
  /** Update gate u, reset gate r: h = u h + (1 - u) tanh(z + (r h) W) */
  gru: {
    gates: 3,
    blocks: [2, 1],
    states: ["h"],
    step: ([zGates, zCandidate], [h], [ofGates, ofCandidate], watch) => {
      const gates = tf.split(zGates!.add(h!.matMul(ofGates!)).sigmoid(), 2, 2);
      const [update, reset] = gates as [tf.Tensor, tf.Tensor];
      const candidate = zCandidate!.add(reset.mul(h!).matMul(ofCandidate!)).tanh();
      return [watch(update.mul(h!).add(tf.sub(1, update).mul(candidate)), "h")];
    },
  },
  /** Input gate i, forget gate f, output gate o: c = f c + i tanh(...), h = o tanh(c) (Hochreiter and Schmidhuber 1997) */
  lstm: {
    gates: 4,
    blocks: [4],
    states: ["h", "c"],
    step: ([z], [h, c], [recurrent], watch) => {
      const parts = tf.split(z!.add(h!.matMul(recurrent!)), 4, 2);
      const [input, forget, candidate, output] = parts as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
      const kept = forget.sigmoid().mul(c!);
      const cell = watch(kept.add(input.sigmoid().mul(candidate.tanh())), "c");
      return [watch(output.sigmoid().mul(cell.tanh()), "h"), cell];
    },
  },
} as const satisfies Readonly<Record<string, RecurrentCell>>;

/** The name of a cell in the table. */
export type CellName = keyof typeof CELLS;

/** All names in the table. */
export const cellNames = Object.keys(CELLS) as CellName[];

/** A cell by its name. */
export const cellOf = (name: CellName): RecurrentCell => CELLS[name];
