/**
 * How good is `diagnose`? `npm run diagnosis -- programs [SEEDS]`: on real broken programs. `... recipes [NETWORKS] [write]`: on
 * networks drawn at random, healthy ones and such with one mistake or two; "write" writes what was said for
 * `loadKnownCases`. `... calibrate [NETWORKS]`: how sure its findings can be, on other such networks.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { diseaseNames, knownCasesToCsv, median } from "vanishing-gradients";
import { programs } from "./facts.js";
import { type ProgramReport, reportOn } from "./programTrial.js";
import { mistakePairs } from "./recipes.js";
import { confidencesOf, hearNumber, type Purpose, recipeNames, type Said } from "./recipeTrial.js";

/** In the sources, whatever is compiled where. */
const KNOWN_CASES = join(__dirname, "..", "..", "..", "library", "data", "diagnoses.csv");

/** What the healthiest of AutoTrainer's own reach at least: 74 % of the circles, where a constant answer has 50. */
const HEALTHY_GAIN = 0.48;

const percent = (part: number, whole: number): string => `${Math.round((100 * part) / whole)} %`;
const isMost = (flags: readonly boolean[]): boolean => 2 * flags.filter(Boolean).length > flags.length;

/** A line a program, and what all come to. */
async function measurePrograms(seeds: number, pattern = ""): Promise<void> {
  const rows: { kind: string; reports: ProgramReport[] }[] = [];
  for (const facts of programs.filter(({ id, kind }) => `${kind}:${id}`.includes(pattern))) {
    const reports: ProgramReport[] = [];
    for (let seed = 1; seed <= seeds; seed++) {
      reports.push(await reportOn(facts, seed, facts.kind !== "healthy"));
    }
    rows.push({ kind: facts.kind, reports });
    const [{ refusal, verdict = "refused", findings, tried }] = reports as [ProgramReport];
    const found = findings.map(({ disease, confidence }) => `${disease} (${confidence})`).join("; ");
    const worked = tried.filter((one) => one.worked).map(({ cures }) => cures.join(" + "));
    const named = `${reports.filter(({ isNamed }) => isNamed).length} of ${seeds}`;
    console.log(
      `${facts.kind} ${facts.id} [${facts.labels.join(", ")}]\n    ${verdict}: ${refusal ?? (found || "nothing")}${worked.length > 0 ? `\n    what worked: ${worked.join("; ")}` : ""}${facts.kind === "faulty" ? `\n    named: ${named}` : ""}`,
    );
  }
  const of = (kind: string): ProgramReport[][] =>
    rows.filter((row) => row.kind === kind).map(({ reports }) => reports);
  const faulty = of("faulty");
  if (faulty.length > 0) {
    const count = (is: (report: ProgramReport) => boolean): number =>
      faulty.filter((reports) => isMost(reports.map(is))).length;
    const all = faulty.flat();
    const findings = all.reduce((sum, report) => sum + report.findings.length, 0);
    const inVain = all.reduce((sum, report) => sum + report.inVain, 0);
    const typical = median(all.map((report) => report.findings.length));
    // The same measure of an answer that is always the same.
    const always = ["activation", "learning rate"] as const;
    const byAlways = programs.filter(
      ({ kind, labels }) => kind === "faulty" && always.some((label) => labels.includes(label)),
    );
    const vainAlways = programs
      .filter(({ kind }) => kind === "faulty")
      .reduce((sum, { labels }) => sum + always.filter((label) => !labels.includes(label)).length, 0);
    console.log(
      `\nFaulty programs: a label is named in ${count(({ isNamed }) => isNamed)} of ${faulty.length}; the first finding is a label or is cured in ${count(({ isFirstRight }) => isFirstRight)}.`,
      `\nFindings a program: median ${typical}; in vain: ${inVain} of ${findings} (${percent(inVain, findings)}).`,
      `\nAlways "activation, learning rate": named ${byAlways.length}, in vain ${vainAlways} of ${2 * programs.filter(({ kind }) => kind === "faulty").length}.`,
    );
    for (const tool of ["umlaut", "autotrainer", "deeplocalize", "deepfd"] as const) {
      console.log(
        `${tool}: named ${programs.filter(({ kind, diagnosedBy }) => kind === "faulty" && diagnosedBy?.[tool]).length}`,
      );
    }
  }
  const sick = of("sick");
  if (sick.length > 0) {
    const cured = sick.filter((reports) =>
      isMost(
        reports.map(({ tried }) =>
          tried.some(
            ({ worked, verdict, gain }) => worked && gain >= HEALTHY_GAIN && verdict !== "does not learn",
          ),
        ),
      ),
    );
    console.log(
      `Sick networks of AutoTrainer's: a cure that was named brings ${cured.length} of ${sick.length} to learn.`,
    );
  }
  const healthy = of("healthy").flat();
  if (healthy.length > 0) {
    const alarmed = healthy.filter(({ findings }) => findings.some(({ confidence }) => confidence >= 0.9));
    console.log(
      `Healthy programs with a finding that is said to be sure: ${alarmed.length} of ${healthy.length} trainings.`,
    );
  }
}

