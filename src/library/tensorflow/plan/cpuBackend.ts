import type { tf } from "../tf.js";
import type { Numbers } from "./value.js";

/** What is used of TensorFlow.js' CPU backend. It is not in its types. */
export interface CpuBackend {
  readSync(dataId: object): Numbers;
  makeTensorInfo(shape: readonly number[], dtype: string, values: Numbers): tf.TensorInfo;
  disposeIntermediateTensorInfo(info: tf.TensorInfo): void;
}
