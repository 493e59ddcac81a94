import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { parseCsv } from "./csv.js";
import { loadCsv } from "./csvNode.js";
import { datasetFromRows } from "./rows.js";

const expected = {
  name: "data",
  features: [
    [1.5, -2],
    [2.5, 30],
    [0.5, 1e-3],
  ],
  featureNames: ["length", "width"],
  labels: [1, 0, 1],
  classNames: ["big one", "small, one"],
};

const TEXTS: Record<string, string> = {
  "commas and quotation marks":
    'length,width,kind\n1.5,-2,"small, one"\n2.5,30,big one\n0.5,1e-3,"small, one"\n',
  "semicolons and decimal commas":
    "length;width;kind\n1,5;-2;small, one\n2,5;30;big one\n,5;1e-3;small, one\n",
  "tabs, a byte-order mark and Windows' line ends":
    "\uFEFFlength\twidth\tkind\r\n1.5\t-2\tsmall, one\r\n2.5\t30\tbig one\r\n0.5\t0.001\tsmall, one\r\n\r\n",
  "blanks around values":
    'length, width, kind\n 1.5, -2 ,"small, one"\n2.5 ,30,big one\n0.5,1e-3,"small, one"',
  "a break in a name": 'length,width,kind\n1.5,-2,"small, one"\n2.5,30,big one\n\n0.5,1e-3,"small, one"\n',
};

for (const [name, text] of Object.entries(TEXTS)) {
  test(`a CSV text with ${name} is read`, () => {
    assert.deepEqual(parseCsv(text, { label: "kind" }), expected);
  });
}

test("columns are chosen; targets are numbers", () => {
  const text = "a,b,c,note\n1,2,3,x\n4,5,6,y\n";
  assert.deepEqual(parseCsv(text, { targets: ["c"], features: ["b"], name: "mine" }), {
    name: "mine",
    features: [[2], [5]],
    featureNames: ["b"],
    targets: [[3], [6]],
    targetNames: ["c"],
  });
});

test("a thousands' comma is no decimal comma where points are there, or commas stand between values", () => {
  assert.throws(() => parseCsv("a;k\n1,000;x\n2.5;y\n", { label: "k" }), /line 2, column "a" is "1,000"/);
  assert.deepEqual(parseCsv('a,k\n"1,5",x\n"2,5",y\n', { label: "k", decimal: "," }).features, [
    [1.5],
    [2.5],
  ]);
});

const WRONG: [name: string, text: string, message: RegExp][] = [
  ["a hole", "a,b,k\n1,2,x\n3,,y\n", /line 3, column "b" has no value/],
  ["a missing value by its name", "a,b,k\n1,NA,x\n", /line 2, column "b" has no value/],
  ["a class that is missing", "a,k\n1,x\n2,?\n", /line 3, column "k" has no value/],
  [
    "a short row",
    "a,b,k\n1,2,x\n3,y\n",
    /line 3 has 2 values; the line of names has 3, with "," between them/,
  ],
  ["a long row", "a,b,k\n1,2,x,4\n", /line 2 has 4 values/],
  ["a text among numbers", "a,b,k\n1,red,x\n", /line 2, column "b" is "red"; it must be a finite number/],
  ["an open quotation mark", 'a,k\n1,"x\n2,y\n', /line \d: Quoted field unterminated/],
  ["two columns of one name", "a,a,k\n1,2,x\n", /"a" stands there twice/],
  ["a column without a name", "a,,k\n1,2,x\n", /a name for each column/],
  ["no such label", "a,b\n1,2\n", /label is "k"; it must be one of "a", "b"/],
  ["nothing", " \n", /the text of a CSV file/],
  ["names alone", "a,k\n", /a list of at least 1 objects/],
];

for (const [name, text, message] of WRONG) {
  test(`a CSV text with ${name} is refused, with the place`, () => {
    assert.throws(() => parseCsv(text, { label: "k" }), message);
  });
}

test("a file is read; one that is not there is told", () => {
  const folder = mkdtempSync(join(tmpdir(), "csv-"));
  try {
    const path = join(folder, "data.csv");
    writeFileSync(path, TEXTS["commas and quotation marks"]!);
    assert.deepEqual(loadCsv(path, { label: "kind" }), expected);
    assert.throws(
      () => loadCsv(join(folder, "none.csv"), { label: "kind" }),
      /loadCsv\(\): path is .*none.csv/,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a list of objects becomes a dataset: numbers as classes are sorted by size", () => {
  const rows = [10, 9, 2, 10].map((kind, x) => ({ x, kind }));
  assert.deepEqual(datasetFromRows(rows, { label: "kind" }), {
    name: "data",
    features: [[0], [1], [2], [3]],
    featureNames: ["x"],
    labels: [2, 1, 0, 2],
    classNames: ["2", "9", "10"],
  });
});

test("objects with a hole, a date or without columns are refused in a short message", () => {
  const label = { label: "k" };
  assert.throws(() => datasetFromRows([{ a: 1, k: 1 }, { k: 2 }], label), /row 1, column "a" has no value/);
  assert.throws(() => datasetFromRows([{ a: NaN, k: 1 }], label), /row 0, column "a" is NaN/);
  assert.throws(() => datasetFromRows([{ a: true, k: 1 }], label), /row 0, column "a" is true/);
  assert.throws(() => datasetFromRows([], label), /rows is \[\]/);
  const wide = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`column ${i}`, i]));
  assert.throws(
    () => datasetFromRows([wide], label),
    (error: Error) => error.message.length < 400 && error.message.includes("2000 in all"),
  );
  assert.throws(
    () => datasetFromRows([{ a: 1 }], {} as unknown as typeof label),
    /options must have either label, the column of the classes, or targets/,
  );
});
