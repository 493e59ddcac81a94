export { activationFigure, type ActivationFigureOptions } from "./activation.js";
export {
  gradientByLayerFigure,
  type GradientByLayerOptions,
  weightChangeByLayerFigure,
  type WeightChangeByLayerOptions,
} from "./byLayer.js";
export { dataFigure, type DataFigureOptions } from "./data.js";
export type { Figure } from "./figure.js";
export { historyFigure, type HistoryOptions, type HistoryQuantity } from "./history.js";
export { lossFigure } from "./loss.js";
export type { Series } from "./series.js";
export { weightChangeFigure, type WeightChangeOptions } from "./weightChange.js";
