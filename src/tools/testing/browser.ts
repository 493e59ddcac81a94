/** For tests: the browsers that are installed here, if there are any. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

const firefox =
  process.env["FIREFOX"] ?? ["/usr/bin/firefox-esr", "/usr/bin/firefox"].find((path) => existsSync(path));

export const missingFirefox =
  firefox === undefined
    ? "NO FIREFOX HERE: nothing was tried in it. Install it (apt install firefox-esr) or set FIREFOX."
    : undefined;

/**
 * Opens a page in Firefox, without a window. What drives it must be in the page: playwright-core drives no Firefox but its own
 * and the newest.
 *
 * @returns closes it
 */
export function openInFirefox(address: string): () => Promise<void> {
  const profile = mkdtempSync(join(tmpdir(), "firefox-"));
  const child = spawn(firefox ?? "", ["--headless", "--no-remote", "--profile", profile, address], {
    stdio: "ignore",
    // It would write into the user's folder.
    env: { ...process.env, HOME: profile, MOZ_CRASHREPORTER_DISABLE: "1" },
  });
  const ended = new Promise<void>((resolve) =>
    child.once("close", () => {
      resolve();
    }),
  );
  return async () => {
    child.kill();
    await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
}
