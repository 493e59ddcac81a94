"""nbgrader's settings for this course.

`npm run assignments`, `npm run grade` and nbgrader's own commands all use them.
"""

from pathlib import Path

from nbconvert.preprocessors import ClearMetadataPreprocessor, CSSHTMLHeaderPreprocessor
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearOutput,
    DeduplicateIds,
    GetGrades,
    LimitOutput,
    OverwriteCells,
    OverwriteKernelspec,
    SaveAutoGrades,
)

from tools.grading.execute import StrictExecute
from tools.grading.hide import HideHiddenTests
from tools.grading.inert import InertPage, inert_markdown
from tools.grading.restore import RestoreCells

COURSE = Path(__file__).resolve().parent

c = get_config()  # noqa: F821

c.CourseDirectory.course_id = "vanishing-gradients"
c.CourseDirectory.root = str(COURSE)
# Two submissions are graded at a time: the one waits while the other writes.
c.CourseDirectory.db_url = f"sqlite:///{COURSE / 'gradebook.db'}?timeout=60"

c.ClearSolutions.code_stub = {
    "typescript": 'throw new Error("Not done yet: put your code in the place of this line.");'
}
c.ClearSolutions.text_stub = "*Your answer in the place of this line.*"

c.RestoreCells.course = str(COURSE)
c.StrictExecute.course = str(COURSE)
c.Autograde.sanitize_preprocessors = [
    ClearOutput,
    DeduplicateIds,
    OverwriteKernelspec,
    OverwriteCells,
    RestoreCells,
    CheckCellMetadata,
]
c.Autograde.autograde_preprocessors = [
    StrictExecute,
    ClearMetadataPreprocessor,
    LimitOutput,
    SaveAutoGrades,
    AssignLatePenalties,
    CheckCellMetadata,
]
# Pages for students, and Formgrader's.
c.HTMLExporter.preprocessors = [InertPage]
c.HTMLExporter.filters = {"markdown2html": inert_markdown}
c.GenerateFeedback.preprocessors = [GetGrades, HideHiddenTests, CSSHTMLHeaderPreprocessor]
