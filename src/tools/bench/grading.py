"""What grading costs: time, processor time, and the memory of all processes together, for one and for ten.

Memory is PSS: a page that processes share is counted once. It is there on Linux alone.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from tools.grading.course import COURSE, Course

ASSIGNMENT = "find-the-bug"
PERIOD = 0.1


def new_course(folder: Path, students: int) -> None:
    """A course whose students hand in the reference solution."""
    shutil.copy(COURSE / "nbgrader_config.py", folder)
    shutil.copytree(COURSE / "source", folder / "source")
    course = Course(folder)
    course.release(ASSIGNMENT)
    for number in range(students):
        path = course.submitted(ASSIGNMENT, f"student{number}")
        path.parent.mkdir(parents=True)
        shutil.copy(course.source(ASSIGNMENT), path)


def look(family: list[psutil.Process], seconds: dict[psutil.Process, float]) -> float:
    """Notes the processor time of each process. Gives their memory, in megabytes."""
    memory = 0.0
    for process in family:
        try:
            times = process.cpu_times()
            seconds[process] = times.user + times.system
            memory += process.memory_full_info().pss / 1e6
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return memory


def measured(students: int) -> str:
    """Grades some notebooks by the command that teachers use."""
    with tempfile.TemporaryDirectory() as name:
        new_course(Path(name), students)
        seconds: dict[psutil.Process, float] = {}
        peak = 0.0
        start = time.monotonic()
        command = [sys.executable, "-m", "tools.grading.grade", ASSIGNMENT, "--course", name]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as run:
            process = psutil.Process(run.pid)
            while run.poll() is None:
                try:
                    family = [process, *process.children(recursive=True)]
                except psutil.NoSuchProcess:
                    break
                peak = max(peak, look(family, seconds))
                time.sleep(PERIOD)
        wall = time.monotonic() - start
        if run.returncode != 0:
            raise SystemExit("grading failed")
    return f"{wall:.1f} s, {sum(seconds.values()):.1f} s of processor time, {peak:.0f} MB (PSS) at most"


def main() -> None:
    """One notebook, and ten."""
    if sys.platform != "linux":
        print("Grading: measured on Linux alone")
        return
    # What is made once and kept, such as the compiled tests, is there afterwards.
    measured(1)
    for students in (1, 10):
        print(f"Grading {students}: {measured(students)}", flush=True)


if __name__ == "__main__":
    main()
