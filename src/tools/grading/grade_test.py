"""`npm run grade` as a teacher runs it, with a small assignment."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest
from nbformat.v4 import new_notebook
from nbgrader.api import Gradebook

from tools.grading.course import COURSE, Course
from tools.grading.execute import SCRATCH
from tools.grading.execute_test import cell_of
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
