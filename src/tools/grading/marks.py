"""Tables of marks: for the teacher, for Moodle, for Canvas; and one of the files that were handed in."""

import csv
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tools.grading.course import Course, CourseError
from tools.grading.search import Seen

COLUMNS = ["student", "status", "late", "platform", "number", "points", "of"]
GRADED = "graded"


@dataclass
class Row:
    """A student's marks, or why there are none."""

    student: str
    #: "graded", or why not.
    status: str
    is_late: bool = False
    #: "moodle" or "canvas", and the number that it knows the student by.
    platform: str = ""
    number: str = ""
    points: float | None = None
    of: float | None = None
    tests: dict[str, str] = field(default_factory=dict)

    @property
    def cells(self) -> dict[str, object]:
        """What stands in the table, by column."""
        head = {
            "student": self.student,
            "status": self.status,
            "late": "late" if self.is_late else "",
            "platform": self.platform,
            "number": self.number,
            "points": "" if self.points is None else f"{self.points:g}",
            "of": "" if self.of is None else f"{self.of:g}",
        }
        return {**head, **self.tests}


def table_of(course: Course, assignment: str) -> Path:
    """Where the marks of an assignment are."""
    return course.folder / "marks" / f"{assignment}.csv"


def write_marks(course: Course, assignment: str, rows: list[Row]) -> Path:
    """Writes the marks in each form. Gives the path of the teacher's."""
    path = table_of(course, assignment)
    keep_changed(path)
    tests = list(dict.fromkeys(test for row in rows for test in row.tests))
    write(path, [*COLUMNS, *tests], (row.cells for row in rows))
    write(
        path.with_name(f"{assignment}-moodle.csv"),
        ["Identifier", "Full name", "Grade"],
        (
            {
                "Identifier": f"Participant {row.number}" if row.platform == "moodle" else "",
                "Full name": row.student,
                "Grade": row.cells["points"],
            }
            for row in rows
            if row.platform != "canvas"
        ),
    )
    most = max((row.of for row in rows if row.of is not None), default=None)
    write(
        path.with_name(f"{assignment}-canvas.csv"),
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", assignment],
        [
            {"Student": "    Points Possible", assignment: "" if most is None else f"{most:g}"},
            *(
                {
                    "Student": row.student,
                    "ID": row.number,
                    "SIS Login ID": "" if row.number else row.student,
                    assignment: row.cells["points"],
                }
                for row in rows
                if row.platform != "moodle"
            ),
        ],
    )
    stamp_of(path).write_text(hash_of(path), "utf-8")
    return path


def keep_changed(path: Path) -> None:
    """Puts a table aside that was changed by hand, and says so: it is about to be written again."""
    if path.exists() and stamp_of(path).exists() and stamp_of(path).read_text("utf-8") != hash_of(path):
        aside = path.with_name(f"{path.stem}-changed.csv")
        path.replace(aside)
        print(f"{path} was changed by hand. It is written anew; the changed one is {aside.name} now.")
        print("Change marks in Formgrader (npm run teach): then they stay.")


def stamp_of(path: Path) -> Path:
    """Where it is noted what a table was when it was written."""
    return path.with_name(f".{path.stem}.sha256")


def hash_of(path: Path) -> str:
    """What tells a file from a changed one."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_marks(path: Path) -> list[Row]:
    """The rows of a teacher's table."""
    with path.open(newline="", encoding="utf-8-sig", errors="surrogateescape") as file:
        table = csv.DictReader(file)
        names = table.fieldnames or []
        if names[: len(COLUMNS)] != COLUMNS:
            raise CourseError(f"{path} is no table of marks: its first line is not {','.join(COLUMNS)},...")
        return [
            Row(
                cells["student"],
                cells["status"],
                cells["late"] != "",
                cells["platform"],
                cells["number"],
                number_of(cells["points"]),
                number_of(cells["of"]),
                {name: cells[name] for name in names[len(COLUMNS) :] if cells[name]},
            )
            for cells in table
        ]


def merged(tables: list[list[Row]]) -> list[Row]:
    """The rows of several tables, such as those of several machines. Fails if two graded the same student."""
    rows: dict[str, Row] = {}
    for row in (row for table in tables for row in table):
        known = rows.get(row.student)
        if known is not None and GRADED == known.status == row.status:
            raise CourseError(f"{row.student} is graded in two of the tables: nothing is written")
        if known is None or row.status == GRADED:
            rows[row.student] = row
    return [rows[student] for student in sorted(rows)]


def files_of(course: Course, assignment: str) -> Path:
    """Where it is written what became of each file."""
    return course.folder / "marks" / f"{assignment}-files.csv"


FILE_COLUMNS = ["file", "student", "platform", "number", "late", "used", "became"]


def write_files(course: Course, assignment: str, seen: list[Seen], late: set[str]) -> None:
    """Writes what became of each file. What is known of files that were handed in before stays."""
    rows = {row["file"]: row for row in read_files(course, assignment)}
    for one in seen:
        rows[one.where] = {
            "file": one.where,
            "student": one.owner.name,
            "platform": one.owner.platform,
            "number": one.owner.number,
            "late": "late" if one.where in late else "",
            "used": "used" if one.is_used else "",
            "became": one.became,
        }
    write(files_of(course, assignment), FILE_COLUMNS, rows.values())


def read_files(course: Course, assignment: str) -> list[dict[str, str]]:
    """What became of each file that was handed in so far."""
    path = files_of(course, assignment)
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8-sig", errors="surrogateescape") as file:
        table = csv.DictReader(file)
        if table.fieldnames != FILE_COLUMNS:
            raise CourseError(f"{path} is not as it was written: take it away, and name the folder again")
        return list(table)


def write(path: Path, columns: list[str], rows: Iterable[dict]) -> None:
    """Writes a table. An interrupt leaves the old one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".tmp")
    with unfinished.open("w", newline="", encoding="utf-8", errors="surrogateescape") as file:
        table = csv.DictWriter(file, columns, restval="")
        table.writeheader()
        for row in rows:
            table.writerow({name: inert(value) for name, value in row.items()})
    unfinished.replace(path)


def inert(value: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    is_text = isinstance(value, str) and not re.fullmatch(r"-?[\d.e+-]*", value)
    return f"'{value}" if is_text and value[0] in "=+-@\t\r" else value


def number_of(text: str) -> float | None:
    """A number, or None for an empty cell."""
    try:
        return float(text) if text else None
    except ValueError:
        raise CourseError(f"{text!r} stands in a table of marks where a number should") from None
