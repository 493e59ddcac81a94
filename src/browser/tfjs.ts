/** What stands for @tensorflow/tfjs-node in a browser: TensorFlow.js with its CPU backend. */
import "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js";
import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
import "@tensorflow/tfjs-backend-cpu";
import { version_core } from "@tensorflow/tfjs-core";
import { registerQuickKernels } from "./quickKernels.js";

export * from "@tensorflow/tfjs-core";
export * from "@tensorflow/tfjs-layers";
export const version = { "tfjs-core": version_core };

registerQuickKernels();
