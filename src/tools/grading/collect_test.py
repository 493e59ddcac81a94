"""Nothing that is handed in is lost, or taken for what it is not, without a word."""

import json
import os
import stat
import zipfile
from pathlib import Path

import nbformat
import pytest

from tools.grading.collect import collect
from tools.grading.course import Course, CourseError
from tools.grading.mend_test import ANSWER, answered, known, released
from tools.grading.search import Seen

NAME = "find-the-bug"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course with two assignments, whose students' notebooks are there."""
    made = Course(tmp_path / "course")
    other = nbformat.v4.new_notebook(
        cells=[known(name, f"{name}();") for name in ("setup", "a", "b", "c", "d")]
    )
    for assignment, notebook in ((NAME, released()), ("other", other)):
        for path in (made.source(assignment), made.released(assignment)):
            path.parent.mkdir(parents=True)
            nbformat.write(notebook, path)
    (made.folder / "gradebook.db").touch()
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where students hand in."""
    path = tmp_path / "in"
    path.mkdir()
    return path


BLANK = nbformat.writes(released())
DONE = json.dumps(answered())


def hand_in(path: Path, text: str | bytes = DONE, time: int = 1000) -> Path:
    """Hands in a file, with the time of its last change."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    os.utime(path, (time, time))
    return path


def answers(course: Course) -> dict[str, str]:
    """The first answer of each student whose notebook was taken."""
    return {
        name: next(
            cell.source
            for cell in nbformat.read(course.submitted(NAME, name), as_version=4).cells
            if cell.metadata.get("nbgrader", {}).get("grade_id") == "twice"
        )
        for name in course.students(NAME)
    }


def became(seen: list[Seen]) -> dict[str, str]:
    """What became of each file."""
    assert len({one.where for one in seen}) == len(seen)
    return {one.where: one.became for one in seen}


def test_notebooks_are_found_wherever_they_lie(course: Course, folder: Path) -> None:
    hand_in(folder / "ada.ipynb")
    hand_in(folder / "bob" / "deep" / "x.IPYNB")
    hand_in(folder / "cem" / "find-the-bug.ipynb.txt")
    hand_in(folder / "dan" / "notebook.json")
    hand_in(folder / "eve_12_assignsubmission_file_" / "find-the-bug.ipynb")
    with zipfile.ZipFile(folder / "fay.zip", "w") as archive:
        archive.writestr("find-the-bug/find-the-bug.ipynb", DONE)
    inner = folder / "inner.zip"
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("x.ipynb", DONE)
    with zipfile.ZipFile(folder / "gil.zip", "w") as archive:
        archive.write(inner, "inner.zip")
    inner.unlink()
    seen = collect(course, NAME, folder)
    assert list(answers(course)) == ["ada", "bob", "cem", "dan", "eve", "fay", "gil"]
    assert set(became(seen).values()) == {"used."}
    assert next(one for one in seen if one.owner.name == "eve").owner.number == "12"


def test_the_answered_notebook_counts_and_of_those_the_newest(course: Course, folder: Path) -> None:
    hand_in(folder / "ada.ipynb", DONE, 1000)
    hand_in(folder / "ada (1).ipynb", DONE.replace("factor * x", "2 * x"), 2000)
    hand_in(folder / "ada (2).ipynb", BLANK, 3000)
    assert became(collect(course, NAME, folder)) == {
        "ada.ipynb": "left out: older; ada (1).ipynb is used",
        "ada (1).ipynb": "used.",
        "ada (2).ipynb": "left out: nothing is answered in it; ada (1).ipynb is used",
    }
    assert answers(course) == {"ada": ANSWER.replace("factor", "2")}


def test_a_zip_of_a_folder_is_no_student(course: Course, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "week 3.zip", "w") as archive:
        archive.writestr("week 3/ada.ipynb", DONE)
        archive.writestr("__MACOSX/week 3/._ada.ipynb", b"\0")
    became_of = became(collect(course, NAME, tmp_path / "week 3.zip"))
    assert became_of == {
        "week 3/ada.ipynb": "used.",
        "__MACOSX": "left out: made by a system, not by a student",
    }
    assert list(answers(course)) == ["ada"]


def test_a_blank_notebook_does_not_take_the_place_of_what_was_handed_in_before(
    course: Course, folder: Path, tmp_path: Path
) -> None:
    hand_in(folder / "ada.ipynb")
    collect(course, NAME, folder)
    hand_in(tmp_path / "later" / "ada.ipynb", BLANK, 2000)
    assert became(collect(course, NAME, tmp_path / "later")) == {
        "ada.ipynb": "left out: nothing is answered in it; what was handed in before is used"
    }
    assert answers(course) == {"ada": ANSWER}


