"""Finds the notebooks of an assignment in what students handed in, and says what became of each file."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tools.grading.course import Course, CourseError
from tools.grading.mend import LARGEST, HandedIn, Mended, NoNotebook, mended, shared
from tools.grading.names import NOBODY, Owner, as_listed, owner_of, with_numbers, without_wrapper
from tools.grading.personal import students_of
from tools.grading.search import Search, Seen


@dataclass
class Candidate:
    """A notebook of the assignment."""

    seen: Seen
    mended: Mended
    time: float

    @property
    def rank(self) -> tuple[bool, float]:
        """The answered one counts, and of those the newest."""
        return self.mended.is_answered, self.time


def collect(course: Course, assignment: str, handed_in: Path) -> list[Seen]:
    """Copies each student's notebook into the course, mended. One that is there already stays as it is.

    Gives all files that were seen. The one that counts is the newest of those in which something is answered.
    """
    released = {name: released_of(course, name) for name in course.assignments}
    with tempfile.TemporaryDirectory() as scratch:
        search = Search(Path(scratch))
        archive = ""
        if handed_in.is_dir():
            search.folder(handed_in, (), "")
        elif handed_in.suffix.lower() == ".zip" and handed_in.is_file():
            archive = handed_in.stem
            search.archive(handed_in, (), "", 1)
        else:
            raise CourseError(f"{handed_in} is neither a folder nor a .zip file")
        owners = owners_of(search, assignment, archive, students_of(course.folder))
        chosen = sorted(candidates(search, owners, assignment, released), key=lambda one: one.rank)
    best = {candidate.seen.owner.name: candidate for candidate in chosen}
    for candidate in chosen:
        seen = candidate.seen
        used = best[seen.owner.name]
        submitted = course.submitted(assignment, seen.owner.name)
        if used is candidate and is_better(submitted, candidate, released[assignment]):
            seen.became = "left out: nothing is answered in it; what was handed in before is used"
        elif used is candidate:
            seen.is_used = True
            seen.became = " ".join(["used.", *candidate.mended.notes])
            store(candidate.mended.notebook, submitted)
        else:
            is_older = candidate.mended.is_answered == used.mended.is_answered
            why = "older" if is_older else "nothing is answered in it"
            seen.became = f"left out: {why}; {used.seen.where} is used"
    return sorted(search.seen, key=lambda one: one.where)


def is_better(submitted: Path, candidate: Candidate, released: NotebookNode) -> bool:
    """Whether something is answered in what was handed in before, and nothing is now."""
    if candidate.mended.is_answered or not submitted.exists():
        return False
    return mended(HandedIn.read(submitted.read_bytes()), released).is_answered


def owners_of(search: Search, assignment: str, archive: str, students: list[str]) -> list[Owner]:
    """Whose the files are that may be notebooks. Those that are left out already get their owners, too."""
    found = [file.parts for file in search.files] or [parts for parts in search.parts if parts]
    paths = without_wrapper(found, assignment, archive)
    wrappers = {parts[: len(parts) - len(path)] for parts, path in zip(found, paths, strict=True)}
    inside = [
        parts[max(len(around) for around in {(), *wrappers} if parts[: len(around)] == around) :]
        for parts in [*(file.parts for file in search.files), *search.parts]
    ]
    owners = [owner_of(parts, assignment) if parts else NOBODY for parts in inside]
    owners = with_numbers(as_listed(owners, students))
    for seen, owner in zip(search.seen, owners[len(search.files) :], strict=True):
        seen.owner = owner
    return owners[: len(search.files)]


def candidates(
    search: Search, owners: list[Owner], assignment: str, released: dict[str, NotebookNode]
) -> list[Candidate]:
    """The notebooks of the assignment. The others are named."""
    found = []
    for file, owner in zip(search.files, owners, strict=True):
        seen = Seen(file.where, owner, file.time)
        search.seen.append(seen)
        if owner.name == "":
            seen.became = "left out: its name does not tell whose it is"
            continue
        try:
            with file.path.open("rb") as opened:
                notebook = HandedIn.read(opened.read(LARGEST + 1))
        except (NoNotebook, OSError) as error:
            seen.became = f"left out: {error}"
            continue
        matches = {name: shared(notebook, other) for name, other in released.items()}
        best = max(matches, key=lambda name: (matches[name], name == assignment))
        if matches[best] == 0:
            seen.became = f"left out: it has no cell of {assignment}"
        elif best != assignment:
            seen.became = f"left out: it is {best}, not {assignment}"
        else:
            found.append(Candidate(seen, mended(notebook, released[assignment]), file.time))
    return found


def released_of(course: Course, assignment: str) -> NotebookNode:
    """What students got. It is made if it is not there."""
    course.require_released(assignment)
    return nbformat.read(course.released(assignment), as_version=4)


def store(notebook: NotebookNode, submitted: Path) -> None:
    """Writes a notebook, unless it is there already."""
    text = nbformat.writes(notebook) + "\n"
    if submitted.exists() and submitted.read_text("utf-8") == text:
        return
    submitted.parent.mkdir(parents=True, exist_ok=True)
    submitted.unlink(missing_ok=True)
    submitted.write_text(text, "utf-8")
