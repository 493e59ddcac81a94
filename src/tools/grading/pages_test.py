"""What students get must not hold what they are to find out."""

import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tools.grading.course import Course
from tools.grading.grade import main
from tools.grading.hide import HideHiddenTests
from tools.grading.page import finished
from tools.project import PROJECT


@pytest.mark.parametrize("assignment", Course().assignments)
def test_source(assignment: str) -> None:
    """Each test has hidden parts or is of a prediction; solutions are marked; nothing is stored that was run."""
    cells = nbformat.read(Course().source(assignment), as_version=4).cells
    for cell in cells:
        data = cell.metadata.get("nbgrader")
        if cell.cell_type == "code":
            assert cell.outputs == [] and cell.execution_count is None
        if data and data.grade:
            assert (
                "BEGIN HIDDEN TESTS" in cell.source
                or "expectPrediction" in cell.source
                or "steps" in cell.source
            )
            assert "import {" in cell.source, "a test imports anew what it checks with"
        if data and data.solution:
            assert "BEGIN SOLUTION" in cell.source


TEST = """expectClose(f(1), 1);
/// BEGIN HIDDEN TESTS
expectClose(f(-3.5), 4.2, { of: "f(-3.5)", hidden: true });
/// END HIDDEN TESTS"""
TRACEBACK = [
    "WrongAnswer: f(1) is not right: it gave 2.",
    "    at src/library/exercises/expectations.ts:80:9 in fail",
    "    at cell [3], line 3",
    '        expectClose(f(-3.5), 4.2, { of: "f(-3.5)", hidden: true });',
    "        ^",
    "    at cell [2], line 2 in f",
    "        throw new Error()",
    "        ^",
]


def page_of(outputs_of_own_cell: list, outputs_of_test: list, count: int = 3) -> tuple[list, list]:
    """What a page shows of the outputs of a student's cell and of a test."""
    own = new_code_cell("function f() {\n  throw new Error()\n}", outputs=outputs_of_own_cell)
    test = new_code_cell(TEST, outputs=outputs_of_test, execution_count=count)
    test.metadata.nbgrader = {"grade": True, "solution": False, "grade_id": "f-test", "points": 1}
    notebook, _ = HideHiddenTests().preprocess(new_notebook(cells=[own, test]), {})
    assert "-3.5" not in notebook.cells[1].source
    return [cell.outputs for cell in notebook.cells]


@pytest.mark.parametrize("count", [3, 999, None])
def test_tracebacks_lose_the_test_s_own_lines(count: int | None) -> None:
    """A test's code is quoted by the error that it throws. The page shows the message and the student's lines."""
    error = new_output(
        "error", ename="WrongAnswer", evalue="f(1) is not right: it gave 2.", traceback=TRACEBACK
    )
    _, (shown,) = page_of([], [error], count)
    assert shown.traceback == [*TRACEBACK[:2], *TRACEBACK[5:]]


def test_of_a_test_cell_the_error_alone_is_shown() -> None:
    """What the student's code prints or displays while a test runs may be the test."""
    printed = new_output("stream", text="anything")
    displayed = new_output("display_data", {"text/plain": "anything"})
    error = new_output(
        "error", ename="TypeError", evalue="x is undefined", traceback=["TypeError: x is undefined"]
    )
    assert page_of([], [printed, displayed])[1] == []
    assert page_of([], [printed, error, displayed])[1] == [error]


@pytest.mark.parametrize(
    "line", [TEST, repr(TEST), "LEAK expectClose( f(-3.5), 4.2, {of: 'f(-3.5)', hidden: true} )"]
)
def test_lines_of_a_hidden_test_are_left_out_wherever_they_are(line: str) -> None:
    """A student's code can read the tests that run beside it, and say them later."""
    error = new_output("error", ename="Error", evalue=line, traceback=[f"Error: {line}", *TRACEBACK[1:]])
    outputs = [
        new_output("stream", text=line),
        new_output("display_data", {"text/html": f"<p>{line}</p>"}),
        error,
    ]
    own, test = page_of([*outputs, new_output("stream", text="mine")], [error])
    assert "4.2" not in str([own, test])
    assert own[-1].text == "mine"


def test_a_page_names_the_student_and_the_tests_and_loads_nothing() -> None:
    """A student sees whose page it is, and which exercise has which points."""
    page = """<html><head><title>find-the-bug</title>
    <script src="https://example.org/mathjax.js"> </script><script>
    MathJax.setup() </script></head><body><h4>find-the-bug (Score: 0.0 / 1.0)</h4>
    <li><a href="#name1-test">Test cell</a> (Score: 0.0 / 1.0)</li><h4>other</h4></body></html>"""
    shown = finished(page, "Ada-Lovelace", "<!-- marks 1 -->")
    assert "<title>find-the-bug: Ada-Lovelace</title>" in shown
    assert "<h4>Ada-Lovelace: find-the-bug (Score: 0.0 / 1.0)</h4>" in shown and "<h4>other</h4>" in shown
    assert '<li><a href="#name1-test">name1</a> (Score: 0.0 / 1.0)</li>' in shown
    assert "script" not in shown and "MathJax" not in shown
    assert shown.endswith("<!-- marks 1 -->\n</body></html>")


def test_unknown_assignment(capsys: pytest.CaptureFixture) -> None:
    """A name that is not there is told, with those that are."""
    assert main(["nothing"]) == 1
    assert re.search(
        "there is no assignment 'nothing'; there are: backpropagate-by-hand", capsys.readouterr().err
    )


def test_folder_that_is_not_there(capsys: pytest.CaptureFixture) -> None:
    """A wrong folder is told."""
    assert main(["find-the-bug", str(PROJECT / "nowhere")]) == 1
    assert "neither a folder nor a .zip file" in capsys.readouterr().err
