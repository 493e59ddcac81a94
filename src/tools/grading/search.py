"""Looks through what was handed in, folders and zip files, for what may be notebooks."""

import os
import shutil
import stat
import tempfile
import time
import zipfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from tools.grading.mend import LARGEST, HandedIn, NoNotebook
from tools.grading.names import NOBODY, Owner

#: What zip files may hold in all, and how deep in one another: a small one can hold a whole disk of zeros.
MOST_BYTES = 2_000_000_000
MOST_FILES = 50_000
DEEPEST = 3
#: Bits of a file in a zip file: it needs a password; its name is UTF-8.
IS_LOCKED = 0x1
SAYS_UTF8 = 0x800
#: Made by systems and programs beside students' files.
SYSTEM = {"__MACOSX", ".ipynb_checkpoints", ".DS_Store", "Thumbs.db", "desktop.ini", "__pycache__", ".git"}
#: What teachers keep beside them.
TABLES = (".csv", ".tsv", ".xls", ".xlsx", ".ods")
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
class Search:
    """Looks through folders and zip files. What is no notebook is named at once."""

    scratch: Path
    files: list[Found] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    #: Where those files are that are named at once, for whose they are.
    parts: list[tuple[str, ...]] = field(default_factory=list)
    bytes: int = 0
    count: int = 0

    def leave_out(self, where: str, parts: tuple[str, ...], why: str, time: float = 0) -> None:
        """Names a file that is not looked at."""
        self.seen.append(Seen(where, time=time, became=f"left out: {why}"))
        self.parts.append(parts)

    def folder(self, folder: Path, parts: tuple[str, ...], where: str, depth: int = 0) -> None:
        """Looks into a folder, without following links."""
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            self.leave_out(where, parts, f"it can't be opened ({error.strerror})")
            return
        if where and not entries and not any(one.where.startswith(where) for one in self.seen):
            self.leave_out(where, parts, "nothing is in it")
        for entry in entries:
            self.entry(Path(entry.path), (*parts, entry.name), f"{where}{entry.name}", depth)

    def entry(self, path: Path, parts: tuple[str, ...], where: str, depth: int) -> None:
        """Looks at a file or a folder."""
        status = path.lstat()
        mode = status.st_mode
        name = path.name
        stem = name[: name.lower().rindex(".ipynb")] if ".ipynb" in name.lower() else path.stem
        named = (*parts[:-1], stem)
        reason = ""
        if name in SYSTEM or name.startswith("._"):
            self.leave_out(where, (), "made by a system, not by a student")
            self.seen[-1].is_system = True
        elif stat.S_ISLNK(mode):
            reason = "it is a link, which may lead to another's file"
        elif stat.S_ISDIR(mode):
            if len(parts) > 50:
                self.leave_out(where, parts, "folders in folders without end")
            else:
                self.folder(path, parts, f"{where}/", depth)
        elif not stat.S_ISREG(mode):
            reason = "it is no file"
        elif status.st_nlink > 1:
            reason = "it is a second name of another file (a hard link)"
        elif name.lower().endswith(".zip"):
            self.archive(path, named, f"{where}/", depth + 1)
        elif name.lower().endswith(OTHER_ARCHIVES):
            reason = "an archive of a kind that is not read here: unpack it, or make it a .zip file"
        elif ".ipynb" in name.lower() or self.looks_like_notebook(path, status.st_size):
            self.files.append(Found(path, named, where, status.st_mtime))
        elif name.lower().endswith(TABLES):
            self.leave_out(where, (), "it is no notebook")
        else:
            reason = "it is no notebook"
        if reason:
            self.leave_out(where, named, reason, status.st_mtime)

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
            self.leave_out(where, parts, f"more than {DEEPEST} zip files in one another")
            return
        folder = Path(tempfile.mkdtemp(dir=self.scratch))
        try:
            with zipfile.ZipFile(path) as archive:
                for entry in archive.infolist():
                    self.unpack(archive, entry, folder, parts, where)
        except Exception as error:  # It may hold anything.
            self.leave_out(where, parts, f"the zip file can't be read: {str(error)[:100]}")
        self.folder(folder, parts, where, depth)

    def unpack(
        self,
        archive: zipfile.ZipFile,
        entry: zipfile.ZipInfo,
        folder: Path,
        parts: tuple[str, ...],
        where: str,
    ) -> None:
        """Takes a file out of a zip file, if it stays within the folder and the limits."""
        name = PurePosixPath(name_in(entry).replace("\\", "/"))
        self.count += 1
        self.bytes += entry.file_size
        reason = ""
        if entry.is_dir():
            return
        if stat.S_ISLNK(entry.external_attr >> 16):
            reason = "it is a link, which may lead to another's file"
        elif name.is_absolute() or ".." in name.parts:
            reason = "its name leads out of the zip file"
        elif entry.flag_bits & IS_LOCKED:
            reason = "it is locked with a password"
        elif self.bytes > MOST_BYTES or self.count > MOST_FILES:
            reason = "the zip files hold too much"
        else:
            try:
                extract(archive, entry, folder / name)
            except Exception as error:  # The others in the zip file may be whole.
                with suppress(OSError):
                    (folder / name).unlink()
                reason = f"it can't be unpacked: {str(error)[:100]}"
        if reason:
            inner = () if ".." in name.parts else (*parts, *name.parts[:-1], name.stem)
            self.leave_out(f"{where}{name}", inner, reason)


def name_in(entry: zipfile.ZipInfo) -> str:
    """A file's name in a zip file. macOS writes UTF-8 and does not say so."""
    with suppress(UnicodeError):
        if not entry.flag_bits & SAYS_UTF8:
            return entry.filename.encode("cp437").decode("utf-8")
    return entry.filename


def extract(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> None:
    """Takes a file out of a zip file, with its time. Two of one name stay two."""
    target.parent.mkdir(parents=True, exist_ok=True)
    first = target
    number = 1
    while target.exists():
        number += 1
        target = first.with_name(f"{first.stem} ({number}){first.suffix}")
    with archive.open(entry) as packed, target.open("wb") as file:
        shutil.copyfileobj(packed, file)
    moment = time.mktime((*entry.date_time, 0, 0, -1))
    os.utime(target, (moment, moment))
