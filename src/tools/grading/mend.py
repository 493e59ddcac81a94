"""Makes of a notebook that was handed in one that nbgrader can grade, and tells what had to be done.

What nbgrader knows cells by stands in their metadata, which editors lose, other courses' tools change and
students copy. So it is taken from the assignment: for cells that carry its names, its cell ids, or its texts.
"""

import json
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell
from nbgrader.utils import is_grade, is_solution

from tools.grading.restore import id_of

#: More than a notebook with pictures has, in bytes.
LARGEST = 50_000_000
#: More cells than a person writes.
MOST_CELLS = 2000
#: More text in its cells than one writes, in characters. A page would be many times as long.
MOST_TEXT = 5_000_000
#: What an answer's cell declares, and so may stand in another cell as well.
DECLARED = re.compile(r"\b(?:function|const|let|var|class)\s+(\w+)")
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
            data = json.loads(text_in(raw))
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
        if len(cells) > MOST_CELLS:
            raise NoNotebook(f"it has more than {MOST_CELLS:,} cells")
        if sum(len(text_of(cell)) for cell in cells) > MOST_TEXT:
            raise NoNotebook(f"its cells hold more than {MOST_TEXT // 1_000_000} MB of text")
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
            if names[i] is None and (name := find(cell)) is not None and name not in names:
                names[i] = name
    if not any(name is not None and is_solution(known[name]) for name in names):
        name_by_place(cells, names, known)
    return names


def name_by_place(cells: list[dict], names: list[str | None], known: dict[str, NotebookNode]) -> None:
    """Names answers, where all that tells them is lost: each stands behind the cell that is before it."""
    order = [None, *known]
    above = None
    for i, cell in enumerate(cells):
        following = order[order.index(above) + 1] if above != order[-1] else None
        if names[i] is None and following not in (None, *names):
            given = known[following]
            if is_solution(given) and cell.get("cell_type") == given.cell_type:
                names[i] = following
        above = names[i] or above


def shared(handed_in: HandedIn, released: NotebookNode) -> int:
    """How many cells of an assignment a notebook has."""
    return sum(name is not None for name in names_of(handed_in.cells, released))


def mended(handed_in: HandedIn, released: NotebookNode) -> Mended:
    """The notebook with the assignment's data in its known cells, and the texts alone of the others."""
    known = known_cells(released)
    names = names_of(handed_in.cells, released)
    missing = [name for name, cell in known.items() if is_solution(cell) and name not in names]
    written = {
        name
        for cell, name in zip(handed_in.cells, names, strict=True)
        if name is not None and text_of(cell).strip() != known[name].source.strip()
    }
    moved: set[str] = set()
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
            if name in moved | written and text.strip() == given.source.strip():
                # It would take the place of the answer.
                notes.append(f"A second cell for the answer {name!r}, with nothing in it, is left out.")
                continue
            add(given.cell_type, text, name).metadata["tags"] = tags_of(cell)
            continue
        before, found, after = text.partition(given.source.strip())
        above, below = neighbors(name, known)
        rest = {above: before if found else "", below: after if found else ""}
        taken = {
            answer: part
            for answer, part in rest.items()
            if answer is not None and answer not in written | moved
            if part.strip() and (answer in missing or declares(part, known[answer].source))
        }
        for answer in taken:
            moved.add(answer)
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
    notes += [f"The cell for the answer {name!r} is missing." for name in missing if name not in moved]
    is_answered = any(
        cell.source.strip() != known[name].source.strip()
        for cell in cells
        if (name := id_of(cell)) is not None and is_solution(known[name])
    )
    if notes:
        listed = "\n".join(f"- {note}" for note in notes)
        cells.insert(0, new_markdown_cell(f"**From the grading**\n\n{listed}", id="notes"))
    return Mended(new_notebook(metadata=released.metadata, cells=cells), notes, is_answered)


def neighbors(name: str, known: dict[str, NotebookNode]) -> tuple[str | None, str | None]:
    """The answers right above and right below a given cell, in the assignment."""
    order = [None, *known, None]
    at = order.index(name)
    return tuple(
        other if other is not None and is_solution(known[other]) else None
        for other in (order[at - 1], order[at + 1])
    )


def declares(part: str, answer: str) -> bool:
    """Whether some code declares what an answer's cell does."""
    return not {*DECLARED.findall(answer)}.isdisjoint(DECLARED.findall(part))


def known_cells(notebook: NotebookNode) -> dict[str, NotebookNode]:
    """The cells that belong to an assignment, by their names."""
    return {id_of(cell): cell for cell in notebook.cells if id_of(cell) is not None}


def text_in(raw: bytes) -> str:
    """The text of a file, however an editor has written it."""
    for encoding in (json.detect_encoding(raw), "cp1252"):
        with suppress(UnicodeDecodeError):
            return raw.decode(encoding)
    raise NoNotebook("it can't be read as a notebook: it is no text")


def text_of(cell: dict) -> str:
    """A cell's text, which may be a list of lines."""
    source = cell.get("source") or ""
    text = "".join(map(str, source)) if isinstance(source, list) else str(source)
    # Half of a pair of UTF-16 can't be written.
    return text.encode("utf-8", "replace").decode().replace("\r\n", "\n")


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
    before, after = (Counter(map(str.strip, text.splitlines())) for text in (given, now))
    return sum(count for line, count in (after - before).items() if line != "")
