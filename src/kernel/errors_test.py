"""Every way in which a cell can fail is reported in that cell, and leaves the kernel usable."""

import tempfile
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from kernel.kernel_client import PROJECT, Notebook, start


def test_a_thrown_error_is_traced_to_its_lines_in_the_cells(notebook: Notebook):
    first = notebook.run(
        "interface Unused {\n  a: number;\n}\nfunction half(n: number): number {\n  throw new RangeError('odd'); }"
    )
    second = notebook.send("\nhalf(\n  3)")
    error = notebook.reply(second)
    assert (error["ename"], error["evalue"]) == ("RangeError", "odd")
    assert error["traceback"] == [
        "RangeError: odd",
        f"    at cell [{first[0]['execution_count']}], line 5 in half",
        "        throw new RangeError('odd'); }",
        "              ^",
        f"    at cell [{error['execution_count']}], line 2",
        "        half(",
        "        ^",
    ]


def test_an_error_in_the_library_is_traced_to_its_typescript_source(notebook: Notebook):
    code = 'import { buildMlp } from "vanishing-gradients";\n\nbuildMlp({ inputs: -1 } as any)'
    frames = [line for line in notebook.fails(code)["traceback"] if line.startswith("    at ")]
    path, line, _column = frames[-2].removeprefix("    at ").split(" in ")[0].split(":")
    assert (path, frames[-2].rpartition(" in ")[2]) == ("src/library/models/mlp.ts", "buildMlp")
    source = (PROJECT / path).read_text().splitlines()
    assert "checkMlpSpec" in source[int(line) - 1]
    assert frames[-1].endswith(", line 3")


def test_an_error_within_another_is_told_too(notebook: Notebook):
    traceback = notebook.fails('throw new Error("outer", { cause: new Error("inner") })')["traceback"]
    assert traceback[0] == "Error: outer"
    assert "Caused by Error: inner" in traceback


def test_a_thrown_value_need_not_be_an_error(notebook: Notebook):
    assert notebook.fails('throw "text"')["evalue"] == "'text'"
    assert notebook.fails("throw undefined")["evalue"] == "undefined"


def test_a_type_error_names_its_place(notebook: Notebook):
    error = notebook.fails('const fine = 1;\nconst n: number = "text";')
    assert error["ename"] == "TypeScriptError"
    assert error["evalue"] == "Type 'string' is not assignable to type 'number'."
    assert error["traceback"][0] == f"TypeScriptError: {error['evalue']} (TS2322)"
    assert error["traceback"][1].endswith("], line 2")
    assert error["traceback"][2:] == ['        const n: number = "text";', "              ^"]


def test_a_syntax_error_names_its_place(notebook: Notebook):
    error = notebook.fails("let n = 1;\nn = (;")
    assert (error["ename"], error["evalue"]) == ("SyntaxError", "Expression expected.")
    assert error["traceback"][1].endswith("], line 2")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ('await Promise.reject(new Error("awaited"))', "awaited"),
        ('void Promise.reject(new Error("not awaited"));', "not awaited"),
        ('void (async () => { await null; throw new Error("soon"); })();', "soon"),
        # Nothing else would ever end these two.
        ('void Promise.reject(new Error("aside")); await new Promise(() => {});', "aside"),
        ('await new Promise(() => { setTimeout(() => { throw new Error("timer"); }, 1); });', "timer"),
    ],
)
def test_an_uncaught_error_ends_the_cell_that_caused_it(notebook: Notebook, code: str, message: str):
    error = notebook.fails(code)
    assert (error["ename"], error["evalue"]) == ("Error", message)
    assert error["traceback"][1].endswith(", line 1") or ", line 1 in " in error["traceback"][1]
    assert notebook.result("1 + 1") == "2"


@pytest.mark.parametrize(
    "late",
    [
        'void gate.then(() => { throw new Error("late"); });',
        'void gate.then(() => setTimeout(() => { throw new Error("late"); }, 1));',
    ],
)
def test_an_uncaught_error_after_the_end_of_its_cell_is_added_to_that_cell(notebook: Notebook, late: str):
    notebook.succeeds("let open = () => {};\nconst gate = new Promise<void>((go) => { open = go; });")
    first = notebook.send(late)
    notebook.messages_until(first, "status", execution_state="idle")
    second = notebook.send("open();\nawait gate;")
    assert notebook.reply(second)["status"] == "ok"
    assert notebook.messages_until(first, "error")[-1]["content"]["evalue"] == "late"
    assert notebook.result("1 + 1") == "2"


@pytest.mark.parametrize("code", ["process.exit()", "process.exit(3)", "await null; process.exit(0)"])
def test_process_exit_is_an_error_and_the_kernel_lives(notebook: Notebook, code: str):
    notebook.succeeds("const kept = 5;")
    error = notebook.fails(code)
    assert error["ename"] == "ProcessExit"
    assert "was called" in error["evalue"]
    assert notebook.result("kept") == "5"


def test_requests_that_wait_for_a_failing_cell_are_aborted(notebook: Notebook):
    fail = 'await new Promise((go) => setTimeout(go, 500));\nthrow new Error("on purpose")'
    requests = [notebook.send(code) for code in (fail, "1", "2")]
    info = notebook.client.kernel_info()
    assert [notebook.reply(request)["status"] for request in requests] == ["error", "aborted", "aborted"]
    assert notebook.reply(info)["status"] == "ok"
    assert notebook.result("3") == "3"


def test_requests_go_on_after_an_error_if_asked_to(notebook: Notebook):
    fail = 'await new Promise((go) => setTimeout(go, 500));\nthrow new Error("on purpose")'
    requests = [notebook.send(code, stop_on_error=False) for code in (fail, "1", "2")]
    assert [notebook.reply(request)["status"] for request in requests] == ["error", "ok", "ok"]


def test_a_request_right_after_an_error_is_run(notebook: Notebook):
    for _ in range(10):
        failed = notebook.send("throw 1")
        assert notebook.reply(failed)["status"] == "error"
        assert notebook.reply(notebook.send("2"))["status"] == "ok"


def test_nbclient_runs_the_cell_after_a_failing_one():
    codes = ["const a = 1;", "throw new Error('on purpose')", "const b: string = a;", "a + 1"]
    cells = [nbformat.v4.new_code_cell(code) for code in codes]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, kernel_name="tslab", allow_errors=True).execute(cwd=str(PROJECT / "notebooks"))
    assert [cell.execution_count for cell in cells] == [1, 2, 3, 4]
    outputs = [[output.output_type for output in cell.outputs] for cell in cells]
    assert outputs == [[], ["error"], ["error"], ["execute_result"]]


def test_a_notebook_in_a_deeper_folder_of_the_project_finds_the_library():
    with tempfile.TemporaryDirectory(dir=PROJECT / "src" / "library" / "dist") as folder:
        deeper = Path(folder, "assignments", "source")
        deeper.mkdir(parents=True)
        notebook = start(deeper)
        code = 'import { loadIris } from "vanishing-gradients";\nloadIris().labels.length'
        assert notebook.result(code) == "150"
        notebook.client.stop_channels()
        notebook.manager.shutdown_kernel()
