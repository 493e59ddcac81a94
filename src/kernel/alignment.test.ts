import assert from "node:assert/strict";
import test from "node:test";
import { alignOffset } from "./alignment.js";

/** The text of a source from the place that belongs to the first `mark` in the compiled code. */
function sourceAt(compiled: string, source: string, mark: string): string | undefined {
  const offset = alignOffset(compiled, source, compiled.indexOf(mark));
  return offset === undefined ? undefined : source.slice(offset, offset + mark.length);
}

const source = `interface Shape { readonly sides: number }
type Name = "square" | "circle";
import { area } from "shapes";
const square: Shape = { sides: 4 };
function describe<T extends Shape>(shape: T, name: Name): string {
  if (shape.sides < 3) { throw new Error(name); }
  return name;
}
area(square); describe(square, "square")`;

const compiled = `Object.defineProperty(exports, "__esModule", { value: true });
exports.area = exports.square = exports.describe = exports.tsLastExpr = void 0;
const shapes_1 = require("shapes");
Object.defineProperty(exports, "area", { enumerable: true, get: function () { return shapes_1.area; } });
const square = { sides: 4 };
exports.square = square;
function describe(shape, name) {
    if (shape.sides < 3) {
        throw new Error(name);
    }
    return name;
}
exports.describe = describe;
(0, shapes_1.area)(square);
exports.tsLastExpr = describe(square, "square");`;

test("alignOffset() finds the source of a place in compiled code", () => {
  assert.equal(sourceAt(compiled, source, "Error(name)"), "Error(name)");
  assert.equal(sourceAt(compiled, source, "return name"), "return name");
  assert.equal(sourceAt(compiled, source, "sides: 4 };\nexports"), "sides: 4 };\nfunctio");
  assert.equal(sourceAt(compiled, source, "describe(square,"), "describe(square,");
});

test("alignOffset() finds the nearest place for what the compiler added", () => {
  const offset = alignOffset(compiled, source, compiled.indexOf("(0, shapes_1.area)"))!;
  assert.equal(source.slice(0, offset).split("\n").length, 9);
});

test("alignOffset() finds nothing in an empty source, nor in one that is too long to align", () => {
  assert.equal(alignOffset("a", "", 0), undefined);
  const data = "1,".repeat(4000);
  assert.equal(alignOffset(data, data, 0), undefined);
});
