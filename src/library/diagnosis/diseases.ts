import { dataDiseases } from "./dataDiseases.js";
import type { LookedFor } from "./disease.js";
import { outputDiseases } from "./outputDiseases.js";
import { startDiseases } from "./startDiseases.js";
import { trainingDiseases } from "./trainingDiseases.js";

/**
 * What is looked for, causes before their effects: a wrong input saturates units, which makes a gradient vanish. To add
 * a disease, add an entry to the table of its kind, one of the four files above; its name is its key. Thresholds were set with
 * networks of other seeds and recipes than the tests have.
 */
const TABLE = { ...outputDiseases, ...dataDiseases, ...startDiseases, ...trainingDiseases };

/** The name of what can be wrong with a training. */
export type Disease = keyof typeof TABLE;

export const diseases: Readonly<Record<Disease, LookedFor>> = TABLE;

/** All names in the tables, in the order in which they are looked for. */
export const diseaseNames = Object.keys(TABLE) as Disease[];
