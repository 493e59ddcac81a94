/**
 * The ways to TensorFlow's C library, and which one to take.
 * @module
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { wrongRoute } from "./messages.mjs";

/** @typedef {import("./project.mjs").Project} Project */
/** @typedef {"download" | "wheel"} Route */

/** The package whose wheel holds the library. */
export const wheelVersion = "2.15.1";

/**
 * Where a route's library is kept, once it is complete.
 * @param {Project} project
 * @param {Route} route
 */
export function folderOf(project, route) {
  const version = route === "wheel" ? wheelVersion : "2.9.1";
  return join(project.cache, `libtensorflow-${route}-${version}-${process.platform}-${process.arch}`);
}

/** Whether the wheel is a route here. */
const hasWheel = process.platform === "linux" && process.arch === "x64";

/**
 * The route that the user forces by LIBTENSORFLOW, if any.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Route | undefined}
 */
export function forcedRoute(env) {
  const value = env.LIBTENSORFLOW;
  if (value === undefined || value === "") return undefined;
  if (value === "download" || (value === "wheel" && hasWheel)) return value;
  throw wrongRoute(value);
}

/**
 * The routes there are, in the order in which they are tried. The wheel comes first: its library has one checksum, so that
 * everybody gets the numbers that the lessons have stored.
 * @param {NodeJS.ProcessEnv} env
 * @returns {readonly [Route, ...Route[]]}
 */
export function routes(env) {
  const forced = forcedRoute(env);
  if (forced !== undefined) return [forced];
  return hasWheel ? ["wheel", "download"] : ["download"];
}

/**
 * The route whose library is here, if any.
 * @param {Project} project
 * @returns {Route | undefined}
 */
export function presentRoute(project) {
  return routes(project.env).find((route) => existsSync(folderOf(project, route)));
}

/**
 * Where the library is, or will be.
 * @param {Project} project
 */
export const libraryOf = (project) => folderOf(project, presentRoute(project) ?? routes(project.env)[0]);
