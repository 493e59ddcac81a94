"""Lessons run under tslab as npm has it, too: the notebooks name it, so whoever has it already meets no error."""

import json
import os
import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tools.lessons.lesson import KERNEL, TIMEOUT, read
from tools.packages import LIBRARY, copy_to_run
from tools.project import NOTEBOOKS, PROJECT

LESSONS = sorted(NOTEBOOKS.glob("[0-9][0-9]-*.ipynb"))
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


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A folder of notebooks, with a library of its own.

    Stock tslab fails if a file of types that it has read changes while it runs; and other tests run set-ups at the
    same time, which give the library's a new date.
    """
    packages = tmp_path / "node_modules"
    packages.mkdir()
    for package in (PROJECT / "node_modules").iterdir():
        if package.name != "vanishing-gradients":
            (packages / package.name).symlink_to(package)
    copy_to_run(LIBRARY, packages).rename(packages / "vanishing-gradients")
    shutil.copytree(NOTEBOOKS, tmp_path / "notebooks", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    return tmp_path / "notebooks"


@pytest.mark.parametrize("path", CHOSEN, ids=lambda path: path.stem)
def test_a_lesson_runs_under_stock_tslab(path: Path, course: Path):
    failed = run(read(path), course)
    assert failed == [], "\n".join(failed)


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