def test_what_is_broken_in_a_zip_file_costs_nobody_else_anything(course: Course, tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ada.ipynb", DONE)
        archive.writestr("bob.ipynb", "x" * 100)
        archive.writestr(f"{'long' * 100}.ipynb", DONE)
        archive.writestr("cem.ipynb", "Zürich")
        archive.writestr("dan.ipynb", DONE)
    path.write_bytes(path.read_bytes().replace(b"x" * 100, b"y" * 100, 1))
    found = became(collect(course, NAME, path))
    assert found["bob.ipynb"] == "left out: it can't be unpacked: Bad CRC-32 for file 'bob.ipynb'"
    assert found[f"{'long' * 100}.ipynb"].startswith("left out: it can't be unpacked")
    assert list(answers(course)) == ["ada", "dan"]


def test_what_is_empty_or_locked_is_named(course: Course, folder: Path) -> None:
    (folder / "Ada L_1_assignsubmission_file_").mkdir()
    zipfile.ZipFile(folder / "bob.zip", "w").close()
    with zipfile.ZipFile(folder / "cem.zip", "w") as archive:
        archive.writestr("x.ipynb", DONE)
    raw = bytearray((folder / "cem.zip").read_bytes())
    raw[raw.find(b"PK\x01\x02") + 8] |= 1
    (folder / "cem.zip").write_bytes(raw)
    seen = collect(course, NAME, folder)
    assert became(seen) == {
        "Ada L_1_assignsubmission_file_/": "left out: nothing is in it",
        "bob.zip/": "left out: nothing is in it",
        "cem.zip/x.ipynb": "left out: it is locked with a password",
    }
    assert [one.owner.name for one in seen] == ["Ada-L", "bob", "cem"]


def test_names_in_zip_files(course: Course, folder: Path) -> None:
    with zipfile.ZipFile(folder / "week 3.zip", "w") as archive:
        archive.writestr("find-the-bug.ipynb", BLANK)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("find-the-bug.ipynb", DONE)
    # As macOS writes it: UTF-8, without saying so.
    name = "Zo\u00eb Q.ipynb".encode()
    with zipfile.ZipFile(folder / "x.zip", "w") as archive:
        archive.writestr("_" * len(name), DONE)
    raw = (folder / "x.zip").read_bytes().replace(b"_" * len(name), name)
    (folder / "x.zip").write_bytes(raw)
    found = became(collect(course, NAME, folder))
    assert found["week 3.zip/find-the-bug (2).ipynb"] == "used."
    assert found["x.zip/Zo\u00eb Q.ipynb"] == "used."


def test_whose_it_is_is_told_of_what_is_left_out_too(course: Course, folder: Path) -> None:
    (course.folder / "students.txt").write_bytes("\ufeffAda Lovelace\nZoe\u0308\n".encode())
    hand_in(folder / "all" / "ada lovelace.ipynb")
    hand_in(folder / "all" / "Dan_4_assignsubmission_file_" / "report.docx")
    hand_in(folder / "all" / "eve.pdf")
    hand_in(folder / "all" / "zo\u00eb.zip", "PK")
    hand_in(folder / "marks.xlsx")
    with (folder / "all" / "fay.ipynb").open("wb") as file:
        file.truncate(100_000_000_000)
    seen = collect(course, NAME, folder)
    assert {one.where: one.owner.name for one in seen} == {
        "all/ada lovelace.ipynb": "Ada-Lovelace",
        "all/Dan_4_assignsubmission_file_/report.docx": "Dan",
        "all/eve.pdf": "eve",
        "all/zo\u00eb.zip/": "Zo\u00eb",
        "all/fay.ipynb": "fay",
        "marks.xlsx": "",
    }
    assert became(seen)["all/fay.ipynb"] == "left out: it has more than 50 MB"


def test_parts_of_a_download_beside_other_files(course: Course, folder: Path) -> None:
    for part, names in (
        ("001", ["Ada - find-the-bug", "Bob - find-the-bug"]),
        ("002", ["Cem - find-the-bug"]),
    ):
        with zipfile.ZipFile(folder / f"drive-download-20261128T010203Z-{part}.zip", "w") as archive:
            for name in names:
                archive.writestr(f"{name}.ipynb", DONE)
            archive.writestr("Dan.docx", "")
            archive.writestr("find-the-bug.ipynb", DONE)
    hand_in(folder / "eve.ipynb")
    seen = collect(course, NAME, folder)
    assert list(answers(course)) == ["Ada", "Bob", "Cem", "eve"]
    assert {one.owner.name for one in seen if not one.is_used} == {"Dan", ""}


def test_what_leads_elsewhere_is_left_out_and_named(course: Course, folder: Path, tmp_path: Path) -> None:
    bob = hand_in(folder / "bob.ipynb")
    secret = hand_in(tmp_path / "solution.ipynb")
    (folder / "mal.ipynb").symlink_to(bob)
    (folder / "mel").symlink_to(tmp_path)
    os.link(secret, folder / "mil.ipynb")
    os.mkfifo(folder / "mol.ipynb")
    with zipfile.ZipFile(folder / "mul.zip", "w") as archive:
        link = zipfile.ZipInfo("find-the-bug.ipynb")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, str(secret))
        archive.writestr("../../out.ipynb", DONE)
        archive.writestr("/out.ipynb", DONE)
    found = became(collect(course, NAME, folder))
    assert {where: text for where, text in found.items() if "link" not in text} == {
        "bob.ipynb": "used.",
        "mol.ipynb": "left out: it is no file",
        "mul.zip/../../out.ipynb": "left out: its name leads out of the zip file",
        "mul.zip//out.ipynb": "left out: its name leads out of the zip file",
    }
    assert sorted(where for where, text in found.items() if "link" in text) == [
        "mal.ipynb",
        "mel",
        "mil.ipynb",
        "mul.zip/find-the-bug.ipynb",
    ]
    assert list(answers(course)) == ["bob"]
    assert not list(tmp_path.rglob("out.ipynb"))


