"""Shows figures, tables and progress in a real notebook, run from top to bottom on the kernel."""

import base64
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

PROJECT = Path(__file__).parents[3]
PLOTLY = "application/vnd.plotly.v1+json"

CELLS = {
    "import": """
import { activationFigure, dataFigure, type Figure, loadIris, progressBar, showFigure, showTable }
  from "vanishing-gradients";""",
    "figure": 'showFigure(dataFigure(loadIris(), { x: "petal length (cm)", y: 3 }));',
    "in order": """
console.log("before");
showFigure(activationFigure("sigmoid"));
console.log("between");
showTable([{ name: "sigmoid", slope: 0.25 }]);
console.log("after");""",
    "progress": """
const bar = progressBar("relu");
for (let step = 1; step <= 20; step++) {
  bar({ step, steps: 20, epoch: 1, epochs: 1, loss: 1 / step, accuracy: 0.5 });
  await new Promise((resolve) => setTimeout(resolve, 30));
}""",
    "own figure": """
const base: Figure = activationFigure("relu");
const own: Figure = { ...base, layout: { ...base.layout, title: { text: "My title" }, height: 300 } };
showFigure(own);""",
    "a slip": 'showFigure(activationFigure("sigmoyd"));',
}


@pytest.fixture(scope="module")
def outputs() -> Iterator[dict[str, list]]:
    cells = [new_code_cell(source.strip()) for source in CELLS.values()]
    cells[-1].metadata.tags = ["raises-exception"]
    notebook = new_notebook(cells=cells, metadata={"kernelspec": {"name": "tslab", "display_name": ""}})
    client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": PROJECT / "notebooks"}})
    client.execute()
    nbformat.validate(notebook)
    yield {name: cell.outputs for name, cell in zip(CELLS, notebook.cells, strict=True)}


def size(png: str) -> tuple[int, int]:
    data = base64.b64decode(png)
    assert data.startswith(b"\x89PNG")
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def test_the_import_shows_nothing(outputs):
    assert outputs["import"] == []


def test_a_figure_is_one_output_in_three_formats(outputs):
    [output] = outputs["figure"]
    assert output.output_type == "display_data"
    assert set(output.data) == {PLOTLY, "image/png", "text/plain"}
    assert output.metadata["image/png"] == {"width": 760, "height": 420}
    assert size(output.data["image/png"]) == (760, 420)
    names = [trace["name"] for trace in output.data[PLOTLY]["data"]]
    assert names == ["setosa", "versicolor", "virginica"]
    assert output.data[PLOTLY]["layout"]["xaxis"]["title"]["text"] == "petal length (cm)"
    assert output.data["text/plain"].startswith("Iris: 150 examples of 3 classes. ")


def test_outputs_stand_in_the_order_of_their_calls(outputs):
    kinds = [output.get("text") or next(iter(output.data)) for output in outputs["in order"]]
    assert kinds == ["before\n", PLOTLY, "between\n", "text/html", "after\n"]


def test_a_progress_bar_leaves_its_last_line(outputs):
    [output] = outputs["progress"]
    assert output.output_type == "display_data"
    assert dict(output.data) == {"text/plain": f"relu {'█' * 24} epoch 1 of 1, loss of the batch 0.05"}


def test_a_figure_can_be_changed_in_the_notebook(outputs):
    [output] = outputs["own figure"]
    assert output.data[PLOTLY]["layout"]["title"] == {"text": "My title"}
    assert size(output.data["image/png"]) == (760, 300)


def test_the_types_know_the_names(outputs):
    [output] = outputs["a slip"]
    assert output.output_type == "error"
    assert '"sigmoyd"' in output.evalue
