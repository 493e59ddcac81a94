"""Where students' code runs: without network, and with only those files in sight that it needs."""

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.packages import KERNEL, LIBRARY, copy_to_run
from tools.project import PROJECT

#: What a program of the system needs. Those that are missing are left out.
SYSTEM = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/localtime"]
#: Environment variables that students' code may see. The last one tells a notebook that it is run for marks.
KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "NBGRADER_EXECUTION")
#: What the course's own packages need.
NEEDED = [
    PROJECT / "node_modules",
    PROJECT / "package.json",
    # A link to where the set-up keeps libtensorflow.
    (PROJECT / "node_modules/@tensorflow/tfjs-node/deps").resolve(),
]
#: What may be written to a scratch folder, in bytes.
SCRATCH_SIZE = 100_000_000
#: bubblewrap's options that do not depend on what runs. Root keeps its rights unless told otherwise.
SHUT_OFF = ["bwrap", "--unshare-all", "--die-with-parent", "--cap-drop", "ALL"]

#: The same of `unshare`, which is everywhere. A command has processes of its own: it can't reach the judge's,
#: and all that it started ends with it.
APART = [
    "unshare",
    "--user",
    "--map-current-user",
    "--net",
    "--pid",
    "--fork",
    "--kill-child",
    "--mount-proc",
    "--",
]


def show_packages(folder: Path) -> list[str]:
    """Copies the packages to a folder, and gives bubblewrap's options that show the copies in their place.

    Not the packages' own folders are shown: those hold sources and tests.
    """
    options = []
    for package in (LIBRARY, KERNEL):
        options += ["--ro-bind", str(copy_to_run(package, folder)), str(package)]
    return options


def command(
    argv: list[str], env: dict[str, str], shown: list[str], writable: list[Path], folder: Path
) -> list[str]:
    """The command that runs `argv` in `folder` with the protection that this computer has.

    Of the environment it sees `env` and nothing that could be a password.

    bubblewrap takes away the network, other processes, and all files but those that are named; `unshare` the
    network alone; and where there is neither, the command runs as it is. `shown` are the options that
    `show_packages` gives. Of the files in sight, the command can write to those in `writable` alone. There is
    room of a given size in `folder` and in /tmp: in memory, and gone with it.
    """
    program = Path(shutil.which(argv[0]) or argv[0]).resolve()
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    argv = ["env", "-i", *(f"{name}={value}" for name, value in {**kept, **env}.items()), *argv]
    if level() == "network and files":
        return [
            *[*SHUT_OFF, "--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"],
            *scratch("/tmp"),
            *bind("--ro-bind-try", SYSTEM),
            # It may lie in a folder of the system, such as /usr/src.
            *["--tmpfs", str(PROJECT)],
            *bind("--ro-bind-try", [program, *libraries_of(program), *NEEDED]),
            *shown,
            *bind("--bind", writable),
            *scratch(str(folder)),
            *["--remount-ro", str(PROJECT), "--remount-ro", "/", "--chdir", str(folder), "--", *argv],
        ]
    if level() == "network":
        return [*APART, *argv]
    return argv


@functools.cache
def level() -> str:
    """What can be shut off here: "network and files", "network" or "nothing"."""
    if sys.platform == "linux":
        options = [*SHUT_OFF, *scratch("/tmp"), *bind("--ro-bind-try", SYSTEM), "--remount-ro", "/"]
        if works([*options, "--", "true"]):
            return "network and files"
        if works([*APART, "true"]):
            return "network"
    return "nothing"


def scratch(folder: str) -> list[str]:
    """bubblewrap's options for an empty folder of a limited size."""
    return ["--size", str(SCRATCH_SIZE), "--tmpfs", folder]


def bind(option: str, paths: list) -> list[str]:
    """bubblewrap's options for paths that keep their place."""
    return [word for path in paths for word in (option, str(path), str(path))]


@functools.cache
def libraries_of(program: Path) -> list[Path]:
    """The shared libraries that a program brings with it, as conda's Node does."""
    listed = subprocess.run(["ldd", program], capture_output=True, text=True).stdout.split()
    return [Path(word) for word in listed if word.startswith("/") and not word.startswith(tuple(SYSTEM))]


def works(command: list[str]) -> bool:
    """Whether a command exists and succeeds."""
    try:
        return subprocess.run(command, capture_output=True, timeout=10).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
