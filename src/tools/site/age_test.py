"""A lesson is older than the library only if the library's code has changed since it was stored."""

import subprocess
from pathlib import Path

import pytest

from tools.site.age import is_older_than_library

LESSON = "notebooks/01-small.ipynb"


def write(project: Path, path: str, text: str) -> None:
    file = project / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def git(project: Path, *arguments: str) -> None:
    names = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    subprocess.run(["git", *names, *arguments], cwd=project, check=True, capture_output=True)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose lesson was stored after the library's last change."""
    folder = tmp_path / "project"
    folder.mkdir()
    git(folder, "init", "--quiet")
    write(folder, "src/library/models/mlp.ts", "/** A network. */\nexport const depth = 1;\n")
    write(folder, LESSON, "{}")
    git(folder, "add", ".")
    git(folder, "commit", "-m", "stored")
    return folder


def is_older(project: Path) -> bool:
    return is_older_than_library(project / LESSON, project)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("src/kernel/cell.ts", "export const cell = 1;"),
        ("src/tools/bench/training.ts", "export const rounds = 9;"),
        ("src/library/models/mlp.test.ts", "export {};"),
        ("src/library/README.md", "# The library"),
        ("src/library/models/mlp.ts", "/** A deep network. */\n\nexport const depth = 1;\n"),
    ],
)
def test_the_kernel_tools_tests_and_comments_make_no_lesson_older(
    project: Path, path: str, text: str
) -> None:
    write(project, path, text)
    assert not is_older(project)
    git(project, "add", ".")
    git(project, "commit", "-m", "something else")
    assert not is_older(project)


def test_code_of_the_library_makes_a_lesson_older_until_it_is_stored_again(project: Path) -> None:
    write(project, "src/library/models/mlp.ts", "/** A network. */\nexport const depth = 2;\n")
    assert is_older(project)
    git(project, "commit", "--all", "-m", "deeper")
    assert is_older(project)
    write(project, LESSON, '{"cells": []}')
    assert not is_older(project)
    git(project, "commit", "--all", "-m", "stored again")
    assert not is_older(project)


def test_a_fresh_clone_says_the_same(project: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", f"file://{project}", "whole")
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{project}", "shallow")
    assert not is_older(tmp_path / "whole")
    assert not is_older(tmp_path / "shallow")


def test_without_git_no_lesson_is_older(tmp_path: Path) -> None:
    write(tmp_path, LESSON, "{}")
    assert not is_older(tmp_path)
