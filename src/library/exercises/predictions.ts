import { quote, short } from "../ground/format.js";
import { fail, requireList } from "../ground/validation.js";
import { WrongAnswer } from "./expectations.js";

/** A question that is answered before the result is shown. */
interface Question {
  /** None if the answer is a number. */
  readonly choices: readonly string[] | undefined;
  answer?: Prediction;
  shown: boolean;
}

/** One of a question's choices, or a number. */
export type Prediction = string | number;

const questions = new Map<string, Question>();

/**
 * Asks for a prediction, and prints the question with its choices. To ask again keeps an answer that was given.
 *
 * @param name what `predict`, `afterPrediction` and `comparePrediction` call the question
 * @param choices the answers to choose from; without them the answer is a number
 * @example
 * askPrediction("depth", "Does a deeper network learn faster?", ["yes", "no"]);
 */
export function askPrediction(name: string, question: string, choices?: readonly string[]): void {
  if (choices !== undefined) {
    requireList("askPrediction", "choices", choices, "choices", 2);
  }
  const known = questions.get(name);
  questions.set(name, { shown: false, ...known, choices });
  console.log([question, ...(choices ?? []).map((choice) => `  "${choice}"`)].join("\n"));
}

/**
 * Records a prediction. It may be changed until its result is shown, not after.
 *
 * @throws RangeError if there is no such question, or the answer is none of its choices or no number.
 * @throws Error if the result has been shown, and the answer is another one now.
 * @example
 * askPrediction("width", "Does a wider network learn faster?", ["yes", "no"]);
 * predict("width", "no");
 */
export function predict(name: string, answer: Prediction): void {
  const question = find("predict", name);
  requireAnswer("predict", question, answer);
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
export function afterPrediction(name: string): Prediction {
  const question = find("afterPrediction", name);
  if (question.answer === undefined) {
    throw new Error(`Predict first: the result is shown after predict(${quote(name)}, ...).`);
  }
  question.shown = true;
  return question.answer;
}

/**
 * Prints the answer to a question, and beside it what was predicted: right or not, and of a number by how much it was off.
 * Unlike `afterPrediction` it goes on where nothing was predicted, and the prediction may be another one at the next run.
 *
 * @throws RangeError if there is no such question, or the answer is none of its choices or no number.
 * @example
 * askPrediction("slope", "How steep is sigmoid at most?");
 * predict("slope", 1);
 * comparePrediction("slope", 0.25); // The answer: 0.25. You predicted 1, 4 times too large.
 */
export function comparePrediction(name: string, answer: Prediction): void {
  const question = find("comparePrediction", name);
  requireAnswer("comparePrediction", question, answer);
  const said = (one: Prediction): string => (typeof one === "number" ? short(one) : `"${one}"`);
  const { answer: predicted } = question;
  const verdict =
    predicted === undefined
      ? "You predicted nothing this time."
      : `You predicted ${said(predicted)}${verdictOn(predicted, answer)}`;
  console.log(`The answer: ${said(answer)}. ${verdict}`);
}

/** How far off a prediction was. */
function verdictOn(predicted: Prediction, answer: Prediction): string {
  if (typeof predicted === "string" || typeof answer === "string") {
    return predicted === answer ? ": right." : ", which is not so.";
  }
  const ratio = predicted / answer;
  if (ratio > 0 && Number.isFinite(ratio)) {
    const factor = Math.max(ratio, 1 / ratio);
    const direction = ratio > 1 ? "times too large" : "times too small";
    return factor < 1.1 ? ": right." : `, ${short(factor)} ${direction}.`;
  }
  return predicted === answer ? ": right." : `, off by ${short(Math.abs(predicted - answer))}.`;
}

/** Whether something is one of a question's choices, or a number where it has none. */
function isAnswer({ choices }: Question, answer: unknown): boolean {
  return choices
    ? choices.some((choice) => choice === answer)
    : typeof answer === "number" && !Number.isNaN(answer);
}

const listed = (choices: readonly string[]): string => choices.map((choice) => quote(choice)).join(", ");

function requireAnswer(owner: string, question: Question, answer: Prediction): void {
  if (isAnswer(question, answer)) {
    return;
  }
  const { choices } = question;
  if (choices === undefined) {
    fail(owner, "answer", answer, "a number");
  }
  throw new RangeError(`${owner}(): ${quote(answer)} is none of the choices: ${listed(choices)}`);
}

/** Where tests run for marks, predictions are asked of another process. */
let predictionOf: (name: string) => unknown = afterPrediction;

/** From now on `expectPrediction` asks `other` for predictions. */
export function askForPredictions(other: (name: string) => unknown): void {
  predictionOf = other;
}

/**
 * Checks that a question has been answered by one of its choices, or by a number where it has none.
 *
 * @throws WrongAnswer if it has not. Error if nothing was predicted.
 */
export async function expectPrediction(name: string): Promise<void> {
  const question = find("expectPrediction", name);
  const answer = await predictionOf(name);
  if (!isAnswer(question, answer)) {
    const expected = question.choices ? `one of ${listed(question.choices)}` : "a number";
    throw new WrongAnswer(`your prediction "${name}": expected ${expected}, got ${quote(answer)}`);
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
