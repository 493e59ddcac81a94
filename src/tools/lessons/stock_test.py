"""Lessons run under tslab as npm has it, too: the notebooks name it, so whoever has it already meets no error."""

import json
import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tools.lessons.lesson import KERNEL, TIMEOUT, read
from tools.project import PROJECT

LESSONS = sorted((PROJECT / "notebooks").glob("[0-9][0-9]-*.ipynb"))
# They take minutes: two on each run, all where they are asked for.
CHOSEN = LESSONS if os.environ.get("LESSONS") == "all" else LESSONS[:2]
TSLAB = PROJECT / "node_modules" / "tslab" / "bin" / "tslab"


@pytest.fixture(autouse=True)
def stock_tslab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Has Jupyter find the kernel that `tslab install` registers."""
    folder = tmp_path / "kernels" / KERNEL
    folder.mkdir(parents=True)
    argv = ["node", str(TSLAB), "kernel", "--config-path", "{connection_file}"]
    spec = {"argv": argv, "display_name": "TypeScript", "language": "typescript"}
    (folder / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))


@pytest.mark.parametrize("path", CHOSEN, ids=lambda path: path.stem)
def test_a_lesson_runs_under_stock_tslab(path: Path):
    notebook = read(path)
    failed = run(notebook, path.parent)
    assert failed == []


def test_an_error_under_stock_tslab_is_seen():
    cells = [nbformat.v4.new_code_cell(code) for code in ("const seed = 1;", "throw new Error('on purpose')")]
    [failed] = run(nbformat.v4.new_notebook(cells=cells), PROJECT / "notebooks")
    assert "on purpose" in failed


def run(notebook: nbformat.NotebookNode, folder: Path) -> list[str]:
    """Runs a notebook; gives what went wrong. Stock tslab prints errors on stderr, where nothing else is to come."""
    client = NotebookClient(
        notebook,
        kernel_name=KERNEL,
        timeout=TIMEOUT,
        allow_errors=True,
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [output.text for output in outputs if output.get("name") == "stderr"]
