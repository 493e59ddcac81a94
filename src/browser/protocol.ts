/** What a page and the worker that runs its cells, or trains for a live figure, say to each other. */
import type { LivePicture, LiveSettings } from "./live.js";

/** An output of a cell, as a notebook (nbformat 4) stores it. */
export type Output =
  | { readonly output_type: "stream"; readonly name: "stdout" | "stderr"; readonly text: string }
  | {
      readonly output_type: "display_data" | "execute_result";
      readonly data: Readonly<Record<string, unknown>>;
      readonly metadata: Readonly<Record<string, unknown>>;
      readonly execution_count?: number;
    }
  | {
      readonly output_type: "error";
      readonly ename: string;
      readonly evalue: string;
      readonly traceback: readonly string[];
    };

/** A cell that was compiled, and whose types were checked, when the site was built. */
export interface Compiled {
  readonly javascript: string;
  /** JSON, version 3. */
  readonly sourceMap: string;
  readonly names: readonly string[];
}

/** A code cell of a page's `cells.json`, or one that the reader has added. */
export interface StoredCell {
  readonly id: string;
  readonly source: string;
  readonly compiled: Compiled;
  /** The cell of the notebook that an added one stands behind. */
  readonly after?: string;
  /** Given in an assignment: it can't be changed. */
  readonly isLocked?: boolean;
  /** A test of an assignment. */
  readonly isTest?: boolean;
}

/** What a page asks for. */
export type Request =
  /**
   * Run a cell. It waits its turn. Without `compiled` (the cell was changed) the worker compiles it. If it fails, what waits
   * behind it is left out, unless it `mayFail`.
   */
  | {
      readonly type: "run";
      readonly id: string;
      /** What tracebacks call it, such as "Cell 3". */
      readonly title: string;
      readonly source: string;
      readonly compiled?: Compiled;
      readonly mayFail?: boolean;
    }
  /** Stop what runs or trains, and forget what waits. The page ends the worker if the cell has not ended after 4 seconds. */
  | { readonly type: "stop" }
  /** Load the compiler, which is large, before a changed cell needs it. */
  | { readonly type: "loadCompiler" }
  /** Train networks and draw them while they train. It ends the training that was asked for before. */
  | { readonly type: "live"; readonly request: number; readonly settings: LiveSettings }
  /** Complete names at a place of a cell that is being edited. Answered only once the compiler is there. */
  | { readonly type: "complete"; readonly request: number; readonly source: string; readonly at: number };

/** What the worker says. Everything between "started" and "ended" of a cell is that cell's. */
export type Message =
  | { readonly type: "started"; readonly id: string; readonly count: number }
  /** One more output. With `displayId`, later ones with that id and `update` take its place. */
  | {
      readonly type: "output";
      readonly id: string;
      readonly output: Output;
      readonly displayId?: string;
      readonly update?: boolean;
    }
  /** `skipped`: it never ran, as an earlier one failed or was stopped. */
  | {
      readonly type: "ended";
      readonly id: string;
      readonly status: "ok" | "error" | "stopped" | "skipped";
      readonly seconds: number;
    }
  | { readonly type: "compiler"; readonly state: "loading"; readonly bytes: number; readonly of: number }
  | { readonly type: "compiler"; readonly state: "ready" }
  | { readonly type: "compiler"; readonly state: "failed"; readonly reason: string }
  | { readonly type: "live"; readonly request: number; readonly picture: LivePicture }
  /** Nothing more comes of this training. */
  | { readonly type: "liveFailed"; readonly request: number; readonly reason: string }
  | {
      readonly type: "completions";
      readonly request: number;
      readonly from: number;
      readonly names: readonly string[];
    };
