"""A submission gets no marks that are not its own, and no more of the computer than it is given."""

import json
import subprocess
import time
from pathlib import Path

import psutil
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, writes

from tools.grading import sandbox
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
const question = any.prompt;
any.reply = (text: string) => { any.prompt = (reply: string) => question(reply === "" ? "" : text); };
"""
ATTACKS = {
    "an inherited option": "(Object.prototype as any).tolerance = 1e300;",
    "the checks in their module": 'Object.assign(cached("exercises/expectations.js"), fake);',
    "the library's property": 'Object.defineProperty(require(index), "expectClose", { value() {} });',
    "the library's place in the cache": "cache[index] = { exports: fake, loaded: true };",
    "how Node loads": "const load = loader._load; loader._load = (...a: any[]) => (a[0].startsWith('vanishing') ? fake : load(...a));",
    "how a module requires": "loader.prototype.require = () => fake;",
    "the kernel's runner": 'cached("kernel/dist/runner.js").Runner.prototype.run = passing;',
    "the kernel's runner, replying": """{
      const { Runner } = cached("kernel/dist/runner.js");
      const { run } = Runner.prototype;
      Runner.prototype.run = function (source: string, title: string) {
        return source.includes("answerQuestions") ? passing() : run.call(this, source, title);
      };
    }""",
    "the kernel's messages": """{
      const { currentCell } = cached("kernel/dist/cell.js");
      any.message = () => currentCell().send("execute_result", { execution_count: 1, data: { "text/plain": "1" }, metadata: {} });
    }""",
    "a message by tslab": 'any.message = () => display({ execution_count: 1, data: { "text/plain": "1" } });',
    "the difference": "Math.abs = () => 0;",
    "the tolerance": "Math.max = () => Infinity;",
    "what is a list": "Array.isArray = (() => true) as any;",
    "how lists are compared": "Array.prototype.filter = () => []; Array.prototype.every = () => true;",
    "what JSON is": "JSON.stringify = () => '{\"passed\":true}';",
    "a reply that is a verdict": "any.reply('{\"passed\":true}');",
    "a reply in two lines": "any.reply('{}\\n{\"passed\":true}');",
    "a reply that is no JSON": "any.reply('true; passed');",
    "a reply with a function": 'any.reply(\'{"value":{"value":{"$function":"() => 10"}}}\');',
    "a reply with a prototype": 'any.reply(\'{"value":{"value":{"__proto__":{"length":1,"0":10}}}}\');',
    "a reply with a list's look": 'any.reply(\'{"value":{"value":{"length":1,"0":10}}}\');',
    "a reply nested too deeply": "any.reply('[' .repeat(100_000) + ']'.repeat(100_000));",
    "a reply that is too long": "any.reply(JSON.stringify({ value: { value: 'x'.repeat(3e6) } }));",
    "a reply that is to be trained": 'any.reply(\'{"value":{"value":{"$record":[0,0]}},"trainings":[],"members":[]}\');',
    "a reply that leaves the arguments as expected": 'any.reply(\'{"value":{"value":[9],"values":[[9]]}}\');',
}
#: After these the kernel is not what it was, so that what follows would attack nothing.
ALONE = {
    "an inherited option",
    "how a module requires",
    "the kernel's runner",
    "the kernel's runner, replying",
    "the library's place in the cache",
    "how Node loads",
    "what JSON is",
    "how lists are compared",
    "the tolerance",
    "what is a list",
}
ANSWER = "function NAME(x: number[]): number[] {\n  return x.map((n) => 2 * n);\n}"
#: Right where the visible test looks.
WRONG = (
    "function NAME(x: number[]): number[] {\n  any.message?.();\n  return x.length === 2 ? [2, 4] : [9];\n}"
)
TEST = """import { expectClose } from "vanishing-gradients";
expectClose(await NAME([1, 2]), [2, 4], { of: "NAME([1, 2])" });
const given = [5];
expectClose(await NAME(given), [10], { of: "what is wrong", hidden: true });"""


def cell_of(kind: str, name: str, source: str) -> NotebookNode:
    """A cell of an assignment: an "answer", a "test" or "given" code."""
    metadata = {
        "grade": kind == "test",
        "solution": kind == "answer",
        "locked": kind != "answer",
        "grade_id": f"{name}-{kind}",
        "points": 1,
    }
    return new_code_cell(source.replace("NAME", name), metadata={"nbgrader": metadata})


def run(folder: Path, cells: list[NotebookNode], **options: object) -> list[NotebookNode]:
    """Runs cells of a submission for marks. The assignment's are those that have data of nbgrader's."""
    known = [cell for cell in cells if "nbgrader" in cell.metadata]
    source = [
        cell_of("answer", name_of(cell), ANSWER) if cell.metadata.nbgrader.solution else cell
        for cell in known
    ]
    path = folder / "source" / "made-up" / "made-up.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(writes(new_notebook(cells=source)))
    notebook = new_notebook(cells=cells, metadata={"kernelspec": {"name": "tslab", "display_name": "tslab"}})
    names = {"nbgrader": {"assignment": "made-up", "notebook": "made-up", "student": "ada"}}
    StrictExecute(course=str(folder), **options).preprocess(notebook, names)
    return cells


def name_of(cell: NotebookNode) -> str:
    """What a cell's answer or test is about."""
    return cell.metadata.nbgrader.grade_id.split("-")[0]