async function hearAll(purpose: Purpose, networks: number, least: number): Promise<Said[]> {
  const said: Said[] = [];
  for (const name of recipeNames) {
    for (let i = 0; i < networks; i++) {
      said.push(await hearNumber(purpose, i, [name], least));
    }
    console.error(`${name}: ${networks} networks trained`);
  }
  for (let i = 0; i < networks * 10; i++) {
    said.push(await hearNumber(purpose, i, [], least));
  }
  console.error(`healthy: ${networks * 10} networks trained`);
  for (const pair of mistakePairs) {
    for (let i = 0; i < networks / 10; i++) {
      said.push(await hearNumber(purpose, i, pair, least));
    }
  }
  return said;
}

/** Which disease was said first of networks with each mistake; and how sure it was of what was right. */
async function measureRecipes(networks: number, isWritten: boolean): Promise<void> {
  const said = await hearAll("measure", networks, 0.5);
  if (isWritten) {
    writeFileSync(KNOWN_CASES, knownCasesToCsv(said));
  }
  const of = (mistakes: number): Said[] =>
    said.filter((one) => one.mistakes.length === mistakes && (mistakes === 0 || one.verdict !== "learns"));
  const [healthy, sick, pairs] = [of(0), of(1), of(2)];
  const isNamed = ({ findings }: Said, name: string): boolean =>
    findings.some(({ disease }) => disease === name);
  for (const name of recipeNames) {
    const own = sick.filter(({ mistakes }) => mistakes.includes(name));
    const right = own.filter((one) => isNamed(one, name)).length;
    const firsts = new Map<string, number>();
    own.forEach(({ findings: [first] }) => {
      const key = first?.disease ?? "nothing";
      firsts.set(key, (firsts.get(key) ?? 0) + 1);
    });
    const told = [...firsts].sort((a, b) => b[1] - a[1]).map(([disease, count]) => `${disease} ${count}`);
    console.log(`${name}: named ${right} of ${own.length} that do not learn; first: ${told.join(", ")}`);
  }
  const named = sick.filter((one) => isNamed(one, one.mistakes[0]!)).length;
  console.log(`\nNamed: ${named} of ${sick.length} (${percent(named, sick.length)}).`);
  const [one, both] = ["some", "every"].map(
    (which) =>
      pairs.filter((pair) => pair.mistakes[which as "some" | "every"]((name) => isNamed(pair, name))).length,
  );
  console.log(
    `Of ${pairs.length} with two mistakes that do not learn, one is named in ${one}, both in ${both}.`,
  );
  const alarmed = healthy.filter(({ findings }) => findings.some(({ confidence }) => confidence >= 0.9));
  console.log(
    `Healthy networks with a finding that is said to be sure: ${alarmed.length} of ${healthy.length}.`,
  );
  for (const [what, cases] of [
    ["with one mistake or none", [...healthy, ...said.filter(({ mistakes }) => mistakes.length === 1)]],
    ["with two mistakes", said.filter(({ mistakes }) => mistakes.length === 2)],
  ] as const) {
    for (const [from, to] of [
      [0.5, 0.7],
      [0.7, 0.9],
      [0.9, 1],
    ] as const) {
      const found = cases.flatMap(({ findings }) =>
        findings.filter(({ confidence }) => confidence >= from && (confidence < to || to === 1)),
      );
      const right = found.filter(({ isRight }) => isRight).length;
      console.log(
        `Of findings in networks ${what}, with a confidence from ${from} to ${to}, ${right} of ${found.length} are right.`,
      );
    }
  }
}

async function calibrate(networks: number): Promise<void> {
  const measured = confidencesOf(await hearAll("calibrate", networks, 0));
  for (const name of diseaseNames) {
    const counts = Object.entries(measured.get(name)!).map(
      ([verdict, { right, of, confidence }]) => `${verdict} ${confidence.toFixed(2)} (${right} of ${of})`,
    );
    console.log(`${name}: ${counts.join(", ")}`);
  }
}

async function main([command, count, pattern]: readonly string[]): Promise<void> {
  const commands: Readonly<Record<string, () => Promise<void>>> = {
    programs: () => measurePrograms(Number(count ?? 5), pattern),
    recipes: () => measureRecipes(Number(count ?? 20), pattern === "write"),
    calibrate: () => calibrate(Number(count ?? 20)),
  };
  const run = commands[command ?? ""];
  if (run === undefined || !(Number(count ?? 1) > 0)) {
    console.error(
      "Usage: npm run diagnosis -- programs [SEEDS], recipes [NETWORKS] [write] or calibrate [NETWORKS]",
    );
    process.exitCode = 1;
    return;
  }
  await run();
}

void main(process.argv.slice(2));
