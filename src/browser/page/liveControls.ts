import type { ActivationName } from "../../library/models/activations.js";
import type { LiveSettings } from "../live.js";
import { type LiveState, nearest, SLIDERS, type SliderKey } from "./liveState.js";
import { make } from "./elements.js";

type Change = (change: Partial<LiveState>) => void;

/** A control with its label; `show` has it show what is chosen. */
interface Control {
  readonly element: HTMLElement;
  show(state: LiveState): void;
}

/** The functions, those first that the lessons compare most. */
const FUNCTIONS: Readonly<Record<ActivationName, string>> = {
  sigmoid: "sigmoid",
  tanh: "tanh",
  relu: "ReLU",
  leakyRelu: "leaky ReLU",
  elu: "ELU",
  selu: "SELU",
  gelu: "GELU",
  swish: "swish (SiLU)",
  mish: "mish",
  softplus: "softplus",
  softsign: "softsign",
  hardSigmoid: "hard sigmoid",
  relu6: "ReLU6",
  gelu_new: "GELU, by tanh",
  linear: "linear",
};

const STARTS: Readonly<Record<LiveSettings["kernelInitializer"], string>> = {
  glorotUniform: "Glorot",
  heUniform: "He",
  leCunUniform: "LeCun",
  orthogonal: "orthogonal",
  randomNormal: "normal (1)",
  zeros: "zeros",
};

const AT: Readonly<Record<LiveState["at"], string>> = { latest: "the latest", first: "the first" };
const OF: Readonly<Record<LiveState["of"], string>> = {
  weights: "of weights, dL/dW",
  preActivations: "of z, dL/dz",
};

/** The controls of a live figure. */
export class LiveControls {
  readonly element: HTMLElement;
  readonly #controls: readonly Control[];

  constructor(change: Change) {
    this.#controls = [
      slider("hiddenLayers", "Hidden layers", change),
      choice("activation", "Function", FUNCTIONS, change),
      choice("beside", "Compared with", { none: "nothing", ...FUNCTIONS }, change),
      slider("learningRate", "Learning rate", change),
      choice("kernelInitializer", "Start", STARTS, change),
      slider("kernelScale", "The start's scale", change),
      toggle("batchNormalization", "Batch normalization", change),
      toggle("residual", "Shortcuts", change),
      choice("of", "Gradient", OF, change),
      choice("at", "At which step", AT, change),
    ];
    this.element = make(
      "div",
      { className: "live-controls" },
      ...this.#controls.map(({ element }) => element),
    );
  }

  show(state: LiveState): void {
    this.#controls.forEach((control) => {
      control.show(state);
    });
  }
}

/** A slider over a list of values: as many steps for each decade of those that are logarithmic. */
function slider(key: SliderKey, label: string, change: Change): Control {
  const { values, say } = SLIDERS[key];
  const text = make("span");
  const input = make("input", { type: "range", min: "0", max: String(values.length - 1), step: "1" });
  const show = (value: number): void => {
    const words = say(value);
    text.textContent = words;
    input.setAttribute("aria-valuetext", words);
  };
  input.oninput = () => {
    const value = values[input.valueAsNumber]!;
    show(value);
    change({ [key]: value });
  };
  // Its value is told by the slider itself.
  text.setAttribute("aria-hidden", "true");
  return {
    element: make("label", {}, make("span", {}, `${label} `, text), input),
    show: (state) => {
      input.value = String(nearest(values, state[key]));
      show(state[key]);
    },
  };
}

function choice<Key extends "activation" | "beside" | "kernelInitializer" | "of" | "at">(
  key: Key,
  label: string,
  names: Readonly<Record<LiveState[Key], string>>,
  change: Change,
): Control {
  const options = Object.entries<string>(names).map(([value, textContent]) =>
    make("option", { value, textContent }),
  );
  const select = make("select", {}, ...options);
  select.onchange = () => {
    change({ [key]: select.value });
  };
  return {
    element: make("label", {}, make("span", {}, label), select),
    show: (state) => {
      select.value = state[key];
    },
  };
}

function toggle(key: "batchNormalization" | "residual", label: string, change: Change): Control {
  const input = make("input", { type: "checkbox" });
  input.onchange = () => {
    change({ [key]: input.checked });
  };
  return {
    element: make("label", { className: "live-toggle" }, input, make("span", {}, label)),
    show: (state) => {
      input.checked = state[key];
    },
  };
}
