import { tf } from "../../tensorflow/tf.js";
import type { Tools } from "../../tensorflow/compileGraph.js";
import type { StateName } from "../trainable.js";
import type { ActivationFunction } from "./layerKind.js";
import type { Passage, StateStep } from "./passage.js";
import { drop } from "./randomLayer.js";
import { withHook } from "./withHook.js";

/** The parts of a recurrent layer's cell that are hooked. */
export interface Cell {
  /** Of stacked cells. */
  readonly cells?: Cell[];
  activation: ActivationFunction;
  dropoutFunc?: ((ones: tf.Tensor, rate: number) => tf.Tensor) | undefined;
  readonly dropout?: number;
  readonly recurrentDropout?: number;
  dropoutMask?: tf.Tensor | tf.Tensor[] | null;
  recurrentDropoutMask?: tf.Tensor | tf.Tensor[] | null;
  /** Gives [h, h, c], or [h, h] where there is no cell state. */
  call: (inputs: tf.Tensor[], kwargs: object) => tf.Tensor[];
  getClassName(): string;
}

/** The states that the cells of tfjs-layers have. */
const STATES: Readonly<Record<string, readonly StateName[]>> = {
  SimpleRNNCell: ["h"],
  GRUCell: ["h"],
  LSTMCell: ["h", "c"],
  ConvLSTM2DCell: ["h", "c"],
};

/** What entered a cell's activation function in one call. */
interface Entry {
  readonly z: tf.Tensor;
  /** What is done with the gradient that comes back. */
  look?: (gradient: tf.Tensor) => void;
}

/** What hooks at a cell need of the forward pass that runs. */
export interface CellHost {
  readonly passage: () => Passage;
  readonly isTraining: () => boolean;
  readonly tools: () => Tools;
}

/** A cell, or the cells that are stacked in it. */
const partsOf = (cell: Cell): readonly Cell[] => cell.cells ?? [cell];

/** Whether a cell drops numbers at random while it trains. */
export const dropsOut = (cell: Cell): boolean =>
  partsOf(cell).some(({ dropout = 0, recurrentDropout = 0 }) => dropout > 0 || recurrentDropout > 0);

/** The last cell of a stack, if it is of a class whose states are known. */
export function knownCell(cell: Cell): Cell | undefined {
  const last = partsOf(cell).at(-1)!;
  return Object.hasOwn(STATES, last.getClassName()) ? last : undefined;
}

/** Frees the masks of dropout: the cell makes new ones at its next run, and would leave the last ones over. */
export function freeMasks(cell: Cell): void {
  for (const part of partsOf(cell)) {
    tf.dispose([part.dropoutMask ?? [], part.recurrentDropoutMask ?? []]);
    part.dropoutMask = part.recurrentDropoutMask = null;
  }
}

/**
 * Hooks at a recurrent layer's cell: what it does is noted step by step, and dL/dstate as a backward pass comes by. What is
 * dropped is drawn from outside. Returns what takes the hooks away.
 */
export function hookCell(cell: Cell, host: CellHost): () => void {
  const undo = partsOf(cell)
    .filter(dropsOut)
    .map((part) => drawFromOutside(part, host));
  const known = knownCell(cell);
  if (known) {
    undo.push(watch(known, host));
  }
  return () => {
    undo.forEach((one) => {
      one();
    });
  };
}

function drawFromOutside(cell: Cell, { isTraining, tools }: CellHost): () => void {
  const { dropoutFunc } = cell;
  // A function of the user's own stays.
  cell.dropoutFunc ??= (ones, rate) =>
    isTraining() ? drop(ones, rate, tools().draw("uniform", ones.shape)) : ones;
  return () => {
    cell.dropoutFunc = dropoutFunc;
  };
}

function watch(cell: Cell, { passage, isTraining, tools }: CellHost): () => void {
  const { activation, call } = cell;
  const [hasGates, names] = [cell.getClassName() !== "SimpleRNNCell", STATES[cell.getClassName()]!];
  const hooked = (tensor: tf.Tensor, look: (gradient: tf.Tensor) => void): tf.Tensor =>
    isTraining() ? withHook(tensor, look) : tensor;
  let entries: Entry[] = [];
  cell.activation = {
    getClassName: () => activation.getClassName(),
    apply: (z) => {
      // Beyond the call, which frees what it makes.
      const entry: Entry = { z: hasGates ? z : tools().keep(z) };
      entries.push(entry);
      return activation.apply(hooked(z, (gradient) => entry.look?.(gradient)));
    },
  };
  cell.call = (inputs, kwargs) => {
    entries = [];
    const { keep } = tools();
    const outputs = call.call(cell, inputs, kwargs);
    const [h, , c] = outputs as [tf.Tensor, tf.Tensor, tf.Tensor?];
    const part: { delta?: tf.Tensor } = {};
    const [entry] = entries;
    if (!hasGates && entry) {
      entry.look = (gradient) => (part.delta = keep(gradient));
    }
    const z = hasGates || !entry ? {} : { z: entry.z };
    passage().add(Object.assign(part, { activation: activation.getClassName(), a: keep(h), ...z }), []);
    const step: StateStep = new Map();
    const watched = names.map((name, i) => {
      const state = i === 0 ? h : c!;
      const gradients: tf.Tensor[] = [];
      const look = (gradient: tf.Tensor): void => void gradients.push(keep(gradient));
      // A cell state goes on to the next step, and by the activation function into h: dL/dc is the sum of both.
      const into = name === "c" ? entries.find((one) => one.z.id === state.id) : undefined;
      if (into) {
        into.look = look;
      }
      step.set(name, { state: keep(state), gradients });
      return hooked(state, look);
    });
    passage().steps.push(step);
    const [watchedH, watchedC] = watched as [tf.Tensor, tf.Tensor?];
    return watchedC ? [watchedH, watchedH, watchedC] : [watchedH, watchedH];
  };
  return () => {
    cell.activation = activation;
    // The method of the class comes to light again.
    delete (cell as Partial<Cell>).call;
  };
}
