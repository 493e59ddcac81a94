"""Keeps hidden tests out of the pages that students get."""

import re

from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import ClearHiddenTests
from nbgrader.utils import is_grade

#: A line of a test that is as short is in other texts, too.
SHORT = 12
#: Characters of a message: more than the checks' own need.
LONGEST = 600
FRAME = re.compile(r"    at (cell \[\d+\], line \d+|src/library/\S+)( in [\w.$<>]+)?")
#: Lines of code that a frame quotes, and the mark below it, stand this far in.
QUOTED = " " * 8


class HideHiddenTests(ClearHiddenTests):
    """Takes away hidden tests, and what the student's code may have told of them.

    A test runs in the same process as the student's code, which can read it. So the error alone is kept of a
    test cell's outputs, and of its traceback what quotes the student's own lines. An output of any cell that
    holds a line of a hidden test is left out. Someone who encodes that line first is not stopped.
    """

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Changes a notebook in place."""
        self._own = {line for cell in nb.cells if not is_grade(cell) for line in lines_of(cell.source)}
        self._hidden = {
            squeezed(line)
            for cell in nb.cells
            if is_grade(cell)
            for line in lines_of(self.hidden_part(cell.source))
            if len(squeezed(line)) >= SHORT
        }
        return super().preprocess(nb, resources)

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict, cell_index: int
    ) -> tuple[NotebookNode, dict]:
        """Changes a cell in place."""
        if is_grade(cell):
            errors = [output for output in cell.get("outputs", []) if output.output_type == "error"]
            cell.outputs = [self.own_error(error) for error in errors[-1:]]
            return super().preprocess_cell(cell, resources, cell_index)
        if "outputs" in cell:
            cell.outputs = [self.without_tests(output) for output in cell.outputs]
        return cell, resources

    def hidden_part(self, source: str) -> str:
        """What stands between the marks of hidden tests."""
        begin, end = re.escape(self.begin_test_delimeter), re.escape(self.end_test_delimeter)
        return "\n".join(re.findall(f"{begin}(.*?){end}", source, re.S))

    def own_error(self, error: NotebookNode) -> NotebookNode:
        """An error's name and message, and the frames of its traceback that show the student's own lines."""
        name, message = error.ename[:60], error.evalue[:LONGEST]
        if self.tells(f"{name} {message}"):
            name, message = "Error", "its message is left out: it holds a line of a hidden test"
        frames = frames_of("\n".join(error.traceback).splitlines(), self._own)
        return new_output("error", ename=name, evalue=message, traceback=[f"{name}: {message}", *frames])

    def without_tests(self, output: NotebookNode) -> NotebookNode:
        """An output, unless it holds a line of a hidden test."""
        if self.tells(str(output)):
            return new_output("stream", text="(This output is left out: it holds a line of a hidden test.)")
        return output

    def tells(self, text: str) -> bool:
        """Whether a text holds a line of a hidden test, however it is spaced or escaped."""
        text = squeezed(text)
        return any(line in text for line in self._hidden)


def squeezed(text: str) -> str:
    """A text without its blanks, quotation marks, backslashes and semicolons."""
    return re.sub(r"\\[nt]|[\s\\\"'`;]", "", text)


def lines_of(source: str) -> list[str]:
    """The lines of some code, less the blanks around them."""
    return [line.strip() for line in source.splitlines() if line.strip()]


def frames_of(traceback: list[str], own: set[str]) -> list[str]:
    """The frames of a traceback that quote lines of the student's own, or are of the library."""
    kept: list[str] = []
    frame: list[str] = []
    for line in [*traceback, ""]:
        if line.startswith(QUOTED) and frame:
            frame.append(line)
            continue
        quoted = [text.strip() for text in frame[1:] if text.strip() != "^"]
        if frame and all(text in own for text in quoted) and (quoted or "src/library/" in frame[0]):
            kept += frame
        frame = [line] if FRAME.fullmatch(line) else []
    return kept
