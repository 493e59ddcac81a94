"""Finds the notebooks of an assignment in what students handed in, and says what became of each file."""

import os
import shutil
import stat
import tempfile
import time
import zipfile
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import nbformat
from nbformat import NotebookNode

from tools.grading.course import Course, CourseError
from tools.grading.mend import LARGEST, HandedIn, Mended, NoNotebook, mended, shared
from tools.grading.names import NOBODY, Owner, owner_of, with_numbers, without_wrapper

#: What zip files may hold in all, and how deep in one another: a small one can hold a whole disk of zeros.
MOST_BYTES = 2_000_000_000
MOST_FILES = 50_000
DEEPEST = 3
#: Made by systems and programs beside students' files.
SYSTEM = {"__MACOSX", ".ipynb_checkpoints", ".DS_Store", "Thumbs.db", "desktop.ini", "__pycache__", ".git"}
OTHER_ARCHIVES = (".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz")


@dataclass
class Seen:
    """A file that was handed in, and what became of it."""

    #: Where it is: folders, and zip files in place of folders.
    where: str
    owner: Owner = NOBODY
    #: When it was written, in seconds since 1970.
    time: float = 0
    became: str = ""
    is_used: bool = False
    #: Whether a system made it, and no student.
    is_system: bool = False


@dataclass
class Found:
    """A file that may be a notebook."""

    path: Path
    parts: tuple[str, ...]
    where: str
    time: float


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


@dataclass
class Search:
    """Looks through folders and zip files. What is no notebook is named at once."""

    scratch: Path
    files: list[Found] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    bytes: int = 0
    count: int = 0

    def leave_out(self, where: str, why: str) -> None:
        """Names a file that is not looked at."""
        self.seen.append(Seen(where, became=f"left out: {why}"))

    def folder(self, folder: Path, parts: tuple[str, ...], where: str, depth: int = 0) -> None:
        """Looks into a folder, without following links."""
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            self.leave_out(where, f"it can't be opened ({error.strerror})")
            return
        for entry in entries:
            self.entry(Path(entry.path), (*parts, entry.name), f"{where}{entry.name}", depth)

    def entry(self, path: Path, parts: tuple[str, ...], where: str, depth: int) -> None:
        """Looks at a file or a folder."""
        status = path.lstat()
        mode = status.st_mode
        name = path.name
        if name in SYSTEM or name.startswith("._"):
            self.leave_out(where, "made by a system, not by a student")
            self.seen[-1].is_system = True
        elif stat.S_ISLNK(mode):
            self.leave_out(where, "it is a link, which may lead to another's file")
        elif stat.S_ISDIR(mode):
            if len(parts) > 50:
                self.leave_out(where, "folders in folders without end")
            else:
                self.folder(path, parts, f"{where}/", depth)
        elif not stat.S_ISREG(mode):
            self.leave_out(where, "it is no file")
        elif status.st_nlink > 1:
            self.leave_out(where, "it is a second name of another file (a hard link)")
        elif name.lower().endswith(".zip"):
            self.archive(path, (*parts[:-1], name[:-4]), f"{where}/", depth + 1)
        elif name.lower().endswith(OTHER_ARCHIVES):
            self.leave_out(
                where, "an archive of a kind that is not read here: unpack it, or make it a .zip file"
            )
        elif ".ipynb" in name.lower() or self.looks_like_notebook(path, status.st_size):
            stem = name[: name.lower().rindex(".ipynb")] if ".ipynb" in name.lower() else path.stem
            self.files.append(Found(path, (*parts[:-1], stem), where, status.st_mtime))
        else:
            self.leave_out(where, "it is no notebook")

    def looks_like_notebook(self, path: Path, size: int) -> bool:
        """Whether a file with another ending, or none, holds a notebook."""
        if size > LARGEST or path.suffix.lower() not in ("", ".json", ".txt"):
            return False
        try:
            HandedIn.read(path.read_bytes())
        except (NoNotebook, OSError):
            return False
        return True

    def archive(self, path: Path, parts: tuple[str, ...], where: str, depth: int) -> None:
        """Looks into a zip file, as into a folder with its name."""
        if depth > DEEPEST:
            self.leave_out(where, f"more than {DEEPEST} zip files in one another")
            return
        folder = Path(tempfile.mkdtemp(dir=self.scratch))
        try:
            with zipfile.ZipFile(path) as archive:
                for entry in archive.infolist():
                    self.unpack(archive, entry, folder, where)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError) as error:
            self.leave_out(where, f"the zip file can't be read: {str(error)[:100]}")
        self.folder(folder, parts, where, depth)

    def unpack(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path, where: str) -> None:
        """Takes a file out of a zip file, if it stays within the folder and the limits."""
        name = PurePosixPath(entry.filename.replace("\\", "/"))
        self.count += 1
        self.bytes += entry.file_size
        if entry.is_dir():
            return
        if stat.S_ISLNK(entry.external_attr >> 16):
            self.leave_out(f"{where}{name}", "it is a link, which may lead to another's file")
        elif name.is_absolute() or ".." in name.parts:
            self.leave_out(f"{where}{name}", "its name leads out of the zip file")
        elif self.bytes > MOST_BYTES or self.count > MOST_FILES:
            self.leave_out(f"{where}{name}", "the zip files hold too much")
        else:
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(entry) as packed, target.open("wb") as file:
                shutil.copyfileobj(packed, file)
            moment = time.mktime((*entry.date_time, 0, 0, -1))
            os.utime(target, (moment, moment))


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
        chosen = sorted(candidates(search, assignment, released, archive), key=lambda one: one.rank)
    best = {candidate.seen.owner.name: candidate for candidate in chosen}
    for candidate in chosen:
        seen = candidate.seen
        used = best[seen.owner.name]
        if used is candidate:
            seen.is_used = True
            seen.became = " ".join(["used.", *candidate.mended.notes])
            store(candidate.mended.notebook, course.submitted(assignment, seen.owner.name))
        else:
            is_older = candidate.mended.is_answered == used.mended.is_answered
            why = "older" if is_older else "nothing is answered in it"
            seen.became = f"left out: {why}; {used.seen.where} is used"
    return sorted(search.seen, key=lambda one: one.where)


def candidates(
    search: Search, assignment: str, released: dict[str, NotebookNode], archive: str
) -> list[Candidate]:
    """The notebooks of the assignment. The others are named."""
    paths = without_wrapper([file.parts for file in search.files], assignment, archive)
    owners = with_numbers([owner_of(parts, assignment) for parts in paths])
    found = []
    for file, owner in zip(search.files, owners, strict=True):
        seen = Seen(file.where, owner, file.time)
        search.seen.append(seen)
        if owner.name == "":
            seen.became = "left out: its name does not tell whose it is"
            continue
        try:
            notebook = HandedIn.read(file.path.read_bytes())
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
