import { activation } from "./activation.js";
import { dataSet } from "./dataSet.js";
import { diagnosis } from "./diagnosis.js";
import { figure } from "./figure.js";
import { initializer } from "./initializer.js";
import { optimizer } from "./optimizer.js";

/** One addition of each kind that the README's table speaks of. */
export const additions = [activation, diagnosis, initializer, optimizer, dataSet, figure];
