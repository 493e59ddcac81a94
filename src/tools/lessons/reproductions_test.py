"""Tests that the README's record of reproductions says what the lessons' stored outputs say."""

import re

import nbformat
import pytest

from tools.project import NOTEBOOKS, PROJECT


def rows() -> list[list[str]]:
    """The table's rows: lesson, source, what, published, ours, agreement."""
    readme = (PROJECT / "README.md").read_text()
    section = readme.split("## Record of reproductions")[1].split("\n## ")[0]
    table = [line for line in section.splitlines() if re.match(r"\| \d\d ", line)]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def output_texts(lesson: str) -> str:
    """All that the lesson's cells wrote, as plain text."""
    (path,) = NOTEBOOKS.glob(f"{lesson}-*.ipynb")
    cells = nbformat.read(path, as_version=4).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return "\n".join(output.get("text") or output.get("data", {}).get("text/plain", "") for output in outputs)


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row[0]} {row[2]}")
def test_our_numbers_stand_in_the_outputs_of_the_lesson(row: list[str]) -> None:
    lesson, ours = row[0], row[4]
    numbers = re.findall(r"\d+(?:\.\d+)?(?:e[+-]\d+)?", ours)
    assert numbers
    text = output_texts(lesson)
    for number in numbers:
        assert re.search(rf"(?<![\d.]){re.escape(number)}(?![\d.]*\d)", text), (
            f"{number} is not in lesson {lesson}"
        )


def test_the_table_is_found() -> None:
    assert len(rows()) > 15
