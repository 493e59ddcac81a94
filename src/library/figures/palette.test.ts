import assert from "node:assert/strict";
import test from "node:test";
import { activationNames } from "../models/activations.js";
import { classStyle, orderedColor, stylesOf } from "./palette.js";

/** The three channels, from 0 to 1, as light (sRGB's curve undone). */
function light(color: string): number[] {
  assert.match(color, /^#[0-9a-f]{6}$/);
  return [1, 3, 5].map((at) => {
    const channel = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
}

/** Contrast with white, by WCAG 2.2. */
function contrast(color: string): number {
  const [red, green, blue] = light(color);
  return 1.05 / (0.2126 * red! + 0.7152 * green! + 0.0722 * blue! + 0.05);
}

/** What is left of a color for those who lack the red or the green cones (Viénot, Brettel and Mollon 1999). */
const WEAK = {
  protan: [0.11238, 0.88762, 0],
  deutan: [0.29275, 0.70725, 0],
};

function difference(a: string, b: string, mix: readonly number[]): number {
  const seen = (color: string): number[] => {
    const channels = light(color);
    // Red and green are seen as one; lightness is judged by the cube root.
    return [mix.reduce((sum, part, i) => sum + part * channels[i]!, 0), channels[2]!].map(Math.cbrt);
  };
  const [first, second] = [seen(a), seen(b)];
  return Math.hypot(first[0]! - second[0]!, first[1]! - second[1]!);
}

test("every line and marker has a contrast of at least 3 to 1 with the white ground", () => {
  const colors = [
    ...stylesOf(activationNames).map(({ color }) => color),
    ...[0, 1, 2, 3, 4, 5, 6].map((label) => classStyle(label).color),
    ...Array.from({ length: 21 }, (_, i) => orderedColor(i, 21)),
  ];
  for (const color of colors) {
    assert.ok(contrast(color) >= 3, `${color} has a contrast of ${contrast(color).toFixed(2)}`);
  }
});

test("no two activation functions look alike, with colors or without", () => {
  const styles = stylesOf(activationNames);
  assert.equal(new Set(styles.map(({ color }) => color)).size, activationNames.length);
  assert.equal(new Set(styles.map(({ dash, symbol }) => `${dash} ${symbol}`)).size, activationNames.length);
});

test("sigmoid, tanh and ReLU differ in marker, and in color for those who see no red or no green", () => {
  const styles = stylesOf(["sigmoid", "tanh", "relu"]);
  assert.equal(new Set(styles.map(({ symbol }) => symbol)).size, 3);
  for (const mix of Object.values(WEAK)) {
    styles.forEach(({ color: a }, i) => {
      styles.slice(i + 1).forEach(({ color: b }) => {
        assert.ok(difference(a, b, mix) > 0.15, `${a} and ${b} differ by ${difference(a, b, mix)}`);
      });
    });
  }
});

test("an activation function that comes again keeps its color, and gets another dash and marker", () => {
  const [first, other, second, third] = stylesOf(["relu", "tanh", "relu", "relu"]);
  assert.equal(second!.color, first!.color);
  assert.notEqual(other!.color, first!.color);
  assert.equal(new Set([first, second, third].map((style) => style!.dash)).size, 3);
  assert.equal(new Set([first, second, third].map((style) => style!.symbol)).size, 3);
});

test("an unknown function has a look too", () => {
  assert.match(stylesOf(["mine"])[0]!.color, /^#/);
});

test("colors in order run from dark to light", () => {
  const contrasts = Array.from({ length: 9 }, (_, i) => contrast(orderedColor(i, 9)));
  contrasts.slice(1).forEach((value, i) => {
    assert.ok(value < contrasts[i]!, `color ${i + 1} is darker`);
  });
  assert.equal(orderedColor(0, 1), orderedColor(0, 5));
});
