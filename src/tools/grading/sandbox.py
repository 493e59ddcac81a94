"""Where students' code runs: without network, and with only those files in sight that it needs."""

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.project import PROJECT

#: What a program of the system needs. Those that are missing are left out.
SYSTEM = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/localtime"]
#: Environment variables that students' code may see. The last one tells a notebook that it is run for marks.
KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "NBGRADER_EXECUTION")
#: What the lessons' library needs.
NEEDED = [
    PROJECT / "node_modules",
    PROJECT / "src",
    PROJECT / "package.json",
    # A link to where the set-up keeps libtensorflow.
    (PROJECT / "node_modules/@tensorflow/tfjs-node/deps").resolve(),
]


def command(argv: list[str], env: dict[str, str], writable: list[Path], folder: Path) -> list[str]:
    """The command that runs `argv` in `folder` with the protection that this computer has.

    Of the environment it sees `env` and nothing that could be a password.

    bubblewrap takes away the network, other processes, and all files but those that are named; `unshare` the
    network alone; and where there is neither, the command runs as it is.
    """
    program = Path(shutil.which(argv[0]) or argv[0])
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    argv = ["env", "-i", *(f"{name}={value}" for name, value in {**kept, **env}.items()), *argv]
    if level() == "network and files":
        readable = [program.resolve().parents[1], *NEEDED]
        return [
            *["bwrap", "--unshare-all", "--die-with-parent", "--proc", "/proc", "--dev", "/dev"],
            *["--tmpfs", "/tmp"],
            *bind("--ro-bind-try", SYSTEM),
            *bind("--ro-bind-try", readable),
            *bind("--bind", writable),
            *["--chdir", str(folder), "--", *argv],
        ]
    if level() == "network":
        return ["unshare", "--user", "--map-current-user", "--net", "--", *argv]
    return argv


@functools.cache
def level() -> str:
    """What can be shut off here: "network and files", "network" or "nothing"."""
    if sys.platform == "linux":
        paths = bind("--ro-bind-try", SYSTEM)
        if works(["bwrap", "--unshare-all", *paths, "--", "true"]):
            return "network and files"
        if works(["unshare", "--user", "--map-current-user", "--net", "--", "true"]):
            return "network"
    return "nothing"


def bind(option: str, paths: list) -> list[str]:
    """bubblewrap's options for paths that keep their place."""
    return [word for path in paths for word in (option, str(path), str(path))]


def works(command: list[str]) -> bool:
    """Whether a command exists and succeeds."""
    try:
        return subprocess.run(command, capture_output=True, timeout=10).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
