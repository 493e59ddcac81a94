"""`npm run grade` as a teacher runs it, with a small assignment."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat import read, write
from nbformat.v4 import new_notebook
from nbgrader.api import Gradebook

from tools.grading.course import COURSE, Course
from tools.grading.execute_test import cell_of
from tools.grading.grade import main, moment
from tools.grading.scratch import SCRATCH
from tools.project import PROJECT

ANSWER = """/// BEGIN SOLUTION
function twice(x: number[]): number[] {
  return x.map((n) => 2 * n);
}
/// END SOLUTION"""
TEST = """import { expectClose } from "vanishing-gradients";
expectClose(await twice([1, 2]), [2, 4], { of: "twice([1, 2])" });
/// BEGIN HIDDEN TESTS
expectClose(await twice([5]), [10], { of: "what is hidden", hidden: true });
/// END HIDDEN TESTS"""


def cells(answer: str) -> list[nbformat.NotebookNode]:
    """The cells of the assignment, with an answer."""
    made = [cell_of("answer", "twice", answer), cell_of("test", "twice", TEST)]
    for cell in made:
        cell.metadata.nbgrader |= {"schema_version": 3, "task": False, "cell_type": "code"}
    return made


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course with one small assignment."""
    made = Course(tmp_path / "course")
    path = made.source("hw")
    path.parent.mkdir(parents=True)
    kernel = {"kernelspec": {"name": "tslab", "display_name": "tslab", "language": "typescript"}}
    nbformat.write(new_notebook(cells=cells(ANSWER), metadata=kernel), path)
    (made.folder / "nbgrader_config.py").write_text(
        (COURSE / "nbgrader_config.py").read_text("utf-8"), "utf-8"
    )
    return made


def hand_in(path: Path, answer: str) -> None:
    """Hands in a notebook with an answer."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(nbformat.writes(new_notebook(cells=cells(answer))), "utf-8")


RIGHT = "function twice(x: number[]): number[] { return x.map((n) => n + n); }"
WRONG = "function twice(x: number[]): number[] { return [2, 4]; }"


def start(course: Course, *arguments: object) -> subprocess.Popen:
    """Starts to grade."""
    command = [
        sys.executable,
        "-m",
        "tools.grading.grade",
        "hw",
        *map(str, arguments),
        "--course",
        course.folder,
    ]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, cwd=PROJECT, start_new_session=True)


def grade(course: Course, *arguments: object) -> tuple[int, str]:
    """Grades. Gives the exit code and what was said."""
    process = start(course, *arguments)
    said = "".join(process.communicate())
    return process.returncode, said


