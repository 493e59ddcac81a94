"""Whose a file is, by its name as learning platforms and students make it."""

import re
import unicodedata
from dataclasses import dataclass, replace

#: Of a student's name, only what is safe in the name of a folder is kept.
UNSAFE = re.compile(r"[^\w.@-]+")
MOODLE = re.compile(r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_.*")
CANVAS = re.compile(r"(?P<name>[^_]+)(?P<late>_LATE)?_(?P<id>\d+)_\d+_.*")
#: What computers add to the names of copies, in front and behind.
COPY_OF = r"(?:(?:copy of|kopie von|copie de|copia de)[-_ ]+)"
COPY = re.compile(rf"^{COPY_OF}+|(?:[-_ ]+(?:copy|kopie|copie|copia)(?: \d+)?)?(?: ?\(\d+\))*$", re.I)

#: What is no name, behind an assignment's.
VERSION = re.compile(
    r"(v?\d*|final|new|done|copy|solved|solution|submission|my)([-_ .]*(v?\d+|final))?", re.I
)
WRAPPERS = {"submissions", "submission", "submitted", "handed-in", "handed in", "handed_in"}
#: What Google calls the parts of a download.
DOWNLOAD = re.compile(r"drive-download-\d{8}T\d{6}Z.*", re.I)


@dataclass(frozen=True)
class Owner:
    """Whose a file is. `name` is empty if nothing tells it."""

    name: str
    #: "moodle" or "canvas", and the number that the platform knows the student by.
    platform: str = ""
    number: str = ""
    is_late: bool = False


NOBODY = Owner("")


def owner_of(parts: tuple[str, ...], assignment: str) -> Owner:
    """Whose a file is, by the outermost folder or zip file around it, or else by its own name."""
    text = re.sub(r"\.(ipynb|zip)$", "", unicodedata.normalize("NFC", parts[0]), flags=re.I)
    for platform, form in (("moodle", MOODLE), ("canvas", CANVAS)):
        if found := form.fullmatch(text):
            is_late = bool(found.groupdict().get("late"))
            return Owner(safe(found["name"]), platform, found["id"], is_late)
    named = re.escape(assignment).replace(r"\-", "[-_ ]?")
    before, *rest = re.split(rf"[-_ ]*{COPY_OF}*{named}[-_ ]*", COPY.sub("", text), maxsplit=1, flags=re.I)
    after = rest[0] if rest and before == "" else ""
    return Owner(safe(before) or ("" if VERSION.fullmatch(after) else safe(after)))


def safe(name: str) -> str:
    """A name that can be a folder's, and leads nowhere else."""
    return UNSAFE.sub("-", COPY.sub("", name)).strip("-.")


def as_listed(owners: list[Owner], students: list[str]) -> list[Owner]:
    """The owners, with their names spelled as in the list of students."""
    spelled = {name.casefold(): name for name in students}
    return [replace(owner, name=spelled.get(owner.name.casefold(), owner.name)) for owner in owners]


def with_numbers(owners: list[Owner]) -> list[Owner]:
    """The owners, with the platform's number in the names of those who have a name in common."""
    numbers: dict[str, set[str]] = {}
    for owner in owners:
        numbers.setdefault(owner.name, set()).add(owner.number)
    return [
        replace(owner, name=f"{owner.name}-{owner.number}")
        if owner.number and len(numbers[owner.name] - {""}) > 1
        else owner
        for owner in owners
    ]


def without_wrapper(
    paths: list[tuple[str, ...]], assignment: str, archive: str = ""
) -> list[tuple[str, ...]]:
    """The paths without folders that hold all that was handed in, such as one that was made a zip file.

    A folder that holds one student's files alone is that student's, unless it is named as the zip file or
    the assignment is, or in a usual way. Several may be exports of a platform each, such as of groups.
    """
    if paths and all(len(path) > 1 and owner_of(path[1:], assignment).platform for path in paths):
        paths = [path[1:] for path in paths]
    around = {*WRAPPERS, archive.lower(), assignment.lower()}

    def wraps(name: str) -> bool:
        return COPY.sub("", name).lower() in around or DOWNLOAD.fullmatch(name) is not None

    paths = [
        path[1:] if len(path) > 1 and wraps(path[0]) and owner_of(path[1:], assignment).name else path
        for path in paths
    ]
    inner = paths
    while inner and all(len(path) > 1 and path[0] == inner[0][0] for path in inner):
        is_around = wraps(inner[0][0])
        inner = [path[1:] for path in inner]
        owners = {owner_of(path, assignment).name for path in inner} - {""}
        if len(owners) > 1 or (owners and is_around):
            paths = inner
    return paths
