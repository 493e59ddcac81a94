"""Each number in a lesson's prose stands in an output, in a claim that is checked, or in the code above it.

What stands nowhere there is in `SOURCES`, with the reason why it may.
"""

import math
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from tools.lessons.solutions import SOLUTION
from tools.project import NOTEBOOKS

LESSONS = sorted(NOTEBOOKS.glob("[0-9][0-9]-*.ipynb"))

NUMBER = re.compile(
    r"(?<![\w.^_{/])(\d[\d,]*(?:\.\d+)?)(e[-+]?\d+)?(?![\w^])( ?%|(?= (?:to|and) [\d.]+ ?%))?"
)
WORDS = {
    "half": 1 / 2, "third": 1 / 3, "quarter": 1 / 4, "quarters": 3 / 4, "fifth": 1 / 5, "tenth": 1 / 10,
    "sixfold": 6, "fivefold": 5, "tenfold": 10, "twofold": 2, "threefold": 3, "fourfold": 4,
    "hundred": 100, "thousand": 1000, "thousandth": 1e-3, "thousandths": 1e-3, "ten-thousandth": 1e-4,
    "million": 1e6, "millionth": 1e-6, "ten-millionth": 1e-7, "billion": 1e9, "billionths": 1e-9,
}  # fmt: skip
#: What is no statement: formulas, code, links, answers to choose from, where numbers come from.
NO_PROSE = re.compile(
    r"\$\$.*?\$\$|\$[^$\n]+\$|```.*?```|`[^`\n]*`|\]\([^)]*\)|^## Where the numbers come from.*|^\|.*?$"
    r"|\b[Ll]essons? \d(?: and \d)?|[Ee]xercises? \d|^\d\. |\(\d{4}\)|\b20\d\d\b|<[^>]+>|^# .*?$|figures? \d(?: and \d)?",
    re.DOTALL | re.MULTILINE,
)
#: Numbers that no cell of the lesson computes, and why they stand there.
FLOAT32 = {"32": "bits of a number"}
PRINTED = "printed in the original notebook"
MEASURED = "measured by `npm run diagnosis -- programs`, which takes too long for a lesson"
SOURCES: dict[str, dict[str, str]] = {
    "01": {"95 %": "the level of the intervals"},
    "02": FLOAT32,
    "03": {number: PRINTED for number in ("0.7245", "0.6934", "0.7061", "639", "313", "1112")}
    | {"0.999": "Adam's usual setting"},
    "04": {
        "256": "2 to the power 8; a width of the published network",
        "512": "a width of the published network",
    }
    | {"128": "a width of the published network"},
    "05": {"6.93": "computed in lesson 2", "150": "30 epochs of 5 batches", "50": "layers of an example"},
    "06": FLOAT32,
    "07": FLOAT32
    | {"1e-38": "the smallest 32-bit number with all digits", "3.4e38": "the largest 32-bit number"}
    | {"1.5e-8": "half of the number in lesson 2", "3,000": "epochs of an example"}
    | {"10,000": "layers of a published network"},
    "12": FLOAT32
    | {"126": "minus the smallest exponent of float32", "31 %": "published by Micikevicius et al."},
    "09": {number: MEASURED for number in ("22", "17", "23", "44", "161")},
}


def prose(notebook: nbformat.NotebookNode) -> Iterator[tuple[str, str]]:
    """Each cell's text without formulas and code, and where it is."""
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            text = NO_PROSE.sub(" ", SOLUTION.sub(" ", cell.source))
            yield f"cell {number}", text


def carriers(notebook: nbformat.NotebookNode) -> tuple[list[float], str]:
    """All numbers in outputs and in code, and all text of code."""
    texts, code = [], []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            code.append(cell.source)
            for output in cell.outputs:
                data = output.get("data", {})
                texts.append(str(output.get("text") or data.get("text/plain", "")))
        elif match := SOLUTION.search(cell.source):
            code.append(match["code"])
            texts.append(match["shown"])
    numbers = [value for text in [*texts, *code] for value, _ in numbers_in(text)]
    return numbers, "\n".join(code)


def numbers_in(text: str) -> Iterator[tuple[float, float]]:
    """Each number, and half of what its last digit is worth."""
    for match in re.finditer(r"(?<![\w.])(\d[\d,]*(?:\.\d+)?)(e[-+]?\d+)?( ?%|(?= to [\d.]+ ?%))?", text):
        yield value_of(match[1], match[2], match[3])


def value_of(mantissa: str, exponent: str | None, percent: str | None) -> tuple[float, float]:
    digits = mantissa.rstrip(",").replace(",", "").replace("_", "")
    power = int((exponent or "e0")[1:]) - (0 if percent is None else 2)
    decimals = len(digits.partition(".")[2])
    # Of 30,000 the zeros may be rounded.
    zeros = len(digits) - len(digits.rstrip("0")) if decimals == 0 and float(digits) >= 1000 else 0
    return float(digits) * 10**power, 0.51 * 10.0 ** (power - decimals + zeros)


def told(place: str, text: str, match: re.Match[str]) -> str:
    """A number, where it stands, and what stands around it."""
    near = text[max(0, match.start() - 40) : match.end() + 25].replace("\n", " ")
    return f"{place}: {match[0].strip()!r} in {near!r}"


def untied(path: Path) -> list[str]:
    """The numbers in the prose that nothing carries."""
    notebook = nbformat.read(path, as_version=4)
    known, code = carriers(notebook)
    claims = code.lower()
    found = []
    for place, text in prose(notebook):
        for match in NUMBER.finditer(text):
            value, half = value_of(match[1], match[2], match[3])
            is_counted = value <= 12 and value == int(value) and match[3] is None
            if is_counted or any(
                math.isclose(one, value, rel_tol=0, abs_tol=half)
                or math.isclose(1 / one, value, abs_tol=half)
                for one in known
                if one
            ):
                continue
            if match[0].strip(" ,") not in SOURCES.get(path.stem[:2], {}):
                found.append(told(place, text, match))
        for match in re.finditer(
            r"\b(a|one|two|three|five|ten|few) ([a-z]+(?:-[a-z]+)?)\b|\b([a-z]+fold)\b", text
        ):
            word = match[2] or match[3]
            if word in WORDS and not re.search(rf"\b{word}", claims):
                value = WORDS[word]
                if not any(one and 0.7 < one / value < 1.4 for one in known):
                    found.append(told(place, text, match))
    return found


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_each_number_in_the_prose_is_carried_by_an_output_a_claim_or_the_code(path: Path) -> None:
    assert untied(path) == []


def test_a_number_that_nothing_carries_is_found(tmp_path: Path) -> None:
    cells = [
        nbformat.v4.new_code_cell(
            "const rate = 0.25;", outputs=[nbformat.v4.new_output("stream", text="0.3475\n")]
        ),
        nbformat.v4.new_markdown_cell(
            "About 0.35, at a rate of 0.25; 18 of 20; 34.75 %; a billion; 1,955 times."
        ),
    ]
    path = tmp_path / "01-small.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    found = [one.split("'")[1] for one in untied(path)]
    assert found == ["18", "20", "1,955", "a billion"]
