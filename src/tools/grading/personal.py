"""Numbers that are a student's own.

An assignment that has the line `const student = "everyone";` in given code makes its numbers of that name.
If a course has a file `students.txt`, a name on each line, each student gets a notebook with their own name
in that line, and marks are for the name that the notebook was handed in under, whatever stands in it.
"""

import json
import re
import unicodedata
from pathlib import Path

from tools.grading.mend import text_in
from tools.grading.names import safe

#: In a notebook, and in what is compiled of it.
LINE = re.compile(r'^((?:const )?student = )"everyone";$', re.M)


def students_of(course: Path) -> list[str]:
    """The students whose numbers are their own; none if numbers are the same for all.

    Their names are as those of handed-in files become: a blank is no part of one.
    """
    file = course / "students.txt"
    lines = text_in(file.read_bytes()).splitlines() if file.exists() else []
    names = (safe(unicodedata.normalize("NFC", line)) for line in lines)
    return list(dict.fromkeys(name for name in names if name != ""))


def for_student(code: str, student: str | None) -> str:
    """Code with a student's name in its line, or as it is if there is none."""
    return code if student is None else LINE.sub(lambda line: f"{line[1]}{json.dumps(student)};", code)
