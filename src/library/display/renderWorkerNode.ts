/** Draws figures, in a thread of its own: a figure takes a while, and plotly.js needs globals that look like a browser's. */
import { parentPort } from "node:worker_threads";
import type { RenderAnswer, RenderRequest } from "./pngNode.js";

// Loaded at once, so that it is there for the first figure. If that fails, those who ask for a figure are told.
const drawing = import("./drawNode.js");
drawing.catch(() => undefined);

parentPort?.on("message", (request: RenderRequest) => {
  void answer(request);
});

async function answer({ port, done, ...request }: RenderRequest): Promise<void> {
  let message: RenderAnswer;
  try {
    const { drawPicture } = await drawing;
    message = { picture: await drawPicture(request) };
  } catch (error) {
    message = { error: error instanceof Error ? error.message : String(error) };
  }
  port.postMessage(message);
  port.close();
  // Wakes the thread that waits in Atomics.wait.
  Atomics.store(done, 0, 1);
  Atomics.notify(done, 0);
}
