/**
 * TensorFlow.js. This folder alone knows that it is tfjs-node's: a bundle for a browser puts another one in its place.
 */
import "./settingsNode.js";

export * as tf from "@tensorflow/tfjs-node";
