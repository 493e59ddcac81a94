"""Runs the lessons top to bottom and stores their outputs; with --check, compares them with what is stored.

npm run lessons -- [--check] [LESSON ...]      a lesson by its number, such as 01
"""

import argparse
import os
import sys
import time
from pathlib import Path

import nbformat

from tools.lessons.compare import differences
from tools.lessons.lesson import LessonError, execute, problems, read
from tools.project import NOTEBOOKS

LARGE = 1_000_000


class Progress:
    """One line a lesson; on a terminal it moves with the cells."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.start = time.monotonic()
        self.moves = sys.stdout.isatty()
        self._write(f"{name} ..." if self.moves else f"{name} ...\n")

    def cell(self, number: int, count: int) -> None:
        """Shows that a cell starts."""
        if self.moves:
            self._write(f"\r\x1b[2K{self.name}: cell {number} of {count}, {self._elapsed()}")

    def end(self, result: str) -> None:
        """Shows how the lesson went."""
        self._write(
            ("\r\x1b[2K" if self.moves else "  ") + f"{self.name}: {result} after {self._elapsed()}\n"
        )

    def _elapsed(self) -> str:
        return f"{time.monotonic() - self.start:.1f} s"

    def _write(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()


def find(numbers: list[str], folder: Path) -> list[Path]:
    """The lessons with these numbers, or all."""
    lessons = sorted(folder.glob("[0-9][0-9]-*.ipynb"))
    for number in numbers:
        if not any(path.name.startswith(f"{number}-") for path in lessons):
            known = ", ".join(path.name[:2] for path in lessons)
            raise LessonError(f"there is no lesson {number}; there are: {known}")
    return [path for path in lessons if not numbers or path.name[:2] in numbers]


def store(path: Path) -> None:
    """Runs a lesson and stores its outputs. If it fails the file stays as it is."""
    progress = Progress(path.stem)
    before = path.read_bytes()
    try:
        notebook = execute(path, progress.cell)
        if path.read_bytes() != before:
            raise LessonError("the file was changed while it ran: run it again")
    except LessonError:
        progress.end("failed")
        raise
    unfinished = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        unfinished.write_text(nbformat.writes(notebook, indent=1) + "\n", encoding="utf-8")
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
    size = path.stat().st_size
    progress.end(f"stored, {size / 1000:.0f} kB,")
    if size > LARGE:
        print(f"  warning: {path.name} is large for git: more than {LARGE / 1e6:.0f} MB")


def check(path: Path) -> None:
    """Runs a lesson in memory, and fails if what is stored differs."""
    progress = Progress(path.stem)
    try:
        stored = read(path)
        found = problems(stored)
        if found:
            raise LessonError(
                "\n".join([*found, f"run and store it again: npm run lessons -- {path.name[:2]}"])
            )
        found = list(differences(stored, execute(path, progress.cell)))
        if found:
            raise LessonError("\n".join(found))
    except LessonError:
        progress.end("failed")
        raise
    progress.end("agrees with what is stored,")


def main(arguments: list[str], folder: Path = NOTEBOOKS) -> int:
    """Runs or checks lessons, all of them even if one fails.

    Returns the exit code.
    """
    parser = argparse.ArgumentParser(prog="npm run lessons --", description="Run the lessons.")
    parser.add_argument("lessons", nargs="*", metavar="LESSON", help="a lesson's number, such as 01")
    parser.add_argument(
        "--check",
        action="store_true",
        help="compare with what is stored, and store nothing",
    )
    options = parser.parse_args(arguments)
    failed = 0
    try:
        for path in find(options.lessons, folder):
            try:
                (check if options.check else store)(path)
            except LessonError as error:
                failed += 1
                print(
                    "\n".join(f"  {path.stem}, {line}" for line in str(error).splitlines()),
                    file=sys.stderr,
                )
    except LessonError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        return 130
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