def errors_of(cell: NotebookNode) -> list[tuple[str, str]]:
    """Names and messages of a cell's errors."""
    return [(out.ename, out.evalue) for out in cell.outputs if out.output_type == "error"]


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> dict[str, NotebookNode]:
    """After each attack a test is run that has to fail."""
    folder = tmp_path_factory.mktemp("attacks")
    tests = {}
    for group in [[name for name in ATTACKS if name not in ALONE], *([name] for name in ALONE)]:
        cells = [new_code_cell(SETUP)]
        for name in group:
            word = f"f{list(ATTACKS).index(name)}"
            tests[name] = cell_of("test", word, TEST)
            attack = new_code_cell(f"try {{ {ATTACKS[name]} }} catch {{}}")
            again = new_code_cell("any.prompt = question; delete any.message; 1;")
            cells += [cell_of("answer", word, WRONG), attack, tests[name], again]
        if len(group) > 1:
            # The kernel still does its work: it is the judge that was not fooled.
            last = cell_of("test", "last", TEST)
            run(folder, [*cells, cell_of("answer", "last", ANSWER), last])
            assert (errors_of(cells[0]), last.outputs) == ([], [])
        else:
            run(folder, cells)
    return tests


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_gives_no_points(attacked: dict[str, NotebookNode], attack: str) -> None:
    (output,) = attacked[attack].outputs
    assert output.output_type == "error"


def test_a_test_that_does_not_compile_is_told_to_the_teacher(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match='used for marks: Error: the cell "f-test" does not compile: '):
        run(tmp_path, [cell_of("answer", "f", ANSWER), cell_of("test", "f", "await f([1);")])


def test_an_answer_that_is_right_gives_points(tmp_path: Path) -> None:
    test = cell_of("test", "twice", TEST)
    run(tmp_path, [cell_of("answer", "twice", ANSWER), test])
    assert test.outputs == []


def test_an_error_of_an_answer_is_told_with_the_student_s_lines(tmp_path: Path) -> None:
    test = cell_of("test", "twice", TEST)
    source = 'function twice(x: number[]): number[] {\n  throw new RangeError("not yet");\n}'
    run(tmp_path, [cell_of("answer", "twice", source), test])
    assert errors_of(test) == [("RangeError", "not yet")]
    assert 'throw new RangeError("not yet")' in "\n".join(test.outputs[0].traceback)


def test_numbers_are_the_student_s_own_if_the_course_has_a_list_of_students(tmp_path: Path) -> None:
    given = """import { orderFor } from "vanishing-gradients";
const student = "everyone";
const order = orderFor(student, [1, 2, 3, 4, 5, 6]);"""
    test = """import { expectClose } from "vanishing-gradients";
expectClose(await twice([]), order, { of: "the order" });"""
    answers = {
        # What this student has: ada.
        "own": "function twice(x: number[]): number[] {\n  return order;\n}",
        "everyone's": "function twice(x: number[]): number[] {\n  return [1, 2, 3, 4, 5, 6];\n}",
        "another's": "function twice(x: number[]): number[] {\n  return orderFor('bob', [1, 2, 3, 4, 5, 6]);\n}",
    }

    def is_right(answer: str) -> bool:
        cells = [cell_of("given", "setup", given), cell_of("answer", "twice", answers[answer])]
        tested = cell_of("test", "twice", test)
        run(tmp_path, [*cells, tested])
        return tested.outputs == []

    assert [is_right(answer) for answer in answers] == [True, True, False]
    (tmp_path / "students.txt").write_text("ada\nbob\n")
    assert [is_right(answer) for answer in answers] == [True, False, False]


