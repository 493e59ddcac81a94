/** A word or a single sign of a program, and where it stands. */
interface Token {
  readonly text: string;
  readonly offset: number;
}

/** Above this many pairs of tokens (80 MB of table) a cell is data rather than code, and is not aligned. */
const largestTable = 4e7;

/**
 * Finds where a place in compiled code comes from in the source. tslab compiles cells without a source map. But compiled
 * code is its source, less the types, plus a little: the longest common subsequence of their tokens tells which belongs
 * to which. This runs only when an error is reported, so its cost does not matter.
 *
 * @returns the offset in `source` that belongs to `offset` in `compiled`; undefined if nothing of the source is there.
 */
export function alignOffset(compiled: string, source: string, offset: number): number | undefined {
  const from = tokenize(compiled);
  const to = tokenize(source);
  if (from.length * to.length > largestTable) {
    return undefined;
  }
  let nearest: { distance: number; offset: number } | undefined;
  for (const [compiledToken, sourceToken] of commonTokens(from, to)) {
    // A place within a token is nearest to that token's start; else the next token is as good as the one before.
    const distance = Math.abs(offset - compiledToken.offset);
    if (!nearest || distance < nearest.distance) {
      nearest = { distance, offset: sourceToken.offset };
    }
  }
  return nearest?.offset;
}

function tokenize(code: string): Token[] {
  return Array.from(code.matchAll(/[\w$]+|[^\s\w$]/g), (match) => ({ text: match[0], offset: match.index }));
}

/** The longest common subsequence of two lists of tokens, as pairs. */
function commonTokens(a: readonly Token[], b: readonly Token[]): [Token, Token][] {
  // lengths[i * width + j]: how many tokens a[i..] and b[j..] have in common.
  const width = b.length + 1;
  const lengths = new Uint16Array((a.length + 1) * width);
  const at = (i: number, j: number): number => lengths[i * width + j]!;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const same = a[i]!.text === b[j]!.text;
      lengths[i * width + j] = same ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const pairs: [Token, Token][] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (a[i]!.text === b[j]!.text) {
      pairs.push([a[i++]!, b[j++]!]);
    } else if (at(i + 1, j) >= at(i, j + 1)) {
      i++;
    } else {
      j++;
    }
  }
  return pairs;
}
