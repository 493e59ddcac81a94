import type { Figure } from "../figures/plotlyFigure.js";

/** A page draws its figures itself, interactive ones: it needs no pictures of them. */
export const drawsPictures = (): boolean => false;

/** Nothing to start. */
export const startRendererEarly = (): void => {};

/** The figure's size in pixels. */
export function sizeOfFigure({ layout }: Figure): { width: number; height: number } {
  return { width: layout.width, height: layout.height };
}

/** A worker can't draw. */
export function renderPng(): never {
  throw new Error(
    "renderPng(): a page can't draw a picture in a cell; use the camera above a figure to download it",
  );
}

export const renderPngBase64 = renderPng;
