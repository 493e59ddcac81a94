import type { Layout, LayoutAxis } from "plotly.js-dist";
import type { Style } from "./style.js";
import { isActivationName, type ActivationName } from "../models/activations.js";

/** Size of every figure in pixels: it fits a notebook's width. */
export const SIZE = { width: 760, height: 420 };

const INK = "#2a2a2a";
const GRID = "#dddddd";

/**
 * One look for each activation function in the whole course. The colours differ in lightness too, so that they are
 * told apart without colour vision, and all have a contrast of at least 3 to 1 with white (WCAG 2.2, 1.4.11).
 */
const ACTIVATION_STYLES: Readonly<Record<ActivationName, Style>> = {
  sigmoid: { color: "#c44500", dash: "solid", symbol: "circle" },
  tanh: { color: "#00795a", dash: "dash", symbol: "diamond" },
  relu: { color: "#0072b2", dash: "solid", symbol: "square" },
  leakyRelu: { color: "#3a86c8", dash: "dash", symbol: "square-open" },
  relu6: { color: "#1b3f7a", dash: "dot", symbol: "square-cross" },
  elu: { color: "#8a5a00", dash: "solid", symbol: "triangle-up" },
  selu: { color: "#a6458b", dash: "dash", symbol: "triangle-down" },
  softplus: { color: "#6b6b00", dash: "dot", symbol: "pentagon" },
  softsign: { color: "#4a7c59", dash: "dashdot", symbol: "diamond-open" },
  hardSigmoid: { color: "#d1604a", dash: "dash", symbol: "circle-open" },
  swish: { color: "#7b3fa0", dash: "solid", symbol: "hexagon" },
  mish: { color: "#b0306a", dash: "dot", symbol: "star" },
  gelu: { color: "#2f7f7f", dash: "solid", symbol: "cross" },
  gelu_new: { color: "#1d5c63", dash: "dashdot", symbol: "x" },
  linear: { color: "#555555", dash: "solid", symbol: "circle-open" },
};

const DASHES = ["solid", "dash", "dot", "dashdot", "longdash"] as const;

/** The look of an activation function. */
export function styleOf(activation: string): Style {
  return ACTIVATION_STYLES[isActivationName(activation) ? activation : "linear"];
}

/** The looks of several networks: an activation that comes again keeps its colour and gets the next dash. */
export function stylesOf(activations: readonly string[]): Style[] {
  return activations.map((activation, i) => {
    const earlier = activations.slice(0, i).filter((other) => other === activation).length;
    const style = styleOf(activation);
    return earlier === 0 ? style : { ...style, dash: DASHES[earlier % DASHES.length]! };
  });
}

/** Looks for things that are no activation functions, such as classes. */
export function nthStyle(index: number): Style {
  const styles = Object.values(ACTIVATION_STYLES);
  return styles[index % styles.length]!;
}

/** The i-th of n colours from dark violet to light orange, for an order such as first to last layer. */
export function orderedColor(index: number, count: number): string {
  const stops = ["#3b0f70", "#6a3d9a", "#b5367a", "#e0561f", "#d98a00"].map((hex) =>
    [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)),
  );
  const place = count < 2 ? 0 : (index / (count - 1)) * (stops.length - 1);
  const [low, high] = [stops[Math.floor(place)]!, stops[Math.ceil(place)]!];
  const mixed = low.map((channel, c) => Math.round(channel + (high[c]! - channel) * (place % 1)));
  return `rgb(${mixed.join(", ")})`;
}

/** The layout all figures share. */
export function layoutOf(title: string, rest: Partial<Layout>): Partial<Layout> {
  return {
    ...SIZE,
    title: { text: title, font: { size: 17 }, x: 0.02, xanchor: "left", y: 0.97, yanchor: "top" },
    font: { family: "Open Sans, Arial, sans-serif", size: 13, color: INK },
    paper_bgcolor: "#ffffff",
    plot_bgcolor: "#ffffff",
    margin: { l: 80, r: 25, t: 55, b: 65 },
    legend: { orientation: "v" },
    hoverlabel: { font: { family: "Open Sans, Arial, sans-serif" } },
    ...rest,
  };
}

/** An axis with a title. */
export function axis(title: string, rest: Partial<LayoutAxis> = {}): Partial<LayoutAxis> {
  return {
    title: { text: title },
    gridcolor: GRID,
    linecolor: INK,
    showline: true,
    ticks: "outside",
    zeroline: false,
    ...rest,
  };
}
