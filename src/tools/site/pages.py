"""Turns stored notebooks into pages for Sphinx: each figure becomes its picture, with the data beside it."""

import base64
import html
import json
import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_output

from tools.project import NOTEBOOKS

PLOTLY = "application/vnd.plotly.v1+json"
#: Code of more lines is folded.
LONG = 16


def lessons() -> list[Path]:
    """The lessons, in their order."""
    return sorted(NOTEBOOKS.glob("[0-9][0-9]-*.ipynb"))


def question_of(path: Path, folder: str = "lessons") -> str:
    """A line for a list of notebooks: number, title and question, as the notebook's first cell says them."""
    start = nbformat.read(path, as_version=4).cells[0].source
    number, title = re.search(r"^# (?:Assignment )?(\d+)\. (.+)$", start, re.M).groups()
    question = re.search(r"^\*\*The question: (.+)\*\*$", start, re.M)[1]
    return f"{number}. [{title}]({folder}/{path.name}): {question}\n"


#: A progress bar, of which all is done.
BAR = re.compile(r" *█+ *")
PERCENTAGE = re.compile(r'<td style="text-align:left">(-?[\d.,]+ %)</td>')


#: Where a reader may want a cell for code of their own.
OWN_CELL = re.compile(r"^\*\*Exercise \d|cell of your own", re.M)


def write_notebook(path: Path, pages: Path, folder: str) -> None:
    """Writes a notebook's page into a folder, its figures' files, and the notebook to be loaded."""
    notebook = nbformat.read(path, as_version=4)
    files = pages / "extra" / folder / path.stem
    files.mkdir(parents=True)
    (files / path.name).write_bytes(path.read_bytes())
    # The first line is the title.
    title, _, rest = notebook.cells[0].source.partition("\n")
    notebook.cells[0].source = f'{title}\n\n<div class="run-bar"></div>\n{rest}'
    count = 0
    cells = notebook.cells
    notebook.cells = [each for cell in cells for each in (cell, *live_figures(cell))]
    for place, cell in enumerate(cells):
        if cell.cell_type == "markdown":
            if OWN_CELL.search(cell.source):
                cell.source += f'\n\n<div class="own-cells" data-after="{cell.id}"></div>'
            write_attachments(cell, files, f"cell-{place}")
            continue
        # What is given in an assignment is there to be read; its tests are not.
        if cell.source.count("\n") >= LONG and cell.metadata.get("nbgrader", {}).get("grade", True):
            cell.metadata["tags"] = ["hide-input"]
        for number, output in enumerate(cell.outputs):
            if PLOTLY in output.get("data", {}):
                count += 1
                write_figure(output, files / f"figure-{count}")
                text = figure_html(output, f"figure-{count}")
                cell.outputs[number] = new_output("display_data", {"text/html": text})
            elif "text/html" in output.get("data", {}):
                # A table may be wider than a phone, and then is scrolled by itself: by keyboard, too.
                table = output.data["text/html"]
                output.data = NotebookNode({"text/html": scrolled(table)})
            elif BAR.search(output.get("data", {}).get("text/plain", "")):
                # A bar that is full tells nothing; on a phone some of them would fill the screen.
                output.data = NotebookNode({"text/plain": BAR.sub(": ", output.data["text/plain"])})
    link = f'<a href="{path.name}" download>this notebook</a>'
    more = "see [Run it yourself](../run-it-yourself.md)"
    note = f"It runs in this page: see above. Or open {link} in JupyterLab: {more}."
    notebook.cells.append(nbformat.v4.new_markdown_cell(f"---\n\n{note}"))
    (pages / folder).mkdir(exist_ok=True)
    nbformat.write(notebook, pages / folder / path.name)


def live_figures(cell: NotebookNode) -> list[NotebookNode]:
    """What stands behind a cell: a live figure, if its metadata give one's start settings."""
    settings = cell.metadata.pop("live", None)
    return [] if settings is None else [nbformat.v4.new_markdown_cell(live_html(settings))]


def live_html(settings: NotebookNode) -> str:
    """The place of a live figure. The page's script makes it; without one there is nothing."""
    return f'<div class="live" data-live="{html.escape(json.dumps(settings), quote=True)}"></div>'


def scrolled(table: str) -> str:
    """A table that scrolls sideways where it is too wide."""
    caption = re.search(r"<caption[^>]*>(.*?)</caption>", table, re.S)
    name = re.sub(r"<[^>]+>", "", caption[1]).strip() if caption else "Table"
    table = PERCENTAGE.sub(r'<td style="text-align:right">\1</td>', table)
    return (
        f'<div class="table" tabindex="0" role="region" aria-label="{html.escape(name, True)}">{table}</div>'
    )


ATTACHED = re.compile(r"!\[([^]]*)\]\(attachment:([^)]+)\)")


def write_attachments(cell: NotebookNode, files: Path, name: str) -> None:
    """Writes the pictures of a Markdown cell beside the page, and has the cell show them."""
    for picture, data in cell.pop("attachments", {}).items():
        (files / f"{name}-{picture}").write_bytes(base64.b64decode(data["image/png"]))
    cell.source = ATTACHED.sub(
        lambda match: (
            f'<img src="{name}-{match[2]}" alt="{html.escape(match[1], quote=True)}" loading="lazy">'
        ),
        cell.source,
    )


def write_figure(output: NotebookNode, path: Path) -> None:
    """Writes a figure's data and its picture."""
    figure = output.data[PLOTLY]
    path.with_suffix(".json").write_text(json.dumps(figure, separators=(",", ":")), "utf-8")
    path.with_suffix(".png").write_bytes(base64.b64decode(output.data["image/png"]))


def figure_html(output: NotebookNode, name: str) -> str:
    """The picture of a figure, in a frame that the interactive figure later takes, in the same size."""
    size = output.metadata["image/png"]
    alt = html.escape(output.data["text/plain"].strip(), quote=True)
    style = f"--width:{size['width']};--height:{size['height']}"
    return (
        f'<div class="figure" data-figure="{name}.json" style="{style}">'
        f'<img src="{name}.png" width="{size["width"]}" height="{size["height"]}" alt="{alt}" loading="lazy">'
        "</div>"
    )
