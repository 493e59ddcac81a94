"""Tests the runner of lessons with small notebooks."""

import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools.lessons import run
from tools.lessons.compare import agree, text_differences, value_differences
from tools.lessons.solutions import END, START, unsolved
from tools.project import CACHE, NOTEBOOKS

SPEC = {"display_name": "TypeScript (tslab)", "language": "typescript", "name": "tslab"}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder for notebooks inside the project, so that they find its packages."""
    CACHE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as path:
        yield Path(path)


def write(folder: Path, *sources: str, name: str = "01-small.ipynb") -> Path:
    cells = [
        new_markdown_cell("# Small"),
        *(new_code_cell(source) for source in sources),
    ]
    notebook = new_notebook(
        cells=cells,
        metadata={"kernelspec": SPEC, "language_info": {"name": "typescript"}},
    )
    path = folder / name
    nbformat.write(notebook, path)
    return path


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def test_stores_outputs_and_finds_them_again(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = write(folder, "const x = 0.25;", "console.log(`x is ${x}`);", 'console.log("end");')
    ids = [cell["id"] for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]]
    assert run.main([], folder) == 0
    stored = json.loads(path.read_text(encoding="utf-8"))
    assert stored["metadata"] == {"kernelspec": SPEC}
    assert [cell["id"] for cell in stored["cells"]] == ids
    assert [cell["metadata"] for cell in stored["cells"]] == [{}, {}, {}, {}]
    assert [cell["execution_count"] for cell in stored["cells"][1:]] == [1, 2, 3]
    assert stored["cells"][2]["outputs"][0]["text"] == ["x is 0.25\n"]
    assert list(folder.iterdir()) == [path]

    assert run.main(["--check", "01"], folder) == 0
    edit(path, "x is 0.25", "x is 0.75")
    assert run.main(["--check"], folder) == 1
    assert (
        "01-small, cell [2] 'console.log(`x is ${x}`);', output 1: stored 0.75, now 0.25"
        in capfd.readouterr().err
    )


def test_a_solution_runs_after_the_lesson_and_its_output_is_written_below_it(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write(folder, "const x = 0.25;")
    code = 'console.log(`twice: ${2 * x}`);\nshowTable([{ name: "x", value: x }]);\nshowFigure(activationFigure("relu"));'
    imports = 'import { activationFigure, showFigure, showTable } from "vanishing-gradients";\n'
    solution = f"<details><summary>Solution</summary>\n\n```typescript\n{imports}{code}\n```\n\n{START}\n{END}\n\nSo.\n\n</details>"
    notebook = nbformat.read(path, 4)
    notebook.cells.append(new_markdown_cell(f"**Exercise 1.** Double x.\n\n{solution}"))
    nbformat.write(notebook, path)
    assert run.main([], folder) == 0
    stored = nbformat.read(path, 4)
    assert [cell.cell_type for cell in stored.cells] == ["markdown", "code", "markdown"]
    exercise = stored.cells[2]
    assert "```text\ntwice: 0.5\n```" in exercise.source
    assert "name  value" in exercise.source
    assert re.search(r"!\[relu and its derivative[^]]*\]\(attachment:figure-1.png\)", exercise.source)
    assert exercise.source.endswith(f"{END}\n\nSo.\n\n</details>")
    assert list(exercise.attachments) == ["figure-1.png"]
    assert unsolved(stored) == []

    assert run.main(["--check"], folder) == 0
    edit(path, "twice: 0.5", "twice: 0.7")
    assert run.main(["--check"], folder) == 1
    assert "Exercise 1: stored 0.7, now 0.5" in capfd.readouterr().err
    edit(path, "2 * x", "2 * y")
    assert run.main([], folder) == 1
    assert "y" in capfd.readouterr().err


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("[0-9][0-9]-*.ipynb")), ids=lambda path: path.stem)
def test_each_exercise_has_a_solution(path: Path) -> None:
    assert unsolved(nbformat.read(path, 4)) == []


def test_a_failure_is_named_and_stores_nothing(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    failing = write(folder, 'console.log("fine");', 'throw new RangeError("too deep");')
    other = write(folder, 'console.log("other");', name="02-other.ipynb")
    before = failing.read_bytes()
    assert run.main([], folder) == 1
    error = capfd.readouterr().err
    assert "01-small, cell [2] 'throw new RangeError" in error
    assert "RangeError: too deep" in error
    assert failing.read_bytes() == before
    assert "other" in json.loads(other.read_text(encoding="utf-8"))["cells"][1]["outputs"][0]["text"][0]


def test_stderr_fails_a_lesson(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write(folder, 'console.error("a warning");')
    assert run.main([], folder) == 1
    assert "it wrote to stderr: a warning" in capfd.readouterr().err


def test_check_wants_a_lesson_that_was_run(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write(folder, "const x = 1;")
    assert run.main(["--check"], folder) == 1
    error = capfd.readouterr().err
    assert "it has not been run" in error
    assert "npm run lessons -- 01" in error


def test_an_edit_while_a_lesson_runs_is_kept(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = write(
        folder, f'import {{ writeFileSync }} from "fs"; writeFileSync("{folder}/01-small.ipynb", "edited");'
    )
    assert run.main([], folder) == 1
    assert "the file was changed while it ran" in capfd.readouterr().err
    assert path.read_text(encoding="utf-8") == "edited"


def test_check_wants_counts_in_order(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = write(folder, "const x = 1;", "const y = 2;")
    assert run.main([], folder) == 0
    edit(path, '"execution_count": 2', '"execution_count": 5')
    assert run.main(["--check"], folder) == 1
    assert "cell [2] 'const y = 2;': its count is 5" in capfd.readouterr().err


def test_an_unknown_lesson_is_named(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write(folder, "const x = 1;")
    assert run.main(["07"], folder) == 1
    assert "there is no lesson 07; there are: 01" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("loss 0.50000", "loss 0.50001"),
        ("loss  1.000e-3 |", "loss 1.0005e-3 |"),
        ("12%", "12%"),
        ("accuracy 0.1 of 3", "accuracy 0.2 of 3"),
    ],
)
def test_texts_that_agree(old: str, new: str) -> None:
    assert list(text_differences(old, new)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("loss 0.500", "loss 0.510"),
        ("150 rows", "149 rows"),
        ("loss 1", "cost 1"),
        ("layer3 1", "layer4 1"),
        ("1 2", "1"),
    ],
)
def test_texts_that_differ(old: str, new: str) -> None:
    assert list(text_differences(old, new)) != []


def test_values_are_compared_with_their_place() -> None:
    old = {"data": [{"y": [1, 2.0, None], "name": "a"}]}
    assert list(value_differences(old, {"data": [{"y": [1, 2.001, None], "name": "a"}]})) == []
    assert list(value_differences(old, {"data": [{"y": [1, 2.1, None], "name": "a"}]})) == [
        "data/0/y/1: stored 2.0, now 2.1"
    ]
    assert list(value_differences(old, {"data": [{"y": [1, 2.0], "name": "a"}]})) != []
    assert list(value_differences({"a": True}, {"a": 1})) != []
    assert list(value_differences({"d": {"a": 1, "b": 2}}, {"d": {"b": 2, "c": 3}})) == [
        "d/a: no longer there",
        "d/c: not in what is stored",
    ]


def test_nan_agrees_with_nan_alone() -> None:
    assert agree(float("nan"), float("nan"))
    assert not agree(float("nan"), 1)
