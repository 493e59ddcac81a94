"""Makes of a notebook that was handed in one that nbgrader can grade, and tells what had to be done.

What nbgrader knows cells by stands in their metadata, which editors lose, other courses' tools change and
students copy. So it is taken from the assignment: for cells that carry its names, its cell ids, or its texts.
"""

import difflib
import json
from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell
from nbgrader.utils import is_grade, is_solution

from tools.grading.restore import id_of

#: More than a notebook with pictures has, in bytes.
LARGEST = 50_000_000
KINDS = {"code": new_code_cell, "markdown": new_markdown_cell, "raw": new_raw_cell}


class NoNotebook(Exception):
    """The message says why a file is no notebook that can be graded."""


@dataclass
class HandedIn:
    """A notebook as it was handed in: its cells' kinds, texts and data."""

    cells: list[dict]

    @staticmethod
    def read(raw: bytes) -> "HandedIn":
        """Reads any version of notebooks. Only what is needed is looked at."""
        if len(raw) > LARGEST:
            raise NoNotebook(f"it has more than {LARGEST // 1_000_000} MB")
        if not raw.strip():
            raise NoNotebook("it is empty")
        try:
            data = json.loads(raw.decode("utf-8-sig"))
            if isinstance(data, dict) and isinstance(data.get("worksheets"), list):
                data = nbformat.convert(nbformat.from_dict(data), 4)
        except RecursionError:
            raise NoNotebook("it is nested too deeply") from None
        except Exception as error:  # It may hold anything.
            reason = str(error).splitlines()[0][:100] if str(error) else type(error).__name__
            raise NoNotebook(f"it can't be read as a notebook: {reason}") from None
        cells = data.get("cells") if isinstance(data, dict) else None
        if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
            raise NoNotebook("it can't be read as a notebook: it has no cells")
        return HandedIn(cells)


@dataclass
class Mended:
    """A notebook for nbgrader."""

    notebook: NotebookNode
    #: What its student and the teacher are to know, a sentence each.
    notes: list[str]
    #: Whether an answer differs from what students get.
    is_answered: bool


def names_of(cells: list[dict], released: NotebookNode) -> list[str | None]:
    """The assignment's name for each cell, where it is the assignment's."""
    known = known_cells(released)
    by_id = {cell.get("id"): name for name, cell in known.items()}
    by_text = {cell.source.strip(): name for name, cell in known.items() if not is_solution(cell)}
    names = []
    for cell in cells:
        name = data_of(cell).get("grade_id")
        names.append(name if isinstance(name, str) and name in known else None)
    for find in (
        lambda cell: by_id.get(str(cell.get("id"))),
        lambda cell: by_text.get(text_of(cell).strip()),
    ):
        for i, cell in enumerate(cells):
            if names[i] is None and (name := find(cell)) not in names:
                names[i] = name
    return names


def shared(handed_in: HandedIn, released: NotebookNode) -> int:
    """How many cells of an assignment a notebook has."""
    return sum(name is not None for name in names_of(handed_in.cells, released))


def mended(handed_in: HandedIn, released: NotebookNode) -> Mended:
    """The notebook with the assignment's data in its known cells, and the texts alone of the others."""
    known = known_cells(released)
    names = names_of(handed_in.cells, released)
    missing = [name for name, cell in known.items() if is_solution(cell) and name not in names]
    notes: list[str] = []
    cells: list[NotebookNode] = []

    def add(kind: str, text: str, name: str | None) -> NotebookNode:
        cell = KINDS[kind](text, id=f"cell-{len(cells)}")
        if name is not None:
            cell.metadata["nbgrader"] = known[name].metadata.nbgrader
        cells.append(cell)
        return cell

    for cell, name in zip(handed_in.cells, names, strict=True):
        kind = str(cell.get("cell_type"))
        text = text_of(cell)
        if name is None:
            own = add(kind if kind in KINDS else "raw", text, None)
            own.metadata["tags"] = tags_of(cell)
            continue
        given = known[name]
        if kind != given.cell_type:
            notes.append(f"Cell {name!r} was a {kind} cell; it is taken as {given.cell_type}.")
        if is_solution(given):
            add(given.cell_type, text, name).metadata["tags"] = tags_of(cell)
            continue
        before, found, after = text.partition(given.source.strip())
        above, below = neighbors(name, known, missing)
        rest = {above: before if found else "", below: after if found else ""}
        taken = {answer: part for answer, part in rest.items() if answer is not None and part.strip()}
        for answer in taken:
            missing.remove(answer)
            notes.append(f"The answer {answer!r} stood in the given cell {name!r}; it is taken from there.")
        if above in taken:
            add(known[above].cell_type, before.strip(), above)
        add(given.cell_type, text if not taken else given.source, name)
        if below in taken:
            add(known[below].cell_type, after.strip(), below)
        if not taken and not is_grade(given) and (lines := lines_added(given.source, text)) > 0:
            notes.append(
                f"The given cell {name!r} was changed and is put back: {lines} of its lines don't count. "
                "An answer counts in the cell that is there for it."
            )
    notes += [f"The cell for the answer {name!r} is missing." for name in missing]
    is_answered = any(
        cell.source.strip() != known[name].source.strip()
        for cell in cells
        if (name := id_of(cell)) is not None and is_solution(known[name])
    )
    if notes:
        listed = "\n".join(f"- {note}" for note in notes)
        cells.insert(0, new_markdown_cell(f"**From the grading**\n\n{listed}", id="notes"))
    return Mended(new_notebook(metadata=released.metadata, cells=cells), notes, is_answered)


def neighbors(name: str, known: dict[str, NotebookNode], missing: list[str]) -> tuple[str | None, str | None]:
    """The missing answers right above and right below a given cell, in the assignment."""
    order = list(known)
    at = order.index(name)
    above, below = order[at - 1] if at > 0 else None, order[at + 1] if at + 1 < len(order) else None
    return above if above in missing else None, below if below in missing else None


def known_cells(notebook: NotebookNode) -> dict[str, NotebookNode]:
    """The cells that belong to an assignment, by their names."""
    return {id_of(cell): cell for cell in notebook.cells if id_of(cell) is not None}


def text_of(cell: dict) -> str:
    """A cell's text, which may be a list of lines."""
    source = cell.get("source", "")
    text = "".join(map(str, source)) if isinstance(source, list) else str(source)
    # Half of a pair of UTF-16 can't be written.
    return text.encode("utf-8", "replace").decode()


def data_of(cell: dict) -> dict:
    """What nbgrader has written into a cell."""
    metadata = cell.get("metadata")
    data = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return data if isinstance(data, dict) else {}


def tags_of(cell: dict) -> list[str]:
    """A cell's tags."""
    metadata = cell.get("metadata")
    tags = metadata.get("tags") if isinstance(metadata, dict) else None
    return list(map(str, tags)) if isinstance(tags, list) else []


def lines_added(given: str, now: str) -> int:
    """How many lines were put into a text."""
    lines = difflib.ndiff(given.strip().splitlines(), now.strip().splitlines())
    return sum(line.startswith("+ ") and line[2:].strip() != "" for line in lines)
