"""Tables of marks hold a row for each student, in the form that each platform reads."""

import csv
from pathlib import Path

import pytest

from tools.grading.course import Course, CourseError
from tools.grading.grade import share
from tools.grading.marks import Row, files_of, inert, merged, read_files, read_marks, write_marks

WRITTEN = {
    "=1+1": "'=1+1",
    "-1+1|cmd": "'-1+1|cmd",
    "@x": "'@x",
    "-0.5": "-0.5",
    "1e-05": "1e-05",
    "ada": "ada",
    "": "",
}
ROWS = [
    Row("ada", "graded", False, "moodle", "12", 3.5, 4, {"one-test": "1.5", "two-test": "2"}),
    Row("bob", "graded", True, "canvas", "34", 4, 4, {"one-test": "2", "two-test": "2"}),
    Row("=cem", "not graded: x.ipynb was left out: it is empty"),
]


def lines(path: Path) -> list[list[str]]:
    """A table's cells."""
    with path.open(newline="") as file:
        return list(csv.reader(file))


def test_tables(tmp_path: Path) -> None:
    path = write_marks(Course(tmp_path), "hw", ROWS)
    assert lines(path) == [
        ["student", "status", "late", "platform", "number", "points", "of", "one-test", "two-test"],
        ["ada", "graded", "", "moodle", "12", "3.5", "4", "1.5", "2"],
        ["bob", "graded", "late", "canvas", "34", "4", "4", "2", "2"],
        ["'=cem", "not graded: x.ipynb was left out: it is empty", "", "", "", "", "", "", ""],
    ]
    assert lines(path.with_name("hw-moodle.csv")) == [
        ["Identifier", "Full name", "Grade"],
        ["Participant 12", "ada", "3.5"],
        ["", "'=cem", ""],
    ]
    assert lines(path.with_name("hw-canvas.csv")) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "hw"],
        ["    Points Possible", "", "", "", "", "4"],
        ["bob", "34", "", "", "", "4"],
        ["'=cem", "", "", "'=cem", "", ""],
    ]


@pytest.mark.parametrize("cell", WRITTEN)
def test_no_cell_is_a_formula(cell: str) -> None:
    assert inert(cell) == WRITTEN[cell]


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    assert read_marks(write_marks(Course(tmp_path), "hw", ROWS[:2])) == ROWS[:2]
    other = tmp_path / "other.csv"
    other.write_text("name,mark\n")
    with pytest.raises(CourseError, match="no table of marks"):
        read_marks(other)


def test_a_table_that_was_changed_by_hand_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    course = Course(tmp_path)
    path = write_marks(course, "hw", ROWS)
    assert write_marks(course, "hw", ROWS) == path
    assert capsys.readouterr().out == ""
    path.write_text(path.read_text("utf-8").replace("3.5", "3.75"), "utf-8")
    write_marks(course, "hw", ROWS)
    assert "hw-changed.csv" in capsys.readouterr().out
    assert "3.75" in path.with_name("hw-changed.csv").read_text("utf-8")
    assert "3.75" not in path.read_text("utf-8")


def test_what_spreadsheets_make_of_tables_is_read_or_told(tmp_path: Path) -> None:
    course = Course(tmp_path)
    path = write_marks(course, "hw", ROWS)
    text = path.read_text("utf-8")
    path.write_text(text, "utf-8-sig")
    assert read_marks(path)[:2] == ROWS[:2]
    path.write_text(text.replace("3.5", '"3,5"'), "utf-8")
    with pytest.raises(CourseError, match="'3,5' stands in a table of marks where a number should"):
        read_marks(path)
    files_of(course, "hw").write_text("file;student\n", "utf-8")
    with pytest.raises(CourseError, match="take it away"):
        read_files(course, "hw")


def test_parts_of_several_machines_are_all_students_once() -> None:
    names = [f"student{n}" for n in range(300)]
    parts = [list(filter(share(f"{k}/4"), names)) for k in range(1, 5)]
    assert sorted(name for part in parts for name in part) == sorted(names)
    assert all(50 < len(part) < 100 for part in parts)
    for wrong in ("0/4", "5/4", "1/0", "1", "a/b", "-1/4"):
        with pytest.raises(ValueError):
            share(wrong)


def test_tables_of_several_machines_are_joined() -> None:
    missing = Row("ada", "nothing was handed in")
    assert merged([[ROWS[1], missing], [ROWS[0]]]) == ROWS[:2]
    assert merged([[ROWS[0]], [missing]]) == [ROWS[0]]
    with pytest.raises(CourseError, match="bob is graded in two of the tables"):
        merged([ROWS[:2], [ROWS[1]]])
