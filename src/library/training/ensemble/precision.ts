import { tf } from "../../tensorflow/tf.js";
import {
  keysOf,
  requireBoolean,
  requireInteger,
  requireKnownKeys,
  requireOneOf,
  requirePositive,
} from "../../ground/validation.js";
import { type FloatFormatName, floatFormatNames } from "../../models/floatFormats.js";
import { roundTensor } from "../../models/roundTensor.js";

/**
 * With how many bits a network is trained, after Micikevicius et al. (2018), "Mixed precision training". What a layer is
 * given and what it gives, forward and backward, is rounded to a format: weights, z, a, dL/da, dL/dz and dL/dW. Within a
 * matrix product, normalization or the loss, numbers are float32, as on hardware made for it.
 */
export interface Precision {
  readonly format: FloatFormatName;
  /**
   * What the loss is multiplied by before the backward pass, so that small gradients stay above the smallest number. Each
   * dL/dW is divided by it again, in float32, before it is recorded and applied. 1 if not given. "dynamic": 65536 at first;
   * halved by a step whose gradient is not finite, which is not taken; doubled after `growAfter` steps without one.
   */
  readonly lossScale?: number | "dynamic";
  /** Steps until a dynamic scale is doubled; 2000 if not given. */
  readonly growAfter?: number;
  /** Whether the weights themselves are kept in float32, and a rounded copy passes the network; true if not given. */
  readonly masterWeights?: boolean;
}

/** The same with the defaults filled in. */
export type ResolvedPrecision = Required<Precision>;

/** What a dynamic loss scale begins with, as PyTorch's does. */
const FIRST_SCALE = 65536;

const KEYS = keysOf<Precision>({ format: true, lossScale: true, growAfter: true, masterWeights: true });

/** Checks a precision, and fills in what is not given. */
export function resolvePrecision(owner: string, precision: Precision): ResolvedPrecision {
  requireKnownKeys(owner, "precision", precision, KEYS);
  const { format, lossScale = 1, growAfter = 2000, masterWeights = true } = precision;
  return {
    format: requireOneOf(owner, "precision.format", format, floatFormatNames),
    lossScale:
      typeof lossScale === "string"
        ? requireOneOf(owner, "precision.lossScale", lossScale, ["dynamic" as const])
        : requirePositive(owner, "precision.lossScale", lossScale),
    growAfter: requireInteger(owner, "precision.growAfter", growAfter, { min: 1 }),
    masterWeights: requireBoolean(owner, "precision.masterWeights", masterWeights),
  };
}

/** What a precision does to the tensors of n networks. */
export class Rounding {
  readonly isDynamic: boolean;

  constructor(
    private readonly precision: ResolvedPrecision,
    private readonly networks: number,
  ) {
    this.isDynamic = precision.lossScale === "dynamic";
  }

  /** What a layer is given, or gives. */
  readonly round = (tensor: tf.Tensor): tf.Tensor => roundTensor(tensor, this.precision.format);

  /** The weights as they are kept from step to step. */
  kept(weights: tf.Tensor): tf.Tensor {
    return this.precision.masterWeights ? weights : this.round(weights);
  }

  /** Of a dynamic scale: the scale, and how many steps it has held, [n] each. */
  initialState(): tf.Tensor[] {
    return this.isDynamic ? [tf.fill([this.networks], FIRST_SCALE), tf.zeros([this.networks])] : [];
  }

  /** What the loss is multiplied by, [n]. */
  scale(state: readonly tf.Tensor[]): tf.Tensor {
    const { lossScale } = this.precision;
    return lossScale === "dynamic" ? state[0]! : tf.fill([this.networks], lossScale);
  }

  /** The state after a step, whose gradient is finite where `isFinite`, [n], says so. */
  next([scale, held]: readonly tf.Tensor[], isFinite: tf.Tensor): tf.Tensor[] {
    const more = held!.add(1);
    const isDue = more.greaterEqual(this.precision.growAfter);
    return [
      tf.where(isFinite, tf.where(isDue, scale!.mul(2), scale!), scale!.div(2)),
      tf.where(isFinite, tf.where(isDue, tf.zerosLike(more), more), tf.zerosLike(more)),
    ];
  }
}

/** Whether all numbers of a network are finite: [n], from [n, parameters]. */
export function finiteRows(numbers: tf.Tensor): tf.Tensor {
  // The difference of a number to itself is 0, or NaN if it is not finite.
  return numbers.sub(numbers).sum(1).equal(0);
}
