/**
 * The ways to TensorFlow's C library, and which one to take.
 * @module
 */
import { existsSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { createRequire } from "node:module";
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
 * The route whose library is here, if any.
 * @param {Project} project
 * @returns {Route | undefined}
 */
export function presentRoute(project) {
  const forced = forcedRoute(project.env);
  const routes = forced === undefined ? /** @type {const} */ (["download", "wheel"]) : [forced];
  return routes.find((route) => existsSync(folderOf(project, route)));
}

/**
 * The routes to try, in order, found by a short look at the download's host.
 * @param {Project} project
 * @returns {Promise<Route[]>}
 */
export async function routesToTry(project) {
  const forced = forcedRoute(project.env);
  if (forced !== undefined) return [forced];
  if (!hasWheel) return ["download"];
  return (await canDownload(project)) ? ["download", "wheel"] : ["wheel"];
}

/**
 * The address from which tfjs-node downloads on Linux x64, from the same variables that its script reads.
 * @param {NodeJS.ProcessEnv} env
 */
export function downloadAddress(env) {
  const host =
    [env.TFJS_NODE_CDN_STORAGE, env.npm_config_TFJS_NODE_CDN_STORAGE, env.CDN_STORAGE].find(Boolean) ??
    "https://storage.googleapis.com/";
  const start =
    [env.TFJS_NODE_BASE_URI, env.npm_config_TFJS_NODE_BASE_URI].find(Boolean) ??
    `${host}tensorflow/libtensorflow/libtensorflow-`;
  return `${start}cpu-linux-x86_64-2.9.1.tar.gz`;
}

/**
 * Whether the download can be reached, as tfjs-node would reach it: three seconds at most.
 * @param {Project} project
 * @returns {Promise<boolean>}
 */
export async function canDownload({ root, env }) {
  const address = downloadAddress(env);
  const proxy = [env.HTTPS_PROXY, env.https_proxy, env.HTTP_PROXY, env.http_proxy].find(Boolean);
  return await new Promise((resolve) => {
    const timer = setTimeout(() => {
      request?.destroy();
      resolve(false);
    }, 3000);
    /** @param {boolean} answer */
    const end = (answer) => {
      clearTimeout(timer);
      resolve(answer);
    };
    /** @type {http.ClientRequest | undefined} */
    let request;
    try {
      const agent = proxy === undefined ? undefined : proxyAgent(root, proxy);
      const client = address.startsWith("https") ? https : http;
      request = client.request(address, { method: "HEAD", ...(agent && { agent }) }, (response) => {
        response.resume();
        end(response.statusCode === 200);
        request?.destroy();
      });
      request.on("error", () => {
        end(false);
      });
      request.end();
    } catch {
      end(false);
    }
  });
}

/**
 * @param {string} root
 * @param {string} proxy
 * @returns {http.Agent}
 */
function proxyAgent(root, proxy) {
  // The one that tfjs-node's script uses.
  const require = createRequire(join(root, "node_modules", "@tensorflow", "tfjs-node", "package.json"));
  const Agent = /** @type {new (proxy: string) => http.Agent} */ (require("https-proxy-agent"));
  return new Agent(proxy);
}
