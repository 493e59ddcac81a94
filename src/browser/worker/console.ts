import { formatWithOptions } from "node-inspect-extracted";
import type { Outputs } from "./outputs.js";

/** What is printed by which method goes where. */
const STREAMS = {
  log: "stdout",
  info: "stdout",
  debug: "stdout",
  table: "stdout",
  dir: "stdout",
  warn: "stderr",
  error: "stderr",
  trace: "stderr",
} as const;

/** From now on what the console prints is an output of the cell that runs, or of the one that ran last. */
export function redirectConsole(current: () => Outputs | undefined): void {
  const own = { ...console };
  for (const [method, stream] of Object.entries(STREAMS)) {
    Object.assign(console, {
      [method]: (...values: unknown[]) => {
        const outputs = current();
        if (outputs) {
          outputs.print(stream, `${formatWithOptions({ colors: false }, ...values)}\n`);
        } else {
          own[method as keyof typeof STREAMS](...values);
        }
      },
    });
  }
}
