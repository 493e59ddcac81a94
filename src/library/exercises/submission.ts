import { readPlain, writePlain } from "./plain.js";

/** Sends a text to the process that a submission runs in, and gives the text that comes back. */
export type Ask = (question: string) => Promise<string>;

/** A call of an answer, or without arguments the answer itself. */
interface Question {
  readonly name: string;
  readonly values?: readonly unknown[];
}

interface Reply {
  readonly value: unknown;
  /** The arguments as the call left them. */
  readonly values?: readonly unknown[];
}

/**
 * Stands in for an answer of a submission where tests run for marks, in a process of their own: `await f(1)` asks the
 * submission's process to call its `f`, `await f` asks for its value. What comes back is plain data, and a claim.
 *
 * @param name what the submission calls it
 */
export function answerOf(name: string, ask: Ask): object {
  const put = async (values?: readonly unknown[]): Promise<unknown> => {
    const reply = (await readPlain(await ask(writePlain({ name, ...(values && { values }) })))) as Reply;
    // Whether a call changed a list of numbers is a claim, too, and a test may compute with that list afterwards. So it
    // learns which entries were changed, and not to what.
    values?.forEach((value, i) => {
      const left = reply.values?.[i];
      if (Array.isArray(value) && Array.isArray(left) && value.every((entry) => typeof entry === "number")) {
        value.forEach((entry, k) => {
          value[k] = left.length === value.length && left[k] === entry ? entry : NaN;
        });
      }
    });
    return reply.value;
  };
  const call = (...values: unknown[]): Promise<unknown> => put(values);
  return Object.assign(call, {
    then: (done: (value: unknown) => unknown, failed: (error: unknown) => unknown) =>
      put().then(done, failed),
  });
}

/**
 * Answers for a submission, in its process, until it is asked no more.
 *
 * @param answer gives what the submission calls by the name that questions are about
 * @param ask sends a reply, and gives the next question
 */
export async function answerQuestions(answer: () => unknown, ask: Ask): Promise<void> {
  for (let question = await ask(""); question !== "";) {
    const { values } = (await readPlain(question, { functions: true })) as Question;
    const own = answer();
    const value = await (values ? (own as (...all: unknown[]) => unknown)(...values) : own);
    // Functions don't come back.
    const left = values?.map((each) => (typeof each === "function" ? null : each));
    question = await ask(writePlain({ value, ...(left && { values: left }) }));
  }
}
