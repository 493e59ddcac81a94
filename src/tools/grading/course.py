"""The course of assignments: where its files are, and nbgrader's commands for it."""

import hashlib
import json
import logging
import re
import shutil
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps import NbGraderAPI
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from tools.grading.page import finished
from tools.grading.personal import for_student, students_of
from tools.project import NOTEBOOKS

COURSE = NOTEBOOKS / "assignments"


class CourseError(Exception):
    """Something that a teacher can put right. The message says how."""


class Course:
    """A folder with nbgrader_config.py and source/, in nbgrader's layout."""

    def __init__(self, folder: Path = COURSE) -> None:
        self.folder = folder

    @property
    def assignments(self) -> list[str]:
        """Names of the assignments."""
        return sorted(path.parent.name for path in self.folder.glob("source/*/*.ipynb"))

    def source(self, assignment: str) -> Path:
        """The notebook that a teacher writes, with solutions and hidden tests."""
        return self._notebook("source", ".", assignment)

    def released(self, assignment: str) -> Path:
        """The notebook that students get."""
        return self._notebook("release", ".", assignment)

    def submitted(self, assignment: str, student: str) -> Path:
        """The notebook that a student handed in."""
        return self._notebook("submitted", student, assignment)

    def feedback(self, assignment: str, student: str) -> Path:
        """The page that a student gets back."""
        return self._notebook("feedback", student, assignment).with_suffix(".html")

    def students(self, assignment: str) -> list[str]:
        """Those who have handed in."""
        return sorted(
            path.parts[-3] for path in self.folder.glob(f"submitted/*/{assignment}/{assignment}.ipynb")
        )

    def require(self, assignment: str) -> None:
        """Fails if there is no such assignment."""
        if assignment not in self.assignments:
            raise CourseError(
                f"there is no assignment {assignment!r}; there are: {', '.join(self.assignments)}"
            )

    def release(self, assignment: str) -> None:
        """Makes the students' notebook: no solutions, no hidden tests, no outputs.

        If numbers are a student's own (see personal.py), one for each student too, in `release-by-student`.
        """
        result = self._nbgrader().generate_assignment(assignment, force=True)
        if "are submissions associated with it" in f"{result.get('log')} {result.get('error')}":
            raise CourseError(
                f"cells with names were added to {assignment}, or taken away, since students were graded. "
                f"To grade all anew, move {self.folder / 'gradebook.db'} away, and run this again. "
                "(Marks that were changed by hand are in that file alone.)"
            )
        require_success(result, f"the student version of {assignment} could not be made")
        for student in students_of(self.folder):
            notebook = nbformat.read(self.released(assignment), as_version=4)
            for cell in notebook.cells:
                cell.source = for_student(cell.source, student)
            path = self.folder / "release-by-student" / student / f"{assignment}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(notebook, path)

    def is_released(self, assignment: str) -> bool:
        """Whether the students' notebook is there, and no older than its source."""
        made, source = self.released(assignment), self.source(assignment)
        database = self.folder / "gradebook.db"
        return made.exists() and database.exists() and made.stat().st_mtime >= source.stat().st_mtime

    def require_released(self, assignment: str) -> None:
        """Makes the students' notebook, unless it is there."""
        if not self.is_released(assignment):
            self.release(assignment)

    def grade(self, assignment: str, student: str) -> None:
        """Runs a submission, stores its marks, and writes its page."""
        result = self._nbgrader().autograde(assignment, student, force=True)
        require_success(result, "it could not be graded")
        self.write_page(assignment, student)

    def write_page(self, assignment: str, student: str) -> None:
        """Writes the page that a student gets back."""
        result = self._nbgrader().generate_feedback(assignment, student, force=True)
        require_success(result, "its page could not be written")
        page = self.feedback(assignment, student)
        text = finished(page.read_text("utf-8"), student, self._mark_of_marks(assignment, student))
        page.write_text(text, "utf-8")

    def is_page_current(self, assignment: str, student: str) -> bool:
        """Whether marks and comments are those of the page. A teacher may have changed them by hand."""
        page = self.feedback(assignment, student).read_text("utf-8")
        return self._mark_of_marks(assignment, student) in page

    def is_graded(self, assignment: str, student: str) -> bool:
        """Whether there are marks, and a page, written last, that is newer than submission and assignment."""
        page = self.feedback(assignment, student)
        newest = max(
            self.submitted(assignment, student).stat().st_mtime, self.source(assignment).stat().st_mtime
        )
        return page.exists() and page.stat().st_mtime > newest and self._has_marks(assignment, student)

    def marks(self, assignment: str, student: str) -> dict[str, tuple[float, float]]:
        """Points and greatest possible points, by the name of the test."""
        with Gradebook(self._config().CourseDirectory.db_url) as gradebook:
            submission = gradebook.find_submission_notebook(assignment, assignment, student)
            order = {cell.name: i for i, cell in enumerate(submission.notebook.source_cells)}
            grades = sorted(submission.grades, key=lambda grade: order[grade.name])
            return {grade.name: (grade.score, grade.max_score) for grade in grades}

    def by_hand(self, assignment: str, student: str) -> list[str]:
        """Names of the tests whose marks a teacher has changed."""
        with Gradebook(self._config().CourseDirectory.db_url) as gradebook:
            submission = gradebook.find_submission_notebook(assignment, assignment, student)
            return sorted(grade.name for grade in submission.grades if grade.manual_score is not None)

    def forget(self, assignment: str, student: str) -> None:
        """Takes away what was made of a submission, and the submission."""
        for made in ("submitted", "autograded", "feedback"):
            shutil.rmtree(self.folder / made / student / assignment, ignore_errors=True)

    def _has_marks(self, assignment: str, student: str) -> bool:
        """Whether the gradebook has marks: it may be another one than when the page was written."""
        with Gradebook(self._config().CourseDirectory.db_url) as gradebook:
            try:
                gradebook.find_submission_notebook(assignment, assignment, student)
            except MissingEntry:
                return False
        return True

    def _mark_of_marks(self, assignment: str, student: str) -> str:
        """A comment that tells the marks and comments of a page from others."""
        with Gradebook(self._config().CourseDirectory.db_url) as gradebook:
            submission = gradebook.find_submission_notebook(assignment, assignment, student)
            known = [
                sorted([grade.name, grade.score, grade.extra_credit] for grade in submission.grades),
                sorted([comment.name, comment.comment] for comment in submission.comments),
            ]
        return f"<!-- marks {hashlib.sha256(json.dumps(known).encode()).hexdigest()} -->"

    def _notebook(self, kind: str, student: str, assignment: str) -> Path:
        return self.folder / kind / student / assignment / f"{assignment}.ipynb"

    def _config(self) -> Config:
        return PyFileConfigLoader("nbgrader_config.py", path=str(self.folder)).load_config()

    def _nbgrader(self) -> NbGraderAPI:
        config = self._config()
        api = NbGraderAPI(config=config)
        api.log.setLevel(logging.WARNING)
        return api


def require_success(result: dict, message: str) -> None:
    """Fails if a command of nbgrader's did, and says why."""
    if result["success"]:
        return
    said = [line.strip() for line in f"{result.get('log') or ''}\n{result.get('error') or ''}".splitlines()]
    # The last line of a traceback tells. What comes after it only says that there is one.
    errors = [line for line in said if re.match(r"[\w.]*(Error|Exception|Interrupt)\b", line)]
    raise CourseError(f"{message}: {errors[0] if errors else ' '.join(said).strip()[-300:]}")
