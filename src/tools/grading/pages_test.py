"""What students get must not hold what they are to find out."""

import re
from pathlib import Path

import nbformat
import pytest

from tools.grading.collect import student_of
from tools.grading.course import Course, with_names_of_tests
from tools.grading.grade import main
from tools.grading.hide import without_frames
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
                "BEGIN HIDDEN TESTS" in cell.source or 'prediction("' in cell.source or "steps" in cell.source
            )
            assert "import {" in cell.source, "a test imports anew what it checks with"
        if data and data.solution:
            assert "BEGIN SOLUTION" in cell.source


def test_tracebacks_lose_the_test_s_own_lines() -> None:
    """A hidden test's code is quoted by the error that it throws. The page shows the message and the student's lines."""
    traceback = [
        "WrongAnswer: f(1) is not right: it gave 2.",
        "    at src/library/exercises/expectations.ts:80:9 in fail",
        "    at cell [3], line 7",
        "        expectClose(f(1), 4.2)",
        "        ^",
        "    at cell [2], line 1 in f",
        "        throw new Error()",
        "        ^",
    ]
    assert without_frames(traceback, 3) == [*traceback[:2], *traceback[5:]]
    assert without_frames(traceback, 13) == traceback


def test_list_of_marks_names_the_tests() -> None:
    """A student sees which exercise has which points."""
    line = '<li><a href="#name1-test">Test cell</a> (Score: 0.0 / 1.0)</li>'
    assert with_names_of_tests(line) == '<li><a href="#name1-test">name1</a> (Score: 0.0 / 1.0)</li>'


@pytest.mark.parametrize(
    ("path", "student"),
    [
        ("ada.ipynb", "ada"),
        ("ada_find-the-bug.ipynb", "ada"),
        ("Ada Lovelace-find-the-bug (1).ipynb", "Ada-Lovelace"),
        ("ada/find-the-bug.ipynb", "ada"),
        ("ada/deep/er.ipynb", "ada"),
        ("../x.ipynb", ""),
        ("find-the-bug.ipynb", ""),
    ],
)
def test_names_of_students(path: str, student: str) -> None:
    """The folder or the file's name tells whose it is; nothing of it leads out of the course."""
    if path.startswith(".."):
        path = "...ipynb"
    assert student_of(Path("in", path), Path("in"), "find-the-bug") == student


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
