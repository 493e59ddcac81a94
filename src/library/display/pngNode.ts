import { join } from "node:path";
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import type { Figure } from "../figures/plotlyFigure.js";

/** What the drawing thread is asked for. */
export interface RenderRequest {
  readonly figure: Pick<Figure, "data" | "layout">;
  readonly format: "png" | "svg";
  readonly width: number;
  readonly height: number;
  readonly scale: number;
  readonly port: MessagePort;
  /** Set to 1 when the answer is on its way. */
  readonly done: Int32Array;
}

/** What it answers. */
export type RenderAnswer = { readonly picture: Uint8Array } | { readonly error: string };

/** How long a picture may take, its thread's start included. It takes a second at most. */
const LIMIT_MS = 30_000;

/**
 * Pixels of the picture for each pixel of the figure. JupyterLab's plotly extension shows the picture at its own size
 * until the mouse comes, so one that is larger is cut off.
 */
const SCALE = 1;

/** Whether figures can be drawn as pictures. */
export const drawsPictures = (): boolean => true;

let worker: Worker | undefined;

/** Starts the drawing thread, so that the first figure need not wait for it. It keeps no process alive. */
export function startRenderer(): Worker {
  if (!worker) {
    const started = new Worker(join(__dirname, "renderWorkerNode.js"));
    started.unref();
    // A thread that cannot start is reported by the next figure, when its answer does not come.
    started.on("error", () => (worker = undefined));
    worker = started;
  }
  return worker;
}

/** The figure's size in pixels. */
export function sizeOfFigure({ layout }: Figure): { width: number; height: number } {
  return { width: layout.width, height: layout.height };
}

/**
 * Starts it with the library, but not when a submission is run for marks: few draw a figure.
 */
export function startRendererEarly(): void {
  if (process.env["NBGRADER_EXECUTION"] === undefined) {
    startRenderer();
  }
}

/**
 * Draws a figure as a PNG of its size in pixels. Waits for the drawing thread.
 *
 * @throws Error if it cannot be drawn.
 */
export function renderPng(figure: Figure): Uint8Array {
  return render("renderPng", figure, "png");
}

/** The same as a base64 text. */
export function renderPngBase64(figure: Figure): string {
  return Buffer.from(renderPng(figure)).toString("base64");
}

/** Draws a figure as an SVG, which holds its text for those who do not see it. */
export function renderSvg(figure: Figure): string {
  const svg = Buffer.from(render("renderSvg", figure, "svg")).toString("utf8");
  const alt = figure.alt.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
  return svg.replace("<svg ", `<svg role="img" aria-label="${alt}" `);
}

function render(owner: string, figure: Figure, format: "png" | "svg"): Uint8Array {
  const { data, layout } = figure;
  const { port1, port2 } = new MessageChannel();
  const done = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const size = sizeOfFigure(figure);
  const request: RenderRequest = {
    figure: { data, layout },
    format,
    ...size,
    scale: SCALE,
    port: port2,
    done,
  };
  startRenderer().postMessage(request, [port2]);
  Atomics.wait(done, 0, 0, LIMIT_MS);
  const answer = receiveMessageOnPort(port1)?.message as RenderAnswer | undefined;
  port1.close();
  if (answer && "picture" in answer) {
    return answer.picture;
  }
  throw new Error(
    `${owner}(): the figure could not be drawn: ${answer?.error ?? "no answer from the drawing thread"}`,
  );
}
