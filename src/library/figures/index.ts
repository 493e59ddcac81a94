/**
 * Figures, made of plain numbers.
 *
 * @module figures
 */
export { testAccuracyFigure, type AccuracyFigureOptions } from "./accuracy.js";
export { activationFigure, type ActivationFigureOptions } from "./activation.js";
export {
  gradientByLayerFigure,
  type GradientByLayerOptions,
  type TheoryLine,
  weightChangeByLayerFigure,
  type WeightChangeByLayerOptions,
} from "./byLayer.js";
export { chooseFigure, type ChoiceOptions } from "./choice.js";
export { distributionFigure, type Distribution, type DistributionOptions } from "./distribution.js";
export { sensitiveRangeFigure, type SensitiveRangeOptions } from "./sensitiveRange.js";
export { dataFigure, type DataFigureOptions } from "./data.js";
export type { Figure, FigureLayout, Trace } from "./figure.js";
export { historyFigure, type HistoryOptions } from "./history.js";
export { type Line, linesFigure, type LinesOptions } from "./lines.js";
export { lossFigure } from "./loss.js";
export type { HistoryQuantity } from "./quantities.js";
export type { Series } from "./series.js";
export { trainabilityFigure, type TrainabilityPanel } from "./trainability.js";
export { weightChangeFigure, type WeightChangeOptions } from "./weightChange.js";
