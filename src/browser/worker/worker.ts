/** Runs the cells of a page, one after the other: a kernel in a browser. */
import { type DisplayContent, connectDisplay } from "../../library/display/notebook.js";
import type { PageCompiler } from "../compiler/compiler.js";
import type { Compiled, Message, Request } from "../protocol.js";
import * as tf from "../tfjs.js";
import { CompilerLoader } from "./compilerLoader.js";
import { redirectConsole } from "./console.js";
import { Errors } from "./errors.js";
import { LiveTrainings } from "./live.js";
import { Outputs } from "./outputs.js";
import { execute, Stopped, stopRunning } from "./runner.js";

type RunRequest = Extract<Request, { type: "run" }>;

const post = (message: Message): void => {
  postMessage(message);
};
const errors = new Errors();
const compilers = new CompilerLoader(post);
/** Made for the first live figure: a lesson that runs needs none. */
let live: LiveTrainings | undefined;
const waiting: RunRequest[] = [];
/** The sources of the cells that have run since the compiler was asked last: it learns of them when it is needed. */
const unknown: string[] = [];
let outputs: Outputs | undefined;
let isRunning = false;
/** Ends the wait of a cell for the compiler, which may take long to come. */
let stopWaiting: (() => void) | undefined;
let count = 0;

redirectConsole(() => outputs);
connectDisplay(({ data, metadata, transient }: DisplayContent, update) => {
  outputs?.show({ output_type: "display_data", data, metadata }, transient.display_id, update);
});

/** The compiler for a cell that waits for it. @throws Stopped */
async function compilerOrStop(): Promise<PageCompiler> {
  try {
    const stopped = new Promise<never>((_, reject) => {
      stopWaiting = () => {
        reject(new Stopped());
      };
    });
    return await Promise.race([compiler(), stopped]);
  } finally {
    stopWaiting = undefined;
  }
}

/** The compiler, which knows of all cells that have run. */
async function compiler(): Promise<PageCompiler> {
  const loaded = await compilers.load();
  unknown.splice(0).forEach((source) => {
    loaded.adopt(source);
  });
  return loaded;
}

async function run({ id, title, source, compiled }: RunRequest): Promise<"ok" | "error" | "stopped"> {
  const own = new Outputs(id, post);
  outputs = own;
  const number = ++count;
  post({ type: "started", id, count: number });
  const fail = (report: ReturnType<Errors["describe"]>): "error" => {
    own.show({ output_type: "error", ...report });
    return "error";
  };
  try {
    const used = compiled ? undefined : await compilerOrStop();
    const made = used?.compile(source, title);
    if (made?.report) {
      return fail(made.report);
    }
    const code: Compiled = compiled ?? made!;
    const name = `cell-${number}`;
    errors.add(name, title, source, code.sourceMap);
    const value = await execute(code, name, (done) => {
      if (!used && done === Infinity) {
        unknown.push(source);
      }
      return used?.keep(done) ?? [];
    });
    if (value !== undefined) {
      own.show({
        output_type: "execute_result",
        data: { "text/plain": value },
        metadata: {},
        execution_count: number,
      });
    }
    return "ok";
  } catch (error) {
    fail(errors.describe(error));
    return error instanceof Stopped ? "stopped" : "error";
  } finally {
    own.flush();
  }
}

/** Runs what waits. What waits behind a cell that failed, and that may not, is left out. */
async function work(): Promise<void> {
  if (isRunning) {
    return;
  }
  isRunning = true;
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const start = performance.now();
    const status = await run(next);
    post({ type: "ended", id: next.id, status, seconds: (performance.now() - start) / 1000 });
    if (status === "stopped" || (status === "error" && !next.mayFail)) {
      skipWaiting();
    }
  }
  isRunning = false;
}

function skipWaiting(): void {
  for (const { id } of waiting.splice(0)) {
    post({ type: "ended", id, status: "skipped", seconds: 0 });
  }
}

function answer(request: Request): void {
  switch (request.type) {
    case "run":
      waiting.push(request);
      void work();
      break;
    case "stop":
      skipWaiting();
      stopWaiting?.();
      stopRunning();
      live?.stop();
      break;
    case "loadCompiler":
      // What went wrong has been told.
      compilers.load().catch(() => undefined);
      break;
    case "live":
      live ??= new LiveTrainings(post);
      live.train(request);
      break;
    case "complete":
      if (compilers.loaded && !isRunning) {
        void compiler().then((loaded) => {
          const { from, names } = loaded.complete(request.source, request.at);
          post({ type: "completions", request: request.request, from, names });
        });
      }
  }
}

onmessage = ({ data }: MessageEvent<Request>) => {
  answer(data);
};
// What a cell left behind: it is told where the cell's outputs are.
addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  outputs?.print("stderr", `${errors.describe(event.reason).traceback.join("\n")}\n`);
});

void tf.setBackend("cpu");
