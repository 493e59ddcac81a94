/**
 * Starts tslab as a Jupyter kernel: `node launch.js CONNECTION_FILE`. tslab's own server prints errors as text, sends no
 * results and drops requests after an error; so its compiler and executor run behind a server of our own.
 */
import { readFileSync } from "node:fs";
// eslint-disable-next-line @typescript-eslint/no-require-imports -- the module object itself, not a copy, is written to
import jupyter = require("tslab/dist/jupyter");
import { currentCell } from "./cell.js";
import { connectOutput } from "./cellOutput.js";
import { Compiler } from "./compiler.js";
import { Kernel } from "./kernel.js";
import { Language } from "./language.js";
import type { Connection } from "./message.js";
import { hookProcess } from "./processHooks.js";
import { Runner } from "./runner.js";
import { Server } from "./server.js";

async function main(connectionFile: string): Promise<void> {
  const server = new Server(JSON.parse(readFileSync(connectionFile, "utf8")) as Connection);
  const compiler = new Compiler();
  const runner = new Runner(compiler, process.cwd());
  const kernel = new Kernel(runner, new Language(runner.executor), server.publish.bind(server));
  connectOutput({
    clear: (wait) => currentCell()?.clear(wait),
    page: (data) => currentCell()?.page(data),
  });
  // tslab's own `display` writes here.
  Object.assign(jupyter, {
    lastWriteDisplayData: (content: Parameters<typeof jupyter.lastWriteDisplayData>[0], update: boolean) =>
      currentCell()?.display({ ...content }, update),
  });
  const exit = hookProcess(runner, compiler);
  endWithParent(exit);
  await server.serve((request) => kernel.answer(request));
  server.close();
  compiler.close();
  // Timers of cells must not keep the process.
  setTimeout(exit, 100, 0);
}

/** Ends the kernel when the Jupyter server that started it has gone without saying so. */
function endWithParent(exit: (code: number) => never): void {
  const parent = process.ppid;
  const check = (): void => {
    if (process.ppid !== parent) {
      exit(1);
    }
  };
  setInterval(check, 1000).unref();
}

const [connectionFile] = process.argv.slice(2);
if (connectionFile === undefined) {
  throw new Error("usage: node launch.js CONNECTION_FILE");
}
void main(connectionFile);
