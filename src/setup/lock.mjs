/**
 * A lock on the project's folder: one set-up at a time.
 * @module
 */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { locked } from "./messages.mjs";

/**
 * A process: its number, and when it started, as the number may be given again later.
 * @typedef {{ pid: number, started: string }} Holder
 */

/**
 * @param {number} pid
 * @returns {string} the start of a process, where the system tells (Linux), else ""
 */
function startOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field, the program's name in brackets, may hold blanks: count from its end.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // A process that has ended stays in the list until its parent asks after it, which some never do.
    return fields[0] === "Z" ? "ended" : (fields[19] ?? "");
  } catch {
    return "";
  }
}

/** @param {Holder} holder */
function isAlive({ pid, started }) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "ESRCH") return false;
  }
  return startOf(pid) === started;
}

/**
 * @param {string} file
 * @returns {{ text: string, holders: Holder[] } | undefined} nothing if there is no lock
 */
function read(file) {
  /** @type {string} */
  let text;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
  try {
    return { text, holders: /** @type {Holder[]} */ (JSON.parse(text)) };
  } catch {
    return { text, holders: [] };
  }
}

export class Lock {
  /** @param {string} file */
  constructor(file) {
    this.file = file;
    /** @type {Holder[]} */
    this.holders = [];
  }

  /** Takes the lock, from a dead process if need be; throws if a living one holds it. */
  take() {
    mkdirSync(dirname(this.file), { recursive: true });
    this.holders = [{ pid: process.pid, started: startOf(process.pid) }];
    const own = `${this.file}.${process.pid}`;
    writeFileSync(own, JSON.stringify(this.holders));
    try {
      while (!this.#link(own)) {
        const found = read(this.file);
        if (found === undefined) continue;
        const holder = found.holders.find(isAlive);
        if (holder !== undefined) throw locked(holder.pid, this.file);
        this.#breakStale(found.text);
      }
    } finally {
      rmSync(own, { force: true });
    }
  }

  /**
   * Notes a tool that was started: while it lives, the lock holds, even if this process is killed.
   * @param {number} pid
   */
  add(pid) {
    if (this.holders.length === 0) return;
    this.holders.push({ pid, started: startOf(pid) });
    this.#write();
  }

  /** @param {number} pid */
  remove(pid) {
    if (this.holders.length === 0) return;
    this.holders = this.holders.filter((holder) => holder.pid !== pid);
    this.#write();
  }

  release() {
    if (this.holders.length === 0) return;
    this.holders = [];
    rmSync(this.file, { force: true });
  }

  #write() {
    const own = `${this.file}.${process.pid}`;
    writeFileSync(own, JSON.stringify(this.holders));
    renameSync(own, this.file);
  }

  /** @param {string} own */
  #link(own) {
    try {
      // Unlike a rename this fails if the lock is there, and unlike a write it is there in full at once.
      linkSync(own, this.file);
      return true;
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code === "EEXIST") return false;
      throw error;
    }
  }

  /** @param {string} text the stale lock's content */
  #breakStale(text) {
    const aside = `${this.file}.stale.${process.pid}`;
    try {
      renameSync(this.file, aside);
      // Someone else broke the stale lock and took it in between: give it back.
      if (readFileSync(aside, "utf8") !== text) linkSync(aside, this.file);
    } catch {
      // It is gone, or taken again: the next look tells.
    }
    rmSync(aside, { force: true });
  }
}
