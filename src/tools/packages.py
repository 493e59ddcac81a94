"""The course's own packages, as those have them who install them."""

import json
import shutil
from pathlib import Path

from tools.project import PROJECT

LIBRARY = PROJECT / "src" / "library"
KERNEL = PROJECT / "src" / "kernel"


def copy_to_run(package: Path, folder: Path) -> Path:
    """Copies what runs of a package, with its types and less what is for reading, and gives the copy."""
    copy = folder / package.name
    for path in filter(is_run, packed_files(package)):
        target = copy / path.relative_to(package)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return copy


def is_run(path: Path) -> bool:
    """Whether a packed file is one to run, not one to read: no TypeScript source, no text."""
    return path.name.endswith(".d.ts") or path.suffix not in (".ts", ".md")


def packed_files(package: Path) -> list[Path]:
    """The files that npm would pack: what a package needs to run, and what explains it."""
    manifest = package / "package.json"
    found = {manifest}
    for pattern in json.loads(manifest.read_text("utf-8"))["files"]:
        matching = set(package.glob(pattern.removeprefix("!")))
        if pattern.startswith("!"):
            found -= matching
        else:
            found |= matching.union(*(path.rglob("*") for path in matching if path.is_dir()))
    return sorted(path for path in found if path.is_file())
