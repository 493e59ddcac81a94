"""What editors, other courses and students do to a notebook's data costs nobody their marks."""

import copy
import json

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools.grading.mend import HandedIn, Mended, NoNotebook, mended


def known(name: str, source: str, *, solution: bool = False, grade: bool = False) -> NotebookNode:
    """A cell of the assignment."""
    data = {
        "grade_id": name,
        "solution": solution,
        "grade": grade,
        "locked": not solution,
        "schema_version": 3,
    }
    cell = new_code_cell(source, id=f"id-{name}", metadata={"nbgrader": {**data, "cell_type": "code"}})
    return cell


STUB = "function twice(x: number): number {\n  throw new Error();\n}"


def released() -> NotebookNode:
    """What students get."""
    return new_notebook(
        cells=[
            new_markdown_cell("# Title"),
            known("setup", "const factor = 2;"),
            known("twice", STUB, solution=True),
            known("twice-test", "expectClose(await twice(1), 2);", grade=True),
            known("given", "const more = 3;"),
            known("thrice", "throw new Error();", solution=True),
        ]
    )


ANSWER = "function twice(x: number) { return factor * x; }"


def answered() -> dict:
    """What a student handed in: a right answer to the first exercise."""
    notebook = released()
    notebook.cells[2].source = ANSWER
    return json.loads(nbformat.writes(notebook))


def outcome(notebook: dict) -> Mended:
    """What becomes of it, as a notebook that is valid."""
    result = mended(HandedIn.read(json.dumps(notebook).encode()), released())
    nbformat.validate(result.notebook)
    return result


def sources(result: Mended) -> dict[str, str]:
    """The texts of the cells that belong to the assignment."""
    cells = [cell for cell in result.notebook.cells if "nbgrader" in cell.metadata]
    return {cell.metadata.nbgrader.grade_id: cell.source for cell in cells}


EXPECTED = sources(outcome(answered()))


def change(cell: int, **values: object) -> dict:
    """What was handed in, with a cell changed."""
    notebook = answered()
    notebook["cells"][cell] |= values
    return notebook


def data(cell: int, **values: object) -> dict:
    """What was handed in, with a cell's data of nbgrader changed."""
    notebook = answered()
    notebook["cells"][cell]["metadata"]["nbgrader"] |= values
    return notebook


def minor(version: int) -> dict:
    """What was handed in, in another version of the format: cells had no ids."""
    notebook = answered() | {"nbformat_minor": version}
    for cell in notebook["cells"]:
        del cell["id"]
    return notebook


