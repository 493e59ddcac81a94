/** The programs as facts: what stands in programs.json. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RuleName } from "./data.js";

/** A weight's start: a name, or a name with its settings. */
export type InitializerFacts =
  string | { readonly name: string; readonly [setting: string]: number | string };

export interface LayerFacts {
  readonly type: string;
  /** How many of them follow each other; 1 if not given. */
  readonly times?: number;
  readonly units?: number;
  readonly filters?: number;
  readonly kernel?: readonly number[];
  readonly strides?: number;
  readonly size?: readonly number[];
  readonly padding?: "same" | "valid";
  readonly rate?: number;
  readonly value?: number;
  readonly activation?: string;
  readonly initializer?: InitializerFacts;
  readonly biasInitializer?: InitializerFacts;
  readonly returnSequences?: boolean;
  /** What is inside of a wrapper. */
  readonly of?: LayerFacts;
}

export interface OptimizerFacts {
  readonly name: "sgd" | "adam" | "adagrad" | "rmsprop";
  readonly learningRate: number;
  readonly momentum?: number;
  readonly nesterov?: boolean;
  /** The learning rate is divided by 1 + decay * step. */
  readonly decay?: number;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly rho?: number;
}

/** What a benchmark calls wrong with a program. */
export type Label =
  | "activation"
  | "batch size"
  | "epochs"
  | "initializer"
  | "labels"
  | "layers"
  | "learning rate"
  | "loss"
  | "optimizer"
  | "other"
  | "preprocessing";

export interface ProgramFacts {
  readonly id: string;
  /** Faulty: of the 52 of DeepFD's benchmark. Sick and healthy: of AutoTrainer's, and corrected ones. */
  readonly kind: "faulty" | "sick" | "healthy";
  readonly rule: RuleName;
  readonly examples: number;
  readonly network: readonly LayerFacts[];
  readonly loss: string;
  readonly optimizer: OptimizerFacts;
  readonly batchSize: number | "all";
  readonly epochs: number;
  readonly labels: readonly Label[];
  readonly likelyCause?: string;
  /** In what it is smaller than the original, for the sake of time. */
  readonly smaller?: string;
  /** Whether each published tool named one of the labels. */
  readonly diagnosedBy?: Readonly<Record<"umlaut" | "autotrainer" | "deeplocalize" | "deepfd", boolean>>;
}

/** Of the project's source, whatever is compiled where. */
const folder = join(__dirname, "..", "..", "diagnosis");

/**
 * The programs. Sources: DeepFD (Cao et al. 2022), DeepLocalize (Wardat et al. 2021) and AutoTrainer (Zhang et al. 2021), as
 * far as their data can be made from its description.
 */
export const programs = JSON.parse(
  readFileSync(join(folder, "programs.json"), "utf8"),
) as readonly ProgramFacts[];
