import { fail } from "../ground/validation.js";

/**
 * Checks what a lesson says about its numbers, each claim in words with whether it holds: prints those that do.
 *
 * @throws Error at the first that does not, naming it; RangeError for what is neither true nor false.
 */
export function checkClaims(claims: Readonly<Record<string, boolean>>): void {
  const owner = "checkClaims";
  for (const [claim, holds] of Object.entries<unknown>(claims)) {
    // NaN, for example, would pass for a claim that does not hold, and 0.3 for one that does.
    if (typeof holds !== "boolean") {
      fail(owner, `claims["${claim}"]`, holds, "true or false");
    }
    if (!holds) {
      throw new Error(`${owner}(): this does not hold: ${claim}`);
    }
    console.log(`holds: ${claim}`);
  }
}
