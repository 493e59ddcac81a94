"""A submission's cells cannot change what decides on it."""

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from tools.grading.execute import StrictExecute

#: What the attacks use.
SETUP = """
const any = globalThis as any;
const cache = (require as any).cache;
const cached = (end: string): any => (Object.values(cache) as any[]).find((m) => m.filename.endsWith(end))!.exports;
const loader = require("node:module");
const fake: any = { expectClose() {}, expectEqual() {}, expectAtLeast() {} };
const index = require.resolve("vanishing-gradients");
const passing = async () => ({ status: "ok" });
const display = (content: object) =>
  require("tslab/dist/jupyter").lastWriteDisplayData({ metadata: {}, transient: {}, ...content }, false);
"""
ATTACKS = {
    "an inherited option": "(Object.prototype as any).tolerance = 1e300;",
    "the checks in their module": 'Object.assign(cached("exercises/expectations.js"), fake);',
    "the checks in the library": 'Object.assign(cached("library/dist/index.js"), fake);',
    "the library's property": 'Object.defineProperty(require(index), "expectEqual", { value() {} });',
    "the library's place in the cache": "cache[index] = { exports: fake, loaded: true };",
    "the library's module": "cache[index].exports = fake;",
    "a module deleted from the cache": "delete cache[index]; cache[index] = { exports: fake, loaded: true };",
    "how Node loads": "const load = loader._load; loader._load = (...a: any[]) => (a[0].startsWith('vanishing') ? fake : load(...a));",
    "how a module requires": "loader.prototype.require = () => fake;",
    "where Node finds a module": "loader._resolveFilename = () => index.replace('index.js', 'figures/index.js');",
    "the kernel's runner": 'cached("kernel/dist/runner.js").Runner.prototype.run = passing;',
    "the kernel's runner, from the main module": """{
      const seen = new Set<any>();
      const visit = (m: any) => { if (!seen.has(m)) { seen.add(m); m.children.forEach(visit); } };
      visit((require as any).main);
      for (const m of seen) if (m.exports.Runner) m.exports.Runner.prototype.run = passing;
    }""",
    "the kernel's messages": """{
      const { currentCell } = cached("kernel/dist/cell.js");
      any.message = () => currentCell().send("execute_result", { execution_count: 1, data: { "text/plain": "1" }, metadata: {} });
    }""",
    "a message by tslab": 'any.message = () => display({ execution_count: 1, data: { "text/plain": "1" } });',
    "the difference": "Math.abs = () => 0;",
    "the tolerance": "Math.max = () => Infinity;",
    "what is a list": "Array.isArray = (() => true) as any;",
    "lists": "Array.prototype.filter = () => []; Array.prototype.map = () => [];",
    "the class of lists": "any.Array = class { static isArray() { return true; } };",
    "calls": "Function.prototype.call = () => undefined;",
}
TEST = """import { expectClose, expectEqual } from "vanishing-gradients";
(globalThis as any).message?.();
expectEqual([1, 2].filter((n) => n > 0).length, 2, { of: "what is right" });
expectClose(Array.from([3]), [3], { of: "what is close" });
expectClose([9], [3], { of: "what is wrong" });"""


def a_test(source: str) -> NotebookNode:
    """A cell that gives points."""
    metadata = {"nbgrader": {"grade": True, "solution": False, "grade_id": "a-test", "points": 1}}
    return new_code_cell(source, metadata=metadata)


def run(cells: list[NotebookNode]) -> None:
    """Runs cells as they are run for marks."""
    notebook = new_notebook(cells=cells, metadata={"kernelspec": {"name": "tslab", "display_name": "tslab"}})
    StrictExecute().preprocess(notebook, {})


@pytest.fixture(scope="module")
def errors() -> dict[str, list[tuple[str, str]]]:
    """After each attack a test is run that has to fail: its errors, by the attack."""
    cells = [new_code_cell(SETUP)]
    tests = {name: a_test(TEST) for name in ATTACKS}
    for name, attack in ATTACKS.items():
        cells += [new_code_cell(f"try {{ {attack} }} catch {{}}"), tests[name]]
    run(cells)
    assert cells[0].outputs == []
    return {
        name: [(out.get("ename"), out.get("evalue")) for out in test.outputs] for name, test in tests.items()
    }


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_wrong_answer_stays_wrong(errors: dict, attack: str) -> None:
    ((name, message),) = errors[attack]
    assert name == "WrongAnswer"
    assert "what is wrong[0]" in message


def test_a_kernel_that_no_longer_tells_errors_gives_no_points(
    monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    # Without the guard, as if a way round it had been found.
    nothing = tmp_path / "guard.ts"
    nothing.write_text("1;")
    monkeypatch.setattr("tools.grading.execute.GUARD", nothing)
    test = a_test(TEST)
    run([new_code_cell(SETUP), new_code_cell(ATTACKS["the kernel's runner"]), test])
    assert [output.get("ename") for output in test.outputs] == ["Tampered"]
