"""Tells which lessons were stored before the library's last change, as far as git knows."""

import subprocess
from pathlib import Path

from tools.project import PROJECT

#: The library's code: what a lesson's numbers may depend on.
LIBRARY = ["src/library/*.ts", ":!src/library/*.test.ts", "src/library/data/*.csv"]
#: Lines without code: blank ones, and those of comments.
NO_CODE = "^[[:blank:]]*(//|/\\*|\\*|\n)"


def is_older_than_library(lesson: Path, project: Path = PROJECT) -> bool:
    """Whether the library's code is another than it was when the lesson was stored.

    What the files hold is compared, not their times, so a change that was taken back is none. A lesson that
    is not committed yet has just been stored. Where git can't be asked, no lesson counts as older.
    """
    if git(project, "status", "--porcelain", "--", str(lesson)) != "":
        return False
    stored = git(project, "log", "-1", "--format=%H", "--", str(lesson))
    if not stored:
        return False
    changes = git(project, "diff", f"--ignore-matching-lines={NO_CODE}", stored, "--", *LIBRARY)
    return changes not in (None, "")


def git(project: Path, *arguments: str) -> str | None:
    """What git says; None if it can't be asked."""
    try:
        result = subprocess.run(["git", *arguments], cwd=project, capture_output=True, text=True)
    except OSError:
        return None
    return result.stdout.strip() if result.returncode == 0 else None
