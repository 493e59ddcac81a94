"""Compares the outputs that are stored in a notebook with those of a fresh run."""

import math
import re
from collections.abc import Iterator

from nbformat import NotebookNode

from tools.lessons.lesson import PLOTLY, name_of, text_of
from tools.lessons.solutions import EXERCISE

# Two numbers agree if they differ by no more than this: relative to the larger, or absolute.
RELATIVE = 1e-3
ABSOLUTE = 1e-6

NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?", re.IGNORECASE)


def differences(stored: NotebookNode, fresh: NotebookNode) -> Iterator[str]:
    """Says where two runs of one notebook differ. Pictures are compared only in being there."""
    pairs = zip(_code_cells(stored), _code_cells(fresh), strict=True)
    for number, (before, now) in enumerate(pairs, 1):
        name = name_of(fresh, number)
        kinds = (
            [_kind(output) for output in before.outputs],
            [_kind(output) for output in now.outputs],
        )
        if kinds[0] != kinds[1]:
            yield f"{name}: stored outputs {_list(kinds[0])}, now {_list(kinds[1])}"
            continue
        for index, (old, new) in enumerate(zip(before.outputs, now.outputs, strict=True), 1):
            for found in _first(_output_differences(old, new), 3):
                yield f"{name}, output {index}: {found}"
    texts = zip(_markdown(stored), _markdown(fresh), strict=True)
    for before, now in texts:
        exercise = EXERCISE.search(now.source)
        if exercise:
            for found in _first(text_differences(before.source, now.source), 3):
                yield f"{exercise[0].strip('*.')}: {found}"
            if list(before.get("attachments", {})) != list(now.get("attachments", {})):
                yield f"{exercise[0].strip('*.')}: other figures"


def _markdown(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def _code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _kind(output: NotebookNode) -> str:
    return " ".join([output.output_type, output.get("name", ""), *sorted(output.get("data", {}))]).strip()


def _list(kinds: list[str]) -> str:
    return f"[{', '.join(kinds)}]" if kinds else "none"


def _first(found: Iterator[str], limit: int) -> Iterator[str]:
    for count, text in enumerate(found, 1):
        if count > limit:
            yield "and more"
            return
        yield text


def _output_differences(old: NotebookNode, new: NotebookNode) -> Iterator[str]:
    if "text" in old:
        yield from text_differences(text_of(old.text), text_of(new.text))
    for kind, value in old.get("data", {}).items():
        if kind == PLOTLY or kind.endswith("json"):
            yield from value_differences(value, new.data[kind])
        elif not kind.startswith("image/"):
            yield from text_differences(text_of(value), text_of(new.data[kind]))


def text_differences(old: str, new: str) -> Iterator[str]:
    """Compares texts: the words as they are, the numbers as numbers, blanks as one blank."""
    old, new = " ".join(old.split()), " ".join(new.split())
    numbers = NUMBER.findall(old), NUMBER.findall(new)
    if len(numbers[0]) != len(numbers[1]) or NUMBER.sub("#", old) != NUMBER.sub("#", new):
        yield f"stored {old[:200]!r}, now {new[:200]!r}"
        return
    for before, now in zip(*numbers, strict=True):
        if not agree(float(before), float(now), max(_last_digit(before), _last_digit(now))):
            yield f"stored {before}, now {now}"


def _last_digit(number: str) -> float:
    """What one in the last printed decimal is worth, which rounding may change; 0 for whole numbers."""
    mantissa, _, exponent = number.lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    return 10.0 ** (int(exponent or 0) - decimals) * 1.001 if decimals else 0


def agree(old: float, new: float, absolute: float = 0) -> bool:
    """Whether two numbers are the same within the tolerances."""
    if math.isnan(old) or math.isnan(new):
        return math.isnan(old) and math.isnan(new)
    return math.isclose(old, new, rel_tol=RELATIVE, abs_tol=max(ABSOLUTE, absolute))


def value_differences(old: object, new: object, path: str = "") -> Iterator[str]:
    """Compares JSON values, and names the place of what differs: data/0/y/3."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() ^ new.keys()):
            yield f"{path}/{key}".lstrip("/") + (
                ": no longer there" if key in old else ": not in what is stored"
            )
        for key in sorted(old.keys() & new.keys()):
            yield from value_differences(old[key], new[key], f"{path}/{key}".lstrip("/"))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, pair in enumerate(zip(old, new, strict=True)):
            yield from value_differences(*pair, f"{path}/{index}".lstrip("/"))
    elif isinstance(old, str) and isinstance(new, str):
        yield from (f"{path}: {found}" for found in text_differences(old, new))
    elif _is_number(old) and _is_number(new):
        if not agree(float(old), float(new)):  # type: ignore[arg-type]
            yield f"{path}: stored {old}, now {new}"
    elif old != new or type(old) is not type(new):
        yield f"{path}: stored {str(old)[:80]}, now {str(new)[:80]}"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
