/**
 * Figures, made of plain numbers.
 *
 * @module figures
 */
export { testAccuracyFigure, type AccuracyFigureOptions } from "./testAccuracyFigure.js";
export { activationFigure, type ActivationFigureOptions } from "./activationFigure.js";
export {
  gradientByLayerFigure,
  type GradientByLayerOptions,
  type TheoryLine,
  weightChangeByLayerFigure,
  type WeightChangeByLayerOptions,
} from "./gradientByLayerFigure.js";
export { chooseFigure, type ChoiceOptions } from "./chooseFigure.js";
export { distributionFigure, type Distribution, type DistributionOptions } from "./distributionFigure.js";
export { sensitiveRangeFigure, type SensitiveRangeOptions } from "./sensitiveRangeFigure.js";
export { dataFigure, type DataFigureOptions } from "./dataFigure.js";
export type { Figure, FigureLayout, Trace } from "./plotlyFigure.js";
export { historyFigure, type HistoryOptions } from "./historyFigure.js";
export { type Line, linesFigure, type LinesOptions } from "./linesFigure.js";
export { lossFigure } from "./lossFigure.js";
export type { HistoryQuantity } from "./historyQuantities.js";
export type { Series } from "./series.js";
export { trainabilityFigure, type TrainabilityPanel } from "./trainabilityFigure.js";
export { weightChangeFigure, type WeightChangeOptions } from "./weightChangeFigure.js";
