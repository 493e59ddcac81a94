"""Runs a lesson in a kernel of its own, and says what is wrong with its outputs."""

from collections.abc import Callable
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from tools.lessons import solutions

KERNEL = "tslab"
TIMEOUT = 600
PLOTLY = "application/vnd.plotly.v1+json"


class LessonError(Exception):
    """A lesson that does not run as it should. The message names the cell."""


def read(path: Path) -> NotebookNode:
    """Reads a notebook."""
    return nbformat.read(path, as_version=4)


def execute(path: Path, on_cell: Callable[[int, int], None]) -> NotebookNode:
    """Runs the notebook at `path` top to bottom, then its solutions, in its own folder. The file stays.

    `on_cell` is told each code cell's number, from 1, and how many there are.
    """
    notebook = read(path)
    solved = solutions.code_cells(notebook)
    notebook.cells += [ran for _, ran in solved]
    code = [index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    at = 0

    def start(cell: NotebookNode, cell_index: int) -> None:
        nonlocal at
        at = code.index(cell_index) + 1 if cell_index in code else at
        on_cell(at, len(code))

    client = NotebookClient(
        notebook,
        kernel_name=KERNEL,
        timeout=TIMEOUT,
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_start=start,
    )
    try:
        client.execute()
    except CellExecutionError as error:
        raise LessonError(f"{name_of(notebook, at)}: {error.ename}: {error.evalue}") from error
    except CellTimeoutError as error:
        raise LessonError(f"{name_of(notebook, at)}: not finished after {TIMEOUT} s") from error
    except DeadKernelError as error:
        raise LessonError(f"{name_of(notebook, at)}: the kernel ended") from error
    strip(notebook)
    found = problems(notebook)
    if found:
        raise LessonError("\n".join(found))
    for cell, ran in solved:
        solutions.write_down(cell, ran)
    notebook.cells = notebook.cells[: len(notebook.cells) - len(solved)]
    return notebook


def name_of(notebook: NotebookNode, number: int) -> str:
    """What a reader calls the code cell with this number: its number and its first line."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if not 1 <= number <= len(cells):
        return "before the first cell"
    first = next((line for line in cells[number - 1].source.splitlines() if line.strip()), "")
    return f"cell [{number}] {first.strip()[:60]!r}"


def strip(notebook: NotebookNode) -> None:
    """Takes away what differs between two runs, or between two computers."""
    notebook.metadata = NotebookNode(kernelspec=notebook.metadata["kernelspec"])
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)


def text_of(value: object) -> str:
    """A text that a notebook may keep as a list of lines."""
    return "".join(value) if isinstance(value, list) else str(value)


def problems(notebook: NotebookNode) -> list[str]:
    """What must not be in a lesson that was run."""
    found = []
    number = 0
    if all(cell.get("execution_count") is None for cell in notebook.cells):
        return ["it has not been run"]
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        number += 1
        name = name_of(notebook, number)
        if cell.execution_count != number:
            found.append(f"{name}: its count is {cell.execution_count}")
        for output in cell.outputs:
            data = output.get("data", {})
            text = text_of(output.get("text", "")) + text_of(data.get("text/plain", ""))
            if output.output_type == "error":
                found.append(f"{name}: {output.ename}: {output.evalue}")
            elif output.get("name") == "stderr":
                found.append(f"{name}: it wrote to stderr: {text.strip()[:200]}")
            if "UnhandledPromiseRejection" in text:
                found.append(f"{name}: a promise was rejected, and nothing waited for it")
            if PLOTLY in data and not data.get("image/png"):
                found.append(f"{name}: a figure without a picture")
    return found
