"""Unpacks TensorFlow's C library and its headers from a tensorflow-cpu wheel: unpack.py WHEEL FOLDER."""

import sys
import zipfile
from pathlib import Path

# The names under which tfjs-node looks for the libraries, beside those in the wheel.
NAMES = {
    "libtensorflow_cc.so.2": [
        "libtensorflow.so",
        "libtensorflow.so.2",
        "libtensorflow.so.2.9.1",
    ],
    "libtensorflow_framework.so.2": [
        "libtensorflow_framework.so",
        "libtensorflow_framework.so.2.9.1",
    ],
}
# The C interface, and what its headers include.
HEADERS = ("tensorflow/c/", "tensorflow/core/platform/", "tensorflow/tsl/", "tsl/")


def unpack(wheel: Path, folder: Path) -> None:
    """Writes `lib` and `include` to `folder`."""
    lib = folder / "lib"
    lib.mkdir(parents=True)
    with zipfile.ZipFile(wheel) as archive:
        for library, links in NAMES.items():
            _write(archive, f"tensorflow/{library}", lib / library)
            for link in links:
                (lib / link).symlink_to(library)
        start = "tensorflow/include/"
        for name in archive.namelist():
            if name.startswith(tuple(start + header for header in HEADERS)) and not name.endswith("/"):
                _write(archive, name, folder / "include" / name.removeprefix(start))


def _write(archive: zipfile.ZipFile, name: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(name) as source, path.open("wb") as target:
        while chunk := source.read(1 << 22):
            target.write(chunk)


if __name__ == "__main__":
    unpack(Path(sys.argv[1]), Path(sys.argv[2]))
