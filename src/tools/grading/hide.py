"""Keeps hidden tests out of the pages that students get."""

import re

from nbformat import NotebookNode
from nbgrader.preprocessors import ClearHiddenTests
from nbgrader.utils import is_grade


class HideHiddenTests(ClearHiddenTests):
    """Takes away hidden tests, and the lines of a test's own code that an error quotes."""

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict, cell_index: int
    ) -> tuple[NotebookNode, dict]:
        """Changes a cell in place."""
        if not is_grade(cell):
            # A student's own cell may hold anything, the marks of hidden tests too.
            return cell, resources
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                output.traceback = without_frames(output.traceback, cell.execution_count)
        return super().preprocess_cell(cell, resources, cell_index)


def without_frames(traceback: list[str], count: int | None) -> list[str]:
    """The lines of a traceback, less those that tell a place in the cell with this count, and quote it."""
    lines = "\n".join(traceback).splitlines()
    kept = []
    quoted = False
    for line in lines:
        if line.startswith("    at "):
            quoted = re.match(rf"    at cell \[{count}\]", line) is not None
        elif not line.startswith("        "):
            quoted = False
        if not quoted:
            kept.append(line)
    return kept
