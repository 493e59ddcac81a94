import { requireList } from "../ground/validation.js";
import { type Spread, spread } from "./statistics.js";

/**
 * Median and quartiles of a measure over networks: of records, or of whatever there is one of for each network. Lines and tables of such spreads: see `spreadLine` and `medianRows`.
 *
 * @example
 * const record = await recordTraining(model, iris.train, { optimizer: "sgd", learningRate: 0.1, epochs: 1 });
 * spreadOf([record, record], (network) => network.steps.length).median; // 4
 */
export function spreadOf<Network>(
  networks: readonly Network[],
  measure: (network: Network) => number,
): Spread {
  requireList("spreadOf", "networks", networks, "records", 1);
  return spread(networks.map((network) => measure(network)));
}
