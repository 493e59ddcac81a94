/** For tests: the library's package, installed by itself into an empty folder. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const project = join(__dirname, "..", "..", "..", "..");
export const library = join(project, "src", "library");
export const manifest = JSON.parse(readFileSync(join(library, "package.json"), "utf8")) as Locked & {
  readonly version: string;
};

const NAME = "vanishing-gradients";
const PEER = join("node_modules", "@tensorflow", "tfjs-node");

/** A bound against hanging, never a measure: the longest takes a few seconds. */
const LIMIT_MS = 120_000;

/** What is read of a package's entry in npm's lock file. */
interface Locked {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** How a program ended: its exit code, and all it wrote. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end in a folder. */
export async function run(
  folder: string,
  [program = "", ...args]: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  const child = spawn(program, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: LIMIT_MS,
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ code, stdout, stderr });
    });
  });
}

/** Runs a program that has to succeed, and gives what it wrote to stdout. */
export async function must(
  folder: string,
  command: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  const { code, stdout, stderr } = await run(folder, command, env);
  if (code !== 0) {
    throw new Error(`${command.join(" ")} ended with exit code ${code ?? "none"}:\n${stdout}${stderr}`);
  }
  return stdout;
}

/** A new folder that lies in no project, so that nothing is found but what is put into it. */
export function emptyFolder(): string {
  return mkdtempSync(join(tmpdir(), "vanishing-gradients-package-"));
}

export function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** Packs the library as `npm pack` does. Gives the tarball's path. */
export async function pack(folder: string): Promise<string> {
  await must(library, ["npm", "pack", "--pack-destination", folder]);
  return join(folder, `${NAME}-${manifest.version}.tgz`);
}

/**
 * Installs the tarball into a folder. The versions are those of the project's lock file: with them npm need not ask the
 * registry which there are, and takes each package from its cache if it is there. TensorFlow.js, the peer, is a link to
 * the project's, as its native part was built by the set-up.
 *
 * @throws Error that says what is missing, if a package is neither in npm's cache nor to be had from the registry.
 */
export async function install(
  folder: string,
  tarball: string,
  options: readonly string[] = [],
): Promise<void> {
  const own = `file:${tarball}`;
  const packages = {
    "": { dependencies: { [NAME]: own } },
    [`node_modules/${NAME}`]: { ...manifest, resolved: own },
    ...lockedDependencies(),
  };
  write(folder, "package.json", { private: true, dependencies: { [NAME]: own } });
  write(folder, "package-lock.json", { lockfileVersion: 3, requires: true, packages });
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--legacy-peer-deps"];
  const impatient = ["--prefer-offline", "--fetch-retries=1", "--fetch-timeout=20000"];
  const command = ["npm", "install", ...quiet, ...impatient, ...options];
  const { code, stdout, stderr } = await run(folder, command);
  if (code !== 0) {
    throw new Error(
      "The package could not be installed. npm needs the library's dependencies in its cache, or a network: " +
        `"npm ci" in the project fetches them.\n${stdout}${stderr}`,
    );
  }
  mkdirSync(join(folder, "node_modules", "@tensorflow"), { recursive: true });
  symlinkSync(join(project, PEER), join(folder, PEER));
}

function write(folder: string, name: string, content: object): void {
  writeFileSync(join(folder, name), `${JSON.stringify(content, null, 1)}\n`);
}

/** The entries of the project's lock file that the library needs, and what these need; not its peers. */
function lockedDependencies(): Record<string, Locked> {
  const { packages } = JSON.parse(readFileSync(join(project, "package-lock.json"), "utf8")) as {
    packages: Readonly<Record<string, Locked>>;
  };
  const found: Record<string, Locked> = {};
  const visit = (from: string, { dependencies, optionalDependencies }: Locked): void => {
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const place = placeOf(packages, from, name);
      if (place !== undefined && !(place in found)) {
        found[place] = packages[place]!;
        visit(place, packages[place]!);
      }
    }
  };
  visit("", manifest);
  return found;
}

/** Where a package finds another: in its own node_modules, or in those of the folders around it. */
function placeOf(packages: Readonly<Record<string, Locked>>, from: string, name: string): string | undefined {
  const inside = `${from === "" ? "" : `${from}/`}node_modules/${name}`;
  if (inside in packages) {
    return inside;
  }
  return from === ""
    ? undefined
    : placeOf(packages, from.slice(0, Math.max(from.lastIndexOf("/node_modules/"), 0)), name);
}
