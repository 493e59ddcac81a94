import { quote } from "../ground/format.js";
import { requireList } from "../ground/validation.js";
import { WrongAnswer } from "./expectations.js";

/** A question that is answered before the result is shown. */
interface Question {
  readonly choices: readonly string[];
  answer?: string;
  shown: boolean;
}

const questions = new Map<string, Question>();

/**
 * Asks for a prediction, and prints the question with its choices. To ask again keeps an answer that was given.
 *
 * @param name what `predict` and `afterPrediction` call the question
 * @example
 * askPrediction("depth", "Does a deeper network learn faster?", ["yes", "no"]);
 */
export function askPrediction(name: string, question: string, choices: readonly string[]): void {
  requireList("askPrediction", "choices", choices, "choices", 2);
  const known = questions.get(name);
  questions.set(name, { shown: false, ...known, choices });
  console.log([question, ...choices.map((choice) => `  "${choice}"`)].join("\n"));
}

/**
 * Records a prediction. It may be changed until its result is shown, not after.
 *
 * @throws RangeError if there is no such question, or the answer is none of its choices.
 * @throws Error if the result has been shown, and the answer is another one now.
 * @example
 * askPrediction("width", "Does a wider network learn faster?", ["yes", "no"]);
 * predict("width", "no");
 */
export function predict(name: string, answer: string): void {
  const question = find("predict", name);
  if (!question.choices.includes(answer)) {
    const choices = question.choices.map((choice) => quote(choice)).join(", ");
    throw new RangeError(`predict(): ${quote(answer)} is none of the choices: ${choices}`);
  }
  if (question.shown && question.answer !== answer) {
    throw new Error(`You have seen the result: your prediction stays ${quote(question.answer)}.`);
  }
  question.answer = answer;
}

/**
 * Opens the result of a question: a cell that shows it starts with this line.
 *
 * @returns the prediction
 * @throws Error if nothing was predicted.
 * @example
 * askPrediction("batch", "Do larger batches learn faster?", ["yes", "no"]);
 * predict("batch", "no");
 * afterPrediction("batch"); // "no"
 */
export function afterPrediction(name: string): string {
  const question = find("afterPrediction", name);
  if (question.answer === undefined) {
    throw new Error(`Predict first: the result is shown after predict(${quote(name)}, ...).`);
  }
  question.shown = true;
  return question.answer;
}

/** Where tests run for marks, predictions are asked of another process. */
let predictionOf: (name: string) => unknown = afterPrediction;

/** From now on `expectPrediction` asks `other` for predictions. */
export function askForPredictions(other: (name: string) => unknown): void {
  predictionOf = other;
}

/**
 * Checks that a question has been answered by one of its choices.
 *
 * @throws WrongAnswer if the answer is none of them. Error if nothing was predicted.
 */
export async function expectPrediction(name: string): Promise<void> {
  const { choices } = find("expectPrediction", name);
  const answer = await predictionOf(name);
  if (!choices.includes(answer as string)) {
    const all = choices.map((choice) => quote(choice)).join(", ");
    throw new WrongAnswer(`your prediction "${name}": expected one of ${all}, got ${quote(answer)}`);
  }
}

function find(caller: string, name: string): Question {
  const question = questions.get(name);
  if (question === undefined) {
    const known = [...questions.keys()].map((key) => quote(key)).join(", ") || "none";
    throw new RangeError(`${caller}(): there is no question ${quote(name)}; asked so far: ${known}`);
  }
  return question;
}
