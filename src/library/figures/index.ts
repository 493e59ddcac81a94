/**
 * Figures, made of plain numbers.
 *
 * @module figures
 */
export { activationFigure, type ActivationFigureOptions } from "./activationFigure.js";
export { chooseFigure, type ChoiceOptions } from "./chooseFigure.js";
export { type Answer, confusionFigure } from "./confusionFigure.js";
export { dataFigure, type DataFigureOptions } from "./dataFigure.js";
export { distributionFigure, type Distribution, type DistributionOptions } from "./distributionFigure.js";
export { exponentFigure, type ExponentOptions } from "./exponentFigure.js";
export {
  gradientByLayerFigure,
  type GradientByLayerOptions,
  type TheoryLine,
} from "./gradientByLayerFigure.js";
export { gradientByTimeStepFigure } from "./gradientByTimeStepFigure.js";
export { historyFigure, type HistoryOptions } from "./historyFigure.js";
export type { HistoryQuantity } from "./historyQuantities.js";
export { type Line, linesFigure, type LinesOptions } from "./linesFigure.js";
export { lossFigure } from "./lossFigure.js";
export type { Figure, FigureLayout, Trace } from "./plotlyFigure.js";
export { sensitiveRangeFigure, type SensitiveRangeOptions } from "./sensitiveRangeFigure.js";
export type { Series } from "./series.js";
export type { Style } from "./palette.js";
export {
  layerSpreadLine,
  type LayerSpreadLineOptions,
  learnedLine,
  spreadLine,
  type SpreadLine,
  type SpreadLineOptions,
} from "./spreadLine.js";
export { testAccuracyFigure, type AccuracyFigureOptions } from "./testAccuracyFigure.js";
export { trainabilityFigure, type TrainabilityPanel } from "./trainabilityFigure.js";
export { weightChangeByLayerFigure, type WeightChangeByLayerOptions } from "./weightChangeByLayerFigure.js";
export { weightChangeFigure, type WeightChangeOptions } from "./weightChangeFigure.js";
