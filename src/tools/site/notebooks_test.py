"""A stored lesson tells its story where there are neither scripts nor styles, as on GitHub."""

import re

import nbformat
import pytest
from nbconvert import HTMLExporter

from tools.site.pages import PLOTLY, lessons


@pytest.mark.parametrize("path", lessons(), ids=lambda path: path.stem)
def test_without_scripts_and_styles(path) -> None:
    """Each figure is there as a picture, each table as a table, and no output needs more."""
    notebook = nbformat.read(path, as_version=4)
    page, _ = HTMLExporter(template_name="basic").from_notebook_node(notebook)
    bare = re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.S)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    figures = [output for output in outputs if PLOTLY in output.get("data", {})]
    solutions = [picture for cell in notebook.cells for picture in cell.get("attachments", {})]
    assert len(figures) > 0
    pictures = re.findall(r'<img [^>]*src="data:image/png;base64,[^"]{1000}', bare)
    assert len(pictures) == len(figures) + len(solutions)
    for output in outputs:
        kinds = set(output.get("data", {}))
        assert not kinds or kinds & {"image/png", "text/html", "text/plain"}
        # GitHub strips scripts and styles from an output.
        assert not re.search(r"<script|<style|onclick=", str(output.get("data", {}).get("text/html", "")))
