import papaparse from "papaparse";
import { readDataFile } from "./dataFileNode.js";

/** What `diagnose` said of a network of which it is known what is wrong. */
export interface KnownCase {
  /** None of a healthy network, one, or two that act at once. */
  readonly mistakes: readonly string[];
  /** Which of the networks with these mistakes it is. */
  readonly number: number;
  readonly verdict: "learns" | "learns in part" | "does not learn";
  readonly findings: readonly KnownFinding[];
}

/** A finding, and whether it is a mistake that was made or what follows from it. */
export interface KnownFinding {
  readonly disease: string;
  readonly confidence: number;
  readonly isRight: boolean;
}

/** A line of the file. */
interface Line {
  readonly mistakes: string;
  readonly number: string;
  readonly verdict: string;
  readonly findings: string;
}

/** Between mistakes; between findings; within a finding. */
const MARKS = { mistakes: " + ", findings: "; ", finding: ": " } as const;

/**
 * What `diagnose` said of some hundred networks drawn at random: healthy ones, and such with each mistake. None of them was used
 * when thresholds and confidences were set. The course's `npm run diagnosis -- recipes 20 write` has written them.
 *
 * @example
 * loadKnownCases().filter(({ mistakes }) => mistakes.length === 0).length; // 200
 */
export function loadKnownCases(): KnownCase[] {
  const { data } = papaparse.parse<Line>(readDataFile("diagnoses.csv"), {
    header: true,
    skipEmptyLines: true,
  });
  return data.map(({ mistakes, number, verdict, findings }) => ({
    mistakes: partsOf(mistakes, MARKS.mistakes),
    number: Number(number),
    verdict: verdict as KnownCase["verdict"],
    findings: partsOf(findings, MARKS.findings).map((finding) => {
      const [disease, confidence, right] = finding.split(MARKS.finding) as [string, string, string];
      return { disease, confidence: Number(confidence), isRight: right === "right" };
    }),
  }));
}

/** The same as a file has it. */
export function knownCasesToCsv(cases: readonly KnownCase[]): string {
  const lines = cases.map(({ mistakes, number, verdict, findings }) =>
    [
      mistakes.join(MARKS.mistakes),
      number,
      verdict,
      findings
        .map(({ disease, confidence, isRight }) =>
          [disease, confidence, isRight ? "right" : "wrong"].join(MARKS.finding),
        )
        .join(MARKS.findings),
    ].join(","),
  );
  return ["mistakes,number,verdict,findings", ...lines, ""].join("\n");
}

const partsOf = (text: string, mark: string): string[] => (text === "" ? [] : text.split(mark));
