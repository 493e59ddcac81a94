"""Puts a submitted notebook back into the order of its assignment."""

from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import compute_checksum, is_solution
from traitlets import Unicode


class RestoreCells(NbGraderPreprocessor):
    """Puts the assignment's cells into their order, and adds those that are missing, but for solutions.

    nbgrader has put the source of given cells and of tests right before. What a student added stays behind
    the cell that it stood behind.
    """

    course = Unicode(help="The course's folder").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Restores a notebook in place."""
        source = nbformat.read(source_of(self.course, resources), as_version=4)
        assignment = [cell for cell in source.cells if id_of(cell) is not None]
        known = {id_of(cell) for cell in assignment}
        start: list[NotebookNode] = []
        submitted: dict[str, list[NotebookNode]] = {}
        block = start
        for cell in nb.cells:
            name = id_of(cell)
            if name in known:
                block = submitted.setdefault(name, [])
            else:
                # A copy, or of another assignment. nbgrader stops at what it leaves of its data.
                cell.metadata.pop("nbgrader", None)
            block.append(cell)
        nb.cells = start
        for cell in assignment:
            name = id_of(cell)
            if name in submitted:
                nb.cells.extend(submitted[name])
            elif not is_solution(cell):
                self.log.warning("Cell '%s' was missing; it is put back", name)
                cell.metadata.nbgrader["checksum"] = compute_checksum(cell)
                nb.cells.append(cell)
        return nb, resources


def source_of(course: str, resources: dict) -> Path:
    """The teacher's notebook of what nbgrader is at work on."""
    names = resources["nbgrader"]
    return Path(course, "source", names["assignment"], f"{names['notebook']}.ipynb")


def id_of(cell: NotebookNode) -> str | None:
    """The name of a cell that belongs to the assignment."""
    return cell.metadata.get("nbgrader", {}).get("grade_id")
