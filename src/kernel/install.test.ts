import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import test from "node:test";
import { installKernel } from "./install.js";

test("installKernel() writes a specification that starts the launcher, and nothing else", () => {
  const prefix = mkdtempSync(join(tmpdir(), "kernel-"));
  try {
    installKernel(prefix);
    // A second time it is replaced.
    const file = installKernel(prefix);
    assert.equal(file, join(prefix, "share", "jupyter", "kernels", "tslab", "kernel.json"));
    assert.deepEqual(readdirSync(dirname(file)), ["kernel.json"]);
    const { argv, env } = JSON.parse(readFileSync(file, "utf8")) as { argv: string[]; env: object };
    const [node, garbage, deprecation, launcher, connection] = argv;
    assert.match(garbage!, /^--heap-growing-percent=/);
    assert.equal(deprecation, "--no-deprecation");
    assert.ok(isAbsolute(node!) && existsSync(node!));
    assert.ok(isAbsolute(launcher!) && existsSync(launcher!));
    assert.equal(connection, "{connection_file}");
    assert.deepEqual(env, {
      TF_CPP_MIN_LOG_LEVEL: "2",
      TF_ENABLE_ONEDNN_OPTS: "0",
      DNNL_MAX_CPU_ISA: "AVX2",
      TF_NUM_INTRAOP_THREADS: "1",
      MALLOC_ARENA_MAX: "2",
      MALLOC_TRIM_THRESHOLD_: "134217728",
      MALLOC_MMAP_THRESHOLD_: "33554432",
    });
  } finally {
    rmSync(prefix, { recursive: true });
  }
});
