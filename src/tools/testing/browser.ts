/** For tests: the Chromium that is installed here, if there is one. */
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const KNOWN = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const executablePath = process.env["CHROMIUM"] ?? KNOWN.find((path) => existsSync(path));

/** What to say if there is none; undefined if there is one. */
export const missingBrowser =
  executablePath === undefined
    ? "NO CHROMIUM HERE: nothing was tried in a browser. Install it (apt install chromium) or set CHROMIUM."
    : undefined;

/** Starts it without a window. It asks for nothing from the network by itself. */
export async function launchBrowser(): Promise<Browser> {
  const quiet = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
  return chromium.launch({ executablePath: executablePath ?? "", args: ["--no-sandbox", ...quiet] });
}