def test_what_is_no_notebook_of_the_assignment_is_named(course: Course, folder: Path) -> None:
    hand_in(folder / "ada.ipynb", nbformat.writes(nbformat.read(course.source("other"), as_version=4)))
    hand_in(folder / "bob.ipynb", json.dumps({"cells": []}))
    hand_in(folder / "cem.ipynb", "")
    hand_in(folder / "dan.ipynb", b"\x00\xff")
    hand_in(folder / "eve.docx", "words")
    hand_in(folder / "fay.rar", "Rar!")
    hand_in(folder / "gil.zip", "PK")
    hand_in(folder / "find-the-bug.ipynb")
    hand_in(folder / ".DS_Store", "")
    found = became(collect(course, NAME, folder))
    assert found == {
        "ada.ipynb": "left out: it is other, not find-the-bug",
        "bob.ipynb": "left out: it has no cell of find-the-bug",
        "cem.ipynb": "left out: it is empty",
        "dan.ipynb": found["dan.ipynb"],
        "eve.docx": "left out: it is no notebook",
        "fay.rar": "left out: an archive of a kind that is not read here: unpack it, or make it a .zip file",
        "gil.zip/": "left out: the zip file can't be read: File is not a zip file",
        "find-the-bug.ipynb": "left out: its name does not tell whose it is",
        ".DS_Store": "left out: made by a system, not by a student",
    }
    assert "can't be read as a notebook" in found["dan.ipynb"]
    assert answers(course) == {}


def test_a_zip_file_with_too_much_in_it_does_not_fill_the_disk(
    course: Course, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.grading.search.MOST_BYTES", 1_000_000)
    hand_in(folder / "ada.ipynb")
    with zipfile.ZipFile(folder / "bob.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.ipynb", b" " * 2_000_000)
    assert became(collect(course, NAME, folder))["bob.zip/x.ipynb"] == "left out: the zip files hold too much"
    assert list(answers(course)) == ["ada"]


def test_what_is_there_already_stays_as_it_is(course: Course, folder: Path) -> None:
    hand_in(folder / "ada.ipynb")
    collect(course, NAME, folder)
    before = course.submitted(NAME, "ada").stat().st_mtime_ns
    collect(course, NAME, folder)
    assert course.submitted(NAME, "ada").stat().st_mtime_ns == before
    hand_in(folder / "ada.ipynb", DONE.replace("factor * x", "2 * x"))
    collect(course, NAME, folder)
    assert course.submitted(NAME, "ada").stat().st_mtime_ns > before


def test_a_place_that_is_not_there(course: Course, tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="neither a folder nor"):
        collect(course, NAME, tmp_path / "nowhere")
