import { isActivationName, type ActivationName } from "../models/activations.js";

/** How a line and its markers look. Color is never alone: dash and symbol tell the same. */
export interface Style {
  readonly color: string;
  readonly dash: "solid" | "dash" | "dot" | "dashdot" | "longdash";
  readonly symbol: string;
}

/**
 * One look for each activation function in the whole course. The colors differ in lightness too, so that they are
 * told apart without color vision, and all have a contrast of at least 3 to 1 with white (WCAG 2.2, 1.4.11).
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
const SYMBOLS = ["circle", "diamond", "triangle-up", "square", "star", "cross", "hexagon"] as const;

/** The classes of a dataset: other colors than those of the functions that are compared most. */
const CLASS_COLORS = ["#6a3d9a", "#a66a00", "#008b8b", "#b0306a", "#3f3f3f", "#5f7a00", "#9c5a3c"] as const;

/** From the first layer to the last: dark violet to orange. */
const ORDER_COLORS = ["#3b0f70", "#6a3d9a", "#b5367a", "#d9501c", "#b87400"] as const;

/** The looks of several networks: an activation that comes again keeps its color and gets another dash and symbol. */
export function stylesOf(activations: readonly string[]): Style[] {
  return activations.map((activation, i) => {
    const earlier = activations.slice(0, i).filter((other) => other === activation).length;
    const style = ACTIVATION_STYLES[isActivationName(activation) ? activation : "linear"];
    return {
      color: style.color,
      dash: rotate(DASHES, style.dash, earlier),
      symbol: earlier === 0 ? style.symbol : rotate(SYMBOLS, style.symbol, earlier),
    };
  });
}

/** The look of the points of a class. */
export function classStyle(label: number): Omit<Style, "dash"> {
  return {
    color: CLASS_COLORS[label % CLASS_COLORS.length]!,
    symbol: SYMBOLS[label % SYMBOLS.length]!,
  };
}

/** The i-th of n colors of an order such as first to last layer. */
export function orderedColor(index: number, count: number): string {
  const stops = ORDER_COLORS.map((hex) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)));
  const place = count < 2 ? 0 : (index / (count - 1)) * (stops.length - 1);
  const [low, high] = [stops[Math.floor(place)]!, stops[Math.ceil(place)]!];
  const mixed = low.map((channel, c) => Math.round(channel + (high[c]! - channel) * (place % 1)));
  return `#${mixed.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
}

/** The entry that stands `steps` places after one; after the last comes the first again. */
function rotate<T>(list: readonly T[], entry: unknown, steps: number): T {
  const place = Math.max(0, list.indexOf(entry as T));
  return list[(place + steps) % list.length]!;
}
