import type { Files } from "../../kernel/compiler/program.js";

/** Texts of declaration files by their paths. */
export type TypeFiles = Readonly<Record<string, string>>;

/** A file system that holds these files, and no others. */
export function filesOf(types: TypeFiles): Files {
  const folders = new Map<string, Set<string>>();
  for (const path of Object.keys(types)) {
    const names = path.split("/");
    for (let depth = 1; depth < names.length; depth++) {
      const folder = names.slice(0, depth).join("/");
      const within = folders.get(folder) ?? new Set();
      folders.set(folder, within);
      if (depth < names.length - 1) {
        within.add(names[depth]!);
      }
    }
  }
  return {
    readFile: (path) => types[path],
    fileExists: (path) => Object.hasOwn(types, path),
    directoryExists: (path) => folders.has(path.replace(/\/$/, "")),
    getDirectories: (path) => [...(folders.get(path.replace(/\/$/, "")) ?? [])],
    getModifiedTime: () => new Date(0),
  };
}
