"""Folders for what runs, gone afterwards."""

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from tools.grading.sandbox import SCRATCH_SIZE
from tools.project import CACHE

SCRATCH = CACHE / "grading"


@contextmanager
def temporary_folder(parent: Path) -> Iterator[Path]:
    """A folder that is gone afterwards, however deep what was made in it is nested."""
    folder = Path(tempfile.mkdtemp(prefix=f"grade{os.getpid()}-", dir=parent))
    try:
        yield folder
    finally:
        remove(folder)


def clear_scratch() -> None:
    """Takes away the folders of runs that were killed."""
    for parent in (SCRATCH, Path(tempfile.gettempdir())):
        for folder in parent.glob("grade*-*"):
            found = re.fullmatch(r"grade(\d+)-\w+", folder.name)
            if found and not psutil.pid_exists(int(found[1])):
                remove(folder)


def remove(folder: Path) -> None:
    """Takes away a folder. Python's own way stops at some depth."""
    subprocess.run(["rm", "-rf", "--", folder])


def size_of(folder: Path) -> int:
    """What the files in a folder hold, in bytes. Stops to count where it is much."""
    total = 0
    with suppress(OSError):
        for parent, _, names in os.walk(folder):
            for name in names:
                with suppress(OSError):
                    total += os.lstat(os.path.join(parent, name)).st_size
            if total > SCRATCH_SIZE:
                break
    return total
