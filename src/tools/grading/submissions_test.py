"""Grades submissions as students hand them in, and compares the marks with what they should be.

`submissions/ASSIGNMENT.toml` holds two kinds. A [[wrong]] answer is the reference solution with one text of a cell
replaced, or the whole cell; it loses the points of its test, and nothing else. As many as fit are put into one
submission, for two tests of three; with EACH_ALONE=1 each has a submission of its own. A [[submission]] says itself
what it changes, and which tests it loses.
"""

import copy
import itertools
import os
import shutil
import socket
import tomllib
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from tools.grading import sandbox
from tools.grading.collect import store
from tools.grading.course import COURSE, Course
from tools.grading.grade import graded
from tools.grading.mend import HandedIn, mended
from tools.grading.restore import id_of
from tools.grading.scratch import SCRATCH, clear_scratch
from tools.project import CACHE, PROJECT

FOLDER = Path(__file__).parent / "submissions"
EACH_ALONE = os.environ.get("EACH_ALONE") == "1"


def cases(assignment: str) -> list[dict]:
    """The submissions of an assignment, wrong answers packed."""
    written = tomllib.loads((FOLDER / f"{assignment}.toml").read_text("utf-8"))
    return [*written.get("submission", []), *packed(assignment, written["wrong"])]


def packed(assignment: str, wrong: list[dict]) -> list[dict]:
    """Submissions with wrong answers for two tests of three, or with one each."""
    if EACH_ALONE:
        return [
            {"name": f"{answer['test']}: {answer['name']}", "wrong": [answer], "loses": [answer["test"]]}
            for answer in wrong
        ]
    tests = points_of(assignment)
    queues = {test: [answer for answer in wrong if answer["test"] == test] for test in tests}
    packs = []
    for n in itertools.count():
        # Every third test keeps its right answer, in turn.
        answers: list[dict] = []
        for i, queue in enumerate(queues.values()):
            # Two answers can't change one cell.
            if i % 3 != n % 3 and queue and queue[0]["cell"] not in [other["cell"] for other in answers]:
                answers.append(queue.pop(0))
        if answers:
            name = "; ".join(f"{answer['test']}: {answer['name']}" for answer in answers)
            packs.append({"name": name, "wrong": answers, "loses": [answer["test"] for answer in answers]})
        elif not any(queues.values()):
            break
    return packs


def points_of(assignment: str) -> dict[str, float]:
    """The points of each test, in their order."""
    cells = nbformat.read(Course().source(assignment), as_version=4).cells
    return {
        id_of(cell): cell.metadata.nbgrader.points
        for cell in cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    }


def handed_in(course: Course, assignment: str, case: dict, port: int) -> NotebookNode:
    """The notebook of a submission."""
    kind = course.released if case.get("from") == "released" else course.source
    notebook = nbformat.read(kind(assignment), as_version=4)
    cells = {id_of(cell): cell for cell in notebook.cells if id_of(cell) is not None}
    for answer in case.get("wrong", []):
        cell = cells[answer["cell"]]
        old, new = answer.get("replace", (cell.source, answer.get("source")))
        assert cell.source.count(old) >= 1, f"{answer['name']}: {old!r} is not in {answer['cell']}"
        cell.source = cell.source.replace(old, new)
    for name, source in case.get("cells", {}).items():
        cells[name].source = source
    for name, tags in case.get("tags", {}).items():
        cells[name].metadata["tags"] = tags
    for name, points in case.get("points", {}).items():
        cells[name].metadata.nbgrader["points"] = points
    for name in case.get("plain", []):
        del cells[name].metadata["nbgrader"]
    result = []
    for cell in notebook.cells:
        name = id_of(cell)
        if name in case.get("delete", []):
            continue
        result.append(cell)
        if name in case.get("duplicate", []):
            result.append(copy.deepcopy(cell))
            result[-1].id = nbformat.v4.new_code_cell().id
        if name in case.get("add", {}):
            code = case["add"][name].replace("PORT", str(port)).replace("PROJECT", str(PROJECT))
            result.append(nbformat.v4.new_code_cell(code))
    notebook.cells = result[::-1] if case.get("reverse") else result
    return notebook


@pytest.fixture(scope="module")
def course() -> Course:
    """A copy of the course, so that a teacher's own marks are left alone."""
    folder = CACHE / "course-for-tests"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    # Endless loops are waited for as short as may be.
    settings = (COURSE / "nbgrader_config.py").read_text("utf-8") + "\nc.StrictExecute.timeout = 8\n"
    (folder / "nbgrader_config.py").write_text(settings, "utf-8")
    shutil.copytree(COURSE / "source", folder / "source")
    return Course(folder)


@pytest.fixture(scope="module")
def port() -> int:
    """The port of a server that a submission tries to reach."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("assignment", Course().assignments)
def test_marks(
    course: Course,
    assignment: str,
    port: int,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Each submission gets the marks that are written beside it."""
    monkeypatch.setenv("A_SECRET", "not for students")
    points = points_of(assignment)
    clear_scratch()
    course.release(assignment)
    released = nbformat.read(course.released(assignment), as_version=4)
    todo = [case for case in cases(assignment) if case.get("needs", sandbox.level()) == sandbox.level()]
    for number, case in enumerate(todo):
        raw = nbformat.writes(handed_in(course, assignment, case, port)).encode()
        store(mended(HandedIn.read(raw), released).notebook, course.submitted(assignment, f"student{number}"))

    def problem(number: int, failed: str | None) -> str | None:
        case = todo[number]
        if failed is not None:
            return f"{case['name']}: {failed}"
        loses = list(points) if case["loses"] == "all" else case["loses"]
        expected = {test: 0 if test in loses else most for test, most in points.items()}
        marks = {test: got for test, (got, _) in course.marks(assignment, f"student{number}").items()}
        wrong = {
            test: f"{marks[test]} for {expected[test]}" for test in points if marks[test] != expected[test]
        }
        if wrong:
            return f"{case['name']}: {wrong}"
        for name, text in case.get("prints", {}).items():
            printed = output_of(course, assignment, f"student{number}", name)
            if printed.strip() != text:
                return f"{case['name']}: {printed!r}"
        return None

    students = [f"student{number}" for number in range(len(todo))]
    results = [
        problem(students.index(student), failed)
        for student, failed in graded(course, assignment, students, jobs=2)
    ]
    found = [text for text in results if text is not None]
    assert "student" not in "".join(capfd.readouterr()), "a submission wrote to the terminal"
    assert list(SCRATCH.iterdir()) == [], "a submission left something behind"
    print(f"{len(todo)} submissions of {assignment}, {len(todo) - len(found)} marked as expected")
    assert found == [], "\n".join(found)


def output_of(course: Course, assignment: str, student: str, name: str) -> str:
    """What the code that was added behind a cell printed."""
    path = course.folder / "autograded" / student / assignment / f"{assignment}.ipynb"
    cells = nbformat.read(path, as_version=4).cells
    at = next(i for i, cell in enumerate(cells) if id_of(cell) == name)
    return "".join(output.get("text", "") + output.get("evalue", "") for output in cells[at + 1].outputs)
