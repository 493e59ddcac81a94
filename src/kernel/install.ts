/** Registers the kernel with a Python environment's Jupyter: `node install.js --prefix PREFIX`. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

/** The kernel's name. A stock tslab registers the same, so the notebooks open with either. */
export const kernelName = "tslab";

const nodeOptions = [
  // tslab leaves 10 MB of garbage a cell. Unless told to collect it early, Node keeps hundreds of MB of it.
  "--heap-growing-percent=30",
  // tfjs-node calls functions that Node 22 warns of, in the reader's cell.
  "--no-deprecation",
];

/**
 * Writes the kernel's specification for the Python environment at `prefix` (its `sys.prefix`).
 *
 * @returns the path of the file that was written
 */
export function installKernel(prefix: string): string {
  const folder = join(resolve(prefix), "share", "jupyter", "kernels", kernelName);
  const file = join(folder, "kernel.json");
  const specification = {
    argv: [process.execPath, ...nodeOptions, join(__dirname, "launch.js"), "{connection_file}"],
    display_name: "TypeScript (tslab)",
    language: "typescript",
    interrupt_mode: "signal",
    // TensorFlow is to be silent about its start, and to give the same numbers on machines with and without oneDNN, with
    // and without AVX-512 (which sums up in another order), with few cores and with many. One thread is also faster here: the work of each operation is too small to be shared out.
    // The C library is to keep freed memory in two pools: it would have eight for each core, and each holds some back.
    // And it is to keep large pieces: the large arrays of a training are freed and taken again at each step, and pages that
    // are handed back to the system cost more than the step.
    env: {
      TF_CPP_MIN_LOG_LEVEL: "2",
      TF_ENABLE_ONEDNN_OPTS: "0",
      DNNL_MAX_CPU_ISA: "AVX2",
      TF_NUM_INTRAOP_THREADS: "1",
      MALLOC_ARENA_MAX: "2",
      MALLOC_TRIM_THRESHOLD_: "134217728",
      MALLOC_MMAP_THRESHOLD_: "33554432",
    },
  };
  mkdirSync(folder, { recursive: true });
  const unfinished = `${file}.${process.pid}`;
  try {
    writeFileSync(unfinished, `${JSON.stringify(specification, null, 1)}\n`);
    // Whoever reads meanwhile sees the old file or the new one, never half of it.
    renameSync(unfinished, file);
  } finally {
    rmSync(unfinished, { force: true });
  }
  return file;
}

if (require.main === module) {
  const { prefix } = parseArgs({ options: { prefix: { type: "string" } } }).values;
  if (prefix === undefined) {
    throw new Error("usage: node install.js --prefix PREFIX (what Python calls sys.prefix)");
  }
  console.log(installKernel(prefix));
}