HARMLESS = {
    "nothing": answered(),
    "an odd cell id": change(2, id="not valid!"),
    "the same id twice": change(3, id="id-twice"),
    "an id that is no text": change(2, id=7),
    "an older version of nbgrader's data": data(2, schema_version=1),
    "a newer one": data(2, schema_version=99),
    "another kind in nbgrader's data": data(2, cell_type="markdown"),
    "more points": data(3, points=100),
    "nbgrader is null": change(2, metadata={"nbgrader": None}),
    "nbgrader is a list": change(2, metadata={"nbgrader": []}),
    "no metadata": change(2, metadata={}),
    "metadata is null": change(2, metadata=None),
    "a name that is a number, and the cell's id": data(2, grade_id=5),
    "outputs of a widget": change(
        2, outputs=[{"output_type": "display_data", "data": {"application/vnd.jupyter.widget-view+json": {}}}]
    ),
    "outputs that make no sense": change(2, outputs=[{"output_type": "what"}, None, 3]),
    "no outputs": change(2, outputs=None),
    "a text as lines": change(2, source=[ANSWER]),
    "version 4.0": minor(0),
    "a version to come": answered() | {"nbformat_minor": 42},
    "a source that is null": change(0, source=None),
    "no version": {"cells": answered()["cells"]},
    "metadata of the notebook": answered() | {"metadata": {"kernelspec": "?", "widgets": 5}},
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_editors_and_tools_leave_changes_nothing(name: str) -> None:
    result = outcome(HARMLESS[name])
    assert sources(result) == EXPECTED
    assert result.notes == [] and result.is_answered


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252"])
def test_any_encoding_is_read(encoding: str) -> None:
    notebook = change(2, source=f"// naïve\n{ANSWER}")
    raw = json.dumps(notebook, ensure_ascii=False).encode(encoding)
    assert sources(mended(HandedIn.read(raw), released()))["twice"] == f"// naïve\n{ANSWER}"


def test_answers_are_known_by_their_place_where_all_names_are_lost() -> None:
    notebook = answered()
    notebook["cells"] = [
        {"cell_type": cell["cell_type"], "source": cell["source"]} for cell in notebook["cells"]
    ]
    result = outcome(notebook)
    assert sources(result) == EXPECTED
    assert result.notes == [] and result.is_answered


def test_version_3_is_read() -> None:
    notebook = released()
    notebook.cells[2].source = ANSWER
    assert sources(outcome(nbformat.convert(notebook, 3))) == EXPECTED


def test_an_answer_that_became_markdown_counts() -> None:
    picture = {"a.png": {"image/png": "AAAA"}}
    result = outcome(change(2, cell_type="markdown", attachments=picture))
    assert sources(result) == EXPECTED
    assert result.notes == ["Cell 'twice' was a markdown cell; it is taken as code."]


@pytest.mark.parametrize(("cell", "order"), [(1, [0, 1]), (3, [1, 0])])
def test_an_answer_that_was_merged_into_a_given_cell_counts(cell: int, order: list[int]) -> None:
    notebook = answered()
    texts = ["".join(notebook["cells"][cell]["source"]), ANSWER]
    notebook["cells"][cell]["source"] = "\n".join(texts[i] for i in order)
    del notebook["cells"][2]
    result = outcome(notebook)
    assert sources(result) == EXPECTED
    [note] = result.notes
    assert "The answer 'twice' stood in the given cell" in note
    assert note in result.notebook.cells[0].source


@pytest.mark.parametrize("cell", [1, 3])
def test_an_answer_that_was_written_into_a_given_cell_or_a_test_counts(cell: int) -> None:
    notebook = json.loads(nbformat.writes(released()))
    text = "".join(notebook["cells"][cell]["source"])
    notebook["cells"][cell]["source"] = f"{ANSWER}\n{text}" if cell == 3 else f"{text}\n{ANSWER}"
    result = outcome(notebook)
    assert sources(result) == EXPECTED and result.is_answered
    assert "The answer 'twice' stood in the given cell" in "".join(result.notes)


@pytest.mark.parametrize("place", [2, 3, 6])
def test_an_unanswered_copy_of_an_answer_takes_nothing_away(place: int) -> None:
    notebook = answered()
    notebook["cells"].insert(place, json.loads(nbformat.writes(released()))["cells"][2])
    result = outcome(notebook)
    assert [cell.source for cell in result.notebook.cells if "twice(x: number)" in cell.source] == [ANSWER]
    assert result.notes == ["A second cell for the answer 'twice', with nothing in it, is left out."]


def test_what_else_is_written_into_a_test_is_no_answer() -> None:
    notebook = json.loads(nbformat.writes(released()))
    notebook["cells"][3]["source"] = ["console.log(1);\n", *notebook["cells"][3]["source"]]
    assert not outcome(notebook).is_answered


def test_what_was_put_into_a_given_cell_is_told() -> None:
    result = outcome(change(1, source="const factor = 2;\n" + ANSWER))
    assert "given cell 'setup' was changed and is put back: 1 of its lines don't count" in result.notes[0]


def test_a_missing_answer_is_told() -> None:
    notebook = answered()
    del notebook["cells"][2]
    assert outcome(notebook).notes == ["The cell for the answer 'twice' is missing."]


def test_the_blank_notebook_is_not_answered() -> None:
    assert not outcome(json.loads(nbformat.writes(released()))).is_answered


def test_cells_of_a_student_s_own_stay_and_carry_nothing() -> None:
    notebook = answered()
    notebook["cells"].insert(
        3, {"cell_type": "code", "source": "1", "metadata": {"nbgrader": {"grade_id": "?"}}}
    )
    notebook["cells"].insert(
        4, {"cell_type": "strange", "source": "half \ud83d", "metadata": {"tags": ["a"]}}
    )
    result = outcome(notebook)
    assert sources(result) == EXPECTED
    own = [copy.deepcopy(cell) for cell in result.notebook.cells if cell.source in ("1", "half ?")]
    assert [(cell.cell_type, cell.metadata.get("tags")) for cell in own] == [("code", []), ("raw", ["a"])]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "it is empty"),
        (b" \n", "it is empty"),
        (b"PK\x03\x04", "can't be read as a notebook"),
        (b"[]", "it has no cells"),
        (b'{"cells": 3}', "it has no cells"),
        (b'{"cells": [null]}', "it has no cells"),
        (b"[" * 100_000, "nested too deeply"),
        (b"\xff\xfe", "can't be read as a notebook"),
        (b'{"cells": [\x81]}', "it is no text"),
        (json.dumps({"cells": [{}] * 2001}).encode(), "more than 2,000 cells"),
        (json.dumps({"cells": [{"source": "x" * 5_000_001}]}).encode(), "more than 5 MB of text"),
    ],
)
def test_what_is_no_notebook_is_told(raw: bytes, message: str) -> None:
    with pytest.raises(NoNotebook, match=message):
        HandedIn.read(raw)
