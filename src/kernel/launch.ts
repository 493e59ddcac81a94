/**
 * Starts the kernel: `node launch.js CONNECTION_FILE`. What cells display goes through tslab's `display`; compiler, runner
 * and server are our own.
 */
import { readFileSync } from "node:fs";
import { currentCell } from "./cell.js";
import { connectOutput } from "./cellOutput.js";
import { createCompiler } from "./nodeCompiler.js";
import { hookInput } from "./input.js";
import { Interrupts } from "./interrupts.js";
import { Kernel } from "./kernel.js";
import { Language } from "./language.js";
import type { Connection } from "./message.js";
import { Modules } from "./modules.js";
import { hookProcess } from "./processHooks.js";
import { Runner } from "./runner.js";
import { Server } from "./server.js";
import { SourceMaps } from "./sourceMaps.js";
import { connectTslab } from "./tslab.js";
import { Tracebacks } from "./traceback.js";

async function main(connectionFile: string): Promise<void> {
  const server = new Server(JSON.parse(readFileSync(connectionFile, "utf8")) as Connection);
  const folder = process.cwd();
  const compiler = createCompiler(folder);
  const maps = new SourceMaps();
  const interrupts = new Interrupts();
  const tracebacks = new Tracebacks(maps);
  const runner = new Runner(compiler, maps, tracebacks, new Modules(compiler, maps, folder), interrupts);
  const kernel = new Kernel(runner, new Language(compiler), server.publish.bind(server));
  connectOutput({
    clear: (wait) => currentCell()?.clear(wait),
    page: (data) => currentCell()?.page(data),
  });
  connectTslab((content, update) => currentCell()?.display(content, update));
  interrupts.listen();
  const exit = hookProcess(runner);
  hookInput((cell, question) => server.ask(cell.request, question));
  endWithParent(exit);
  await server.serve((request) => kernel.answer(request));
  server.close();
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
