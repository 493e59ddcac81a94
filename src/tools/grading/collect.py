"""Finds the notebooks of an assignment in a folder that students handed in to."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat

from tools.grading.course import Course, CourseError

#: Of a student's name, only what is safe in the name of a folder is kept.
UNSAFE = re.compile(r"[^\w.@-]+")


@contextmanager
def opened(handed_in: Path) -> Iterator[Path]:
    """The folder, or a temporary one with what is in the zip file."""
    if handed_in.is_dir():
        yield handed_in
    elif handed_in.suffix == ".zip" and handed_in.is_file():
        with tempfile.TemporaryDirectory() as folder:
            shutil.unpack_archive(handed_in, folder)
            yield Path(folder)
    else:
        raise CourseError(f"{handed_in} is neither a folder nor a .zip file")


def student_of(path: Path, folder: Path, assignment: str) -> str:
    """Whose notebook it is: by the folder that it lies in, or else by its name.

    STUDENT/anything.ipynb, STUDENT.ipynb, STUDENT_ASSIGNMENT.ipynb and STUDENT-ASSIGNMENT.ipynb are
    understood.
    """
    inside = path.relative_to(folder)
    name = inside.parts[0] if len(inside.parts) > 1 else re.sub(rf"[-_ ]*{assignment}.*$", "", path.stem)
    return UNSAFE.sub("-", name).strip("-.")


def collect(course: Course, assignment: str, handed_in: Path) -> tuple[list[str], list[str]]:
    """Copies each student's notebook into the course. A newer one takes the place of an older one.

    Gives the students, and what is wrong with the notebooks that were left out.
    """
    students: dict[str, Path] = {}
    problems = []
    with opened(handed_in) as folder:
        for path in sorted(folder.rglob("*.ipynb")):
            if ".ipynb_checkpoints" in path.parts or "__MACOSX" in path.parts:
                continue
            where = path.relative_to(folder)
            student = student_of(path, folder, assignment)
            if student == "":
                problems.append(f"{where}: its name does not tell whose it is")
            elif student in students:
                problems.append(f"{where}: {student} has another notebook, {students[student]}")
            else:
                problem = problem_of(path)
                if problem is None:
                    students[student] = where
                    take(path, course.submitted(assignment, student))
                else:
                    problems.append(f"{where}: {problem}")
    return sorted(students), problems


def problem_of(path: Path) -> str | None:
    """What is wrong with a file that should be a notebook."""
    try:
        nbformat.read(path, as_version=4)
    except Exception as error:  # It may hold anything.
        return f"it can't be read as a notebook: {str(error).splitlines()[0][:120]}"
    return None


def take(path: Path, submitted: Path) -> None:
    """Copies a notebook, unless it is there already."""
    if submitted.exists() and submitted.read_bytes() == path.read_bytes():
        return
    submitted.parent.mkdir(parents=True, exist_ok=True)
    submitted.unlink(missing_ok=True)
    shutil.copyfile(path, submitted)
