"""Solutions of a lesson's exercises: folded in Markdown cells, so that a reader's run passes them by.

Their code runs after the lesson, in the same kernel, whenever the lesson is stored or checked; what it
prints and draws is written below it, between two marks.
"""

import re

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

START = "<!-- what it shows -->"
END = "<!-- until here -->"
SOLUTION = re.compile(
    rf"(<summary>Solution</summary>\n\n```typescript\n)(?P<code>.*?)(\n```\n\n){START}\n(?P<shown>.*?){END}",
    re.DOTALL,
)
#: What an exercise begins with.
EXERCISE = re.compile(r"^\*\*Exercise \d+\.\*\*", re.MULTILINE)


def code_cells(notebook: NotebookNode) -> list[tuple[NotebookNode, NotebookNode]]:
    """Each cell with a solution, and a code cell that runs it. `write_down` writes down what came of it."""
    found = [(cell, SOLUTION.search(cell.source)) for cell in notebook.cells if cell.cell_type == "markdown"]
    return [(cell, new_code_cell(match["code"])) for cell, match in found if match]


def write_down(cell: NotebookNode, ran: NotebookNode) -> None:
    """Writes what a solution printed below its code, and keeps its figures with the cell."""
    parts: list[str] = []
    pictures: dict[str, dict[str, str]] = {}
    for output in ran.outputs:
        data = output.get("data", {})
        text = (output.get("text") or data.get("text/plain") or "").strip("\n")
        if "image/png" in data:
            name = f"figure-{len(pictures) + 1}.png"
            pictures[name] = {"image/png": "".join(data["image/png"]).replace("\n", "")}
            parts.append(
                f"![{' '.join(text.split()).replace('[', '(').replace(']', ')')}](attachment:{name})"
            )
        elif "█" not in text:
            lines = [line.rstrip() for line in text.splitlines()]
            parts.append("\n".join(["```text", *lines, "```"]))
    shown = "\n\n".join(["", *parts, ""]).lstrip("\n")
    match = SOLUTION.search(cell.source)
    assert match is not None
    cell.source = cell.source[: match.start("shown")] + "\n" + shown + cell.source[match.end("shown") :]
    cell.pop("attachments", None)
    if pictures:
        cell["attachments"] = NotebookNode(pictures)


def unsolved(notebook: NotebookNode) -> list[str]:
    """The exercises that have no solution in their cell."""
    return [
        exercise[0]
        for cell in notebook.cells
        if cell.cell_type == "markdown" and (exercise := EXERCISE.search(cell.source))
        if not SOLUTION.search(cell.source)
    ]
