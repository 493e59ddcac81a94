/**
 * Runs in the kernel before any cell of a submission: takes the ways by which a cell could change what decides on it.
 * The kernel's own modules are out of reach, the library's exports and Node's loader cannot be replaced, and the built-in
 * objects that tests call are frozen. The text of this file is sent to the kernel as a cell.
 */
/* eslint-disable @typescript-eslint/no-require-imports -- an import would leave names behind */
{
  const loader = require("node:module") as Record<string, unknown> & { prototype: object };
  const library = require.resolve("vanishing-gradients").replace(/index\.js$/, "");
  const kernel = `${library.replace(/library\/dist\/$/, "")}kernel/`;
  require("vanishing-gradients");
  require("@tensorflow/tfjs-node");

  const fix = (target: object, name: string): void => {
    Object.defineProperty(target, name, { writable: false, configurable: false });
  };
  for (const [path, loaded] of Object.entries(require.cache)) {
    if (loaded === undefined) continue;
    // From one module the others can be reached: "children" lists what it has loaded.
    if (path.startsWith(kernel)) {
      Object.assign(loaded, { exports: {}, children: [] });
      Reflect.deleteProperty(require.cache, path);
    } else if (path.startsWith(library)) {
      Object.freeze(loaded.exports);
      fix(loaded, "exports");
      fix(require.cache, path);
    }
  }
  for (const name of ["_load", "_resolveFilename", "_cache"]) fix(loader, name);
  fix(loader.prototype, "require");
  fix(globalThis, "Object");
  fix(globalThis, "Array");
  fix(globalThis, "Math");
  for (const target of [
    Array,
    Array.prototype,
    Object,
    Math,
    Number,
    String.prototype,
    Promise,
    Reflect,
    JSON,
  ]) {
    Object.freeze(target);
  }
  for (const target of [Number.prototype, Boolean.prototype, Function.prototype, Promise.prototype]) {
    for (const name of Object.getOwnPropertyNames(target)) {
      if (Object.getOwnPropertyDescriptor(target, name)?.writable === true && name !== "toString")
        fix(target, name);
    }
  }
  // A property that every object inherits would be read where an option is not given.
  Object.preventExtensions(Object.prototype);
}