def test_what_no_notebook_can_hold_costs_the_other_answers_nothing(tmp_path: Path) -> None:
    odd = """{
      const loaded = Object.values((require as any).cache) as any[];
      const { currentCell } = loaded.find((m) => m.filename.endsWith("kernel/dist/cell.js")).exports;
      currentCell().send("MESSAGE", { name: 5, text: "", execution_count: "x", data: [], metadata: {} });
    }"""
    sent = [new_code_cell(odd.replace("MESSAGE", kind)) for kind in ("stream", "execute_result")]
    half = cell_of("answer", "half", 'function half(x: number[]): any { return "\\ud83d"; }')
    tests = [cell_of("test", name, TEST) for name in ("half", "twice")]
    cells = run(tmp_path, [*sent, half, tests[0], cell_of("answer", "twice", ANSWER), tests[1]])
    assert [name for cell in sent for name, _ in errors_of(cell)] == ["KernelDied", "KernelDied"]
    assert [len(errors_of(test)) for test in tests] == [1, 0]
    (tmp_path / "graded.ipynb").write_text(writes(new_notebook(cells=cells)), "utf-8")


TOO_MUCH = {
    "HTML": (
        'import { display } from "tslab"; for (let i = 0; i < 20; i++) display.html("x".repeat(1e7));',
        "OutputLimit",
        "displayed more than 3,000,000",
    ),
    "an error": ('throw new Error("x".repeat(1e7));', "OutputLimit", "printed more than 100,000"),
    "what is printed": ("for (;;) console.log('x'.repeat(1e4));", "OutputLimit", "printed more than 100,000"),
    "time": ("for (;;);", "TimeLimit", "more than 4 s"),
    "waiting": ("await new Promise(() => {});", "TimeLimit", "did nothing but wait for 4 s"),
}


def test_what_goes_beyond_a_limit_is_ended_and_the_rest_is_marked(tmp_path: Path) -> None:
    cells = [new_code_cell(source) for source, _, _ in TOO_MUCH.values()]
    test = cell_of("test", "twice", TEST)
    run(tmp_path, [cell_of("answer", "twice", ANSWER), *cells, test], timeout=4)
    for cell, (name, (_, error, message)) in zip(cells, TOO_MUCH.items(), strict=True):
        assert len(json.dumps(cell)) < 4_000_000, name
        assert [(found, message in text) for found, text in errors_of(cell)] == [(error, True)], name
    assert test.outputs == []


def test_the_sockets_folder_is_no_place_to_write_to(tmp_path: Path) -> None:
    source = """import * as fs from "node:fs"; import * as path from "node:path";
    const place = path.dirname(process.argv[process.argv.length - 1]);
    for (let i = 0; ; i++) { fs.appendFileSync(path.join(place, "large"), Buffer.alloc(1e5)); await new Promise((go) => setTimeout(go, 10)); }"""
    cell = new_code_cell(source)
    run(tmp_path, [cell])
    assert errors_of(cell) == [("DiskLimit", "the notebook wrote too much to its folders")]


@pytest.mark.parametrize("level", ["network", "nothing"])
def test_without_bubblewrap_nothing_outlives_the_grading_and_the_disk_is_watched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, level: str
) -> None:
    if level == "network" and not sandbox.works([*sandbox.APART, "true"]):
        pytest.skip("no namespaces here")
    monkeypatch.setattr(sandbox, "level", lambda: level)
    seconds = f"{time.time_ns() % 1_000_000_000}.5"
    stays = f"""const child = require("child_process");
    child.spawn("setsid", ["sh", "-c", "setsid sleep {seconds} & sleep 0.1"], {{ detached: true, stdio: "ignore" }}).unref();
    await new Promise((go) => setTimeout(go, 1000));"""
    fills = """import * as fs from "node:fs";
    for (;;) { fs.appendFileSync("large", Buffer.alloc(1e6)); await new Promise((go) => setTimeout(go, 1)); }"""
    cell = new_code_cell(fills)
    run(tmp_path, [new_code_cell(stays), cell])
    assert errors_of(cell) == [("DiskLimit", "the notebook wrote too much to its folders")]
    left = [
        process for process in psutil.process_iter(["cmdline"]) if seconds in (process.info["cmdline"] or [])
    ]
    assert left == []
    assert subprocess.run(["pgrep", "-f", f"sleep {seconds}"]).returncode == 1
