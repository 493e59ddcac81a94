"""Runs the lessons top to bottom and stores their outputs; with --check, compares them with what is stored.

npm run lessons -- [--check] [LESSON ...]      a lesson by its number, such as 01

Several lessons run two at a time, each in a process of its own.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import nbformat

from tools.lessons.compare import differences
from tools.lessons.lesson import LessonError, execute, problems, read
from tools.project import NOTEBOOKS

LARGE = 1_000_000


class Progress:
    """One line a lesson; on a terminal it moves with the cells, if the lesson runs alone."""

    def __init__(self, name: str, moves: bool) -> None:
        self.name = name
        self.start = time.monotonic()
        self.moves = moves
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


def store(path: Path, moves: bool) -> None:
    """Runs a lesson and stores its outputs. If it fails the file stays as it is."""
    progress = Progress(path.stem, moves)
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


def check(path: Path, moves: bool) -> None:
    """Runs a lesson in memory, and fails if what is stored differs."""
    progress = Progress(path.stem, moves)
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


def one(path: Path, work: Callable[[Path, bool], None], moves: bool) -> int:
    """Stores or checks a lesson, and says what is wrong with it. Returns the exit code."""
    try:
        work(path, moves)
    except LessonError as error:
        print("\n".join(f"  {path.stem}, {line}" for line in str(error).splitlines()), file=sys.stderr)
        return 1
    return 0


def together(paths: Iterable[Path], arguments: list[str], jobs: int) -> int:
    """Runs each lesson in a process of its own, some at a time, all of them even if one fails."""
    waiting = list(paths)
    running: list[subprocess.Popen] = []
    failed = 0
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                # The later ones take longer: none of them is waited for alone at the end.
                path = waiting.pop()
                command = [sys.executable, "-m", "tools.lessons.run", *arguments, "--still", path.name[:2]]
                running.append(subprocess.Popen([*command, "--folder", path.parent]))
            time.sleep(0.1)
            failed += sum(child.returncode != 0 for child in running if child.poll() is not None)
            running = [child for child in running if child.returncode is None]
    finally:
        for child in running:
            child.terminate()
        for child in running:
            child.wait()
    return 1 if failed else 0


def interrupt(*_: object) -> None:
    """Lets the end of this process end its lessons."""
    raise KeyboardInterrupt


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
    parser.add_argument("--jobs", type=int, default=2, help="how many run at a time (2)")
    parser.add_argument("--still", action="store_true", help="no line that moves")
    parser.add_argument("--folder", type=Path, default=folder, help="where the lessons are")
    options = parser.parse_args(arguments)
    try:
        paths = find(options.lessons, options.folder)
        if len(paths) == 1:
            moves = sys.stdout.isatty() and not options.still
            return one(paths[0], check if options.check else store, moves)
        signal.signal(signal.SIGTERM, interrupt)
        return together(paths, ["--check"] if options.check else [], options.jobs)
    except LessonError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