def rows(course: Course) -> dict[str, dict[str, str]]:
    """The rows of the teacher's table, by student."""
    with (course.folder / "marks" / "hw.csv").open(newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def test_each_student_has_a_row_with_the_cause_and_each_file_is_named(course: Course, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    hand_in(folder / "ada_7_assignsubmission_file_" / "hw.ipynb", RIGHT)
    hand_in(folder / "bob.ipynb", WRONG)
    (folder / "cem.ipynb").write_text("not json")
    (course.folder / "students.txt").write_text("ada\nbob\ncem\ndan\n")
    os.utime(folder / "bob.ipynb", (2_000_000_000, 2_000_000_000))
    code, said = grade(course, folder, "--due", "2026-01-01 12:00")
    assert code == 1, said
    table = rows(course)
    assert {name: (row["status"][:25], row["points"], row["late"]) for name, row in table.items()} == {
        "ada": ("graded", "1", "late"),
        "bob": ("graded", "0", "late"),
        "cem": ("not graded: cem.ipynb was", "", "late"),
        "dan": ("nothing was handed in", "", ""),
    }
    assert (table["ada"]["platform"], table["ada"]["number"]) == ("moodle", "7")
    assert "  cem.ipynb: left out: it can't be read as a notebook" in said
    page = course.feedback("hw", "bob").read_text("utf-8")
    assert "<h4>bob: hw (Score: 0.0 / 1.0)</h4>" in page
    assert "<script" not in page and re.search(r'(src|href)="?(http|//)', page) is None

    # A mark that was changed by hand: the page follows, and nothing is graded again.
    with Gradebook(f"sqlite:///{course.folder / 'gradebook.db'}") as gradebook:
        grade_of_bob = gradebook.find_submission_notebook("hw", "hw", "bob").grades[0]
        grade_of_bob.manual_score = 0.5
        gradebook.db.commit()
    code, said = grade(course)
    assert "bob: the marks were changed by hand" in said and "ada: the marks" not in said
    assert "0 of them now" in said
    assert rows(course)["bob"]["points"] == "0.5"
    assert "Score: 0.5 / 1.0" in course.feedback("hw", "bob").read_text("utf-8")

    # It stays when the student hands in again, and that is told.
    hand_in(folder / "bob.ipynb", RIGHT)
    code, said = grade(course, folder, "--due", "2026-01-01")
    assert "bob: 0.5 of 1 (set by hand before, and kept: twice-test)" in said
    assert rows(course)["bob"]["late"] == "late"

    # What two machines did is one table.
    for part in ("1/2", "2/2"):
        grade(course, "--share", part)
        (course.folder / "marks" / "hw.csv").rename(tmp_path / f"{part[0]}.csv")
    code, said = grade(course, "--merge", tmp_path / "1.csv", tmp_path / "2.csv")
    assert code == 0 and list(rows(course)) == ["ada", "bob", "cem", "dan"], said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_what_ends_a_run_leaves_nothing_behind(course: Course, tmp_path: Path, number: int) -> None:
    hand_in(tmp_path / "in" / "ada.ipynb", "for (;;);")
    process = start(course, tmp_path / "in")
    children: list[psutil.Process] = []
    end = time.monotonic() + 60
    while time.monotonic() < end and not any("judge.js" in " ".join(child.cmdline()) for child in children):
        time.sleep(0.1)
        children = alive(psutil.Process(process.pid).children(recursive=True))
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == (-number if number == signal.SIGKILL else 130)
    _, left = psutil.wait_procs(children, timeout=20)
    assert alive(left) == []
    left_behind = [folder for child in children for folder in SCRATCH.glob(f"grade{child.pid}-*")]
    assert left_behind == []


def test_what_has_changed_since_the_last_time(course: Course, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    hand_in(folder / "Ada L_1_assignsubmission_file_" / "hw.ipynb", RIGHT)
    odd = "\x1b]0;x\x07\n9 of 9.ipynb"
    (folder / odd).write_text("")
    latin = os.fsencode(folder) + b"/\xe9.txt"
    Path(os.fsdecode(latin)).write_text("")
    code, said = grade(course, folder)
    assert list(rows(course)) == ["0-x-9-of-9", "Ada-L"]
    assert "  \\x1b]0;x\\x07\\n9 of 9.ipynb: left out: it is empty\n" in said
    assert "  \\udce9.txt: left out: it is no notebook\n" in said
    (folder / odd).unlink()

    # A namesake comes.
    hand_in(folder / "Ada L_2_assignsubmission_file_" / "hw.ipynb", WRONG)
    code, said = grade(course, folder)
    assert "Ada-L: taken away, as the file is another's now" in said
    assert {name: row["points"] for name, row in rows(course).items() if row["of"]} == {
        "Ada-L-1": "1",
        "Ada-L-2": "0",
    }

    # The gradebook is gone, or the assignment has another test.
    (course.folder / "gradebook.db").unlink()
    assert "2 graded, 2 of them now" in grade(course)[1]
    notebook = read(course.source("hw"), as_version=4)
    more = cell_of("test", "more", TEST.replace("NAME", "twice"))
    more.metadata.nbgrader |= {"schema_version": 3, "task": False, "cell_type": "code"}
    notebook.cells.append(more)
    write(notebook, course.source("hw"))
    code, said = grade(course)
    assert (code, "To grade all anew, move" in said) == (1, True)
    (course.folder / "gradebook.db").unlink()
    grade(course)
    assert rows(course)["Ada-L-1"]["of"] == "2"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--due", "30.11.2026"], 'is no time such as "2026-11-30 23:59"'),
        (["--due", "2026-11-30"], "name the FOLDER"),
    ],
)
def test_a_date_that_can_t_be_used_is_told(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture
) -> None:
    with pytest.raises(SystemExit):
        main(["hw", *arguments])
    assert message in capsys.readouterr().err


def test_a_date_alone_is_the_whole_day() -> None:
    assert moment("2026-11-30") == datetime(2026, 11, 30, 23, 59, 59)
    assert moment("2026-11-30 12:00") == datetime(2026, 11, 30, 12)


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that run still."""
    found = []
    for process in processes:
        try:
            process.cmdline()
            found.append(process)
        except psutil.Error:
            continue
    return found


def test_the_cause_is_told_when_a_notebook_can_t_be_graded(course: Course) -> None:
    path = course.submitted("hw", "ada")
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{}]}))
    code, _ = grade(course)
    assert code == 1
    assert rows(course)["ada"]["status"].startswith("not graded: it could not be graded: ")
    assert "above" not in rows(course)["ada"]["status"]
