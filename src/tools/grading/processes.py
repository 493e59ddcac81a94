"""Processes and those that they start: what they use, and that none is left."""

import ctypes
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

import psutil

#: Linux' prctl: processes whose parent has ended become this one's, and so are found and ended.
SET_CHILD_SUBREAPER = 36


class ProcessorClock:
    """Adds up the processor time of processes that come and go. What else runs does not count."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._last: dict[psutil.Process, float] = {}

    def read(self, pids: Iterable[int | None]) -> float:
        """Seconds that these processes, and those that they started, have used since the clock was made."""
        return self.add(process for pid in pids for process in family_of(pid))

    def add(self, processes: Iterable[psutil.Process]) -> float:
        """Seconds that these processes, and earlier ones, have used since the clock was made."""
        now = {}
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                now[process] = times.user + times.system
        self.seconds += sum(used - self._last.get(process, 0) for process, used in now.items())
        self._last = now
        return self.seconds


def family_of(pid: int | None) -> list[psutil.Process]:
    """A process and those that it started."""
    try:
        process = psutil.Process(pid) if pid is not None else None
        return [] if process is None else [*process.children(recursive=True), process]
    except psutil.NoSuchProcess:
        return []


def memory_of(processes: Iterable[psutil.Process]) -> float:
    """Memory of processes together, in megabytes."""
    total = 0
    for process in processes:
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total / 1e6


def kill(process: psutil.Process) -> None:
    """Ends a process, if it has not ended."""
    try:
        process.kill()
    except psutil.NoSuchProcess:
        pass


@contextmanager
def all_ended() -> Iterator[None]:
    """Processes that are started inside are ended, those too that made themselves independent, on Linux."""
    me = psutil.Process()
    prctl(SET_CHILD_SUBREAPER, 1)
    before = {*me.children()}
    try:
        yield
    finally:
        # A process that is killed leaves its children to this one.
        while left := [child for child in me.children() if child not in before]:
            for process in left:
                kill(process)
            psutil.wait_procs(left, timeout=1)


def prctl(option: int, value: int) -> None:
    """Sets something about this process, on Linux; elsewhere there is no such thing."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)
