/** For tests: a TypeScript program that uses the installed package. */
import { writeFileSync } from "node:fs";
import { join, sep } from "node:path";
import ts from "typescript";
import { project } from "./install.js";

/** A compiler, and how it looks for modules. */
export interface Mode {
  readonly name: string;
  readonly compiler: typeof ts;
  readonly options: ts.CompilerOptions;
}

// tslab's own compiler, the oldest that is supported.
// eslint-disable-next-line @typescript-eslint/no-require-imports -- two compilers, one of which has types
const old = require("@tslab/typescript-for-tslab") as typeof ts;

const { ModuleKind, ModuleResolutionKind } = ts;
const RESOLUTIONS = {
  node16: { module: ModuleKind.Node16, moduleResolution: ModuleResolutionKind.Node16 },
  bundler: { module: ModuleKind.ESNext, moduleResolution: ModuleResolutionKind.Bundler },
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- tslab's compiler and old projects have it
  node10: { module: ModuleKind.ESNext, moduleResolution: ModuleResolutionKind.Node10 },
};

export const MODES: readonly Mode[] = [
  ...Object.entries(RESOLUTIONS).map(([resolution, options]) => ({
    name: `${ts.version} (${resolution})`,
    compiler: ts,
    // TypeScript 6 warns of the old way.
    options: resolution === "node10" ? { ...options, ignoreDeprecations: "6.0" } : options,
  })),
  { name: `${old.version} (node10)`, compiler: old, options: RESOLUTIONS.node10 },
];

/** Uses types by name, as a module that is CommonJS where the compiler makes a difference. */
const TYPED = `
import { buildMlp, type Figure, lossFigure, type MlpSpec, recordTraining, type TrainingRecord, type Dataset } from "vanishing-gradients";

export async function draw(spec: MlpSpec & { residual?: false }, dataset: Dataset): Promise<Figure> {
  const model = buildMlp(spec);
  const record: TrainingRecord = await recordTraining(model, dataset, { optimizer: "adam", learningRate: 0.01, epochs: 1 });
  const units: number = model.layers.length + record.layers[0]!.units;
  // @ts-expect-error -- the record is no bag of anything
  record.layers[0]!.unit;
  // @ts-expect-error -- nor are names any text
  buildMlp({ ...spec, activation: "sigmoyd" });
  return { ...lossFigure(record), alt: String(units) };
}
`;

/**
 * What the compiler says of the script, of a program that uses types, and of the package's own types. (Those of
 * TensorFlow.js are not looked at: they do not pass.)
 */
export function complaints(folder: string, script: string, { compiler, options }: Mode): string[] {
  const files = { "first.mts": script, "typed.ts": TYPED };
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text);
  }
  const paths = Object.keys(files).map((name) => join(folder, name));
  const target = compiler.ScriptTarget.ES2022;
  const node = { types: ["node"], typeRoots: [join(project, "node_modules", "@types")] };
  const program = compiler.createProgram(paths, { ...options, ...node, target, strict: true, noEmit: true });
  const own = join(folder, "node_modules", "vanishing-gradients") + sep;
  const read = program
    .getSourceFiles()
    .filter(({ fileName }) => paths.includes(fileName) || fileName.startsWith(own));
  const diagnostics = [
    ...program.getOptionsDiagnostics(),
    ...read.flatMap((file) => [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
    ]),
  ];
  return diagnostics.map(
    ({ file, messageText }) =>
      `${file?.fileName ?? ""}: ${compiler.flattenDiagnosticMessageText(messageText, "\n")}`,
  );
}
