"""What the kernel costs: start, first import, later cells, figures, and its memory after lesson 1."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from jupyter_client.manager import start_new_kernel
from nbclient import NotebookClient

from tools.project import NOTEBOOKS

LESSON = NOTEBOOKS / "01-see-it-vanish.ipynb"
ROUNDS = 5
LATER_CELLS = 20
MANY_CELLS = 300

IMPORT = 'import * as tf from "@tensorflow/tfjs-node";\nimport * as vg from "vanishing-gradients";'
FIGURE = "vg.showFigure(vg.dataFigure(vg.loadIris()));"


def seconds(work) -> float:
    """How long it takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def resident_megabytes(pid: int) -> float:
    """Memory of a process (Linux only)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1000
    return float("nan")


@contextmanager
def running_kernel() -> Iterator[tuple[Callable[[str], None], int]]:
    """A kernel: what runs a cell in it, and its process."""
    manager, client = start_new_kernel(kernel_name="tslab", cwd=str(LESSON.parent))

    def run(code: str) -> None:
        reply = client.execute_interactive(code, output_hook=lambda _: None, timeout=60)
        if reply["content"]["status"] != "ok":
            raise SystemExit(f"a cell failed: {reply['content']}")

    try:
        yield run, manager.provisioner.pid
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def one_round() -> dict[str, float]:
    """Starts a kernel and runs a few cells."""
    start = time.perf_counter()
    with running_kernel() as (run, _):
        return {
            "kernel ready": time.perf_counter() - start,
            "first import": seconds(lambda: run(IMPORT)),
            "first figure": seconds(lambda: run(FIGURE)),
            "later figure": seconds(lambda: run(FIGURE)),
            "later cell": statistics.median(cells(run, range(LATER_CELLS))),
        }


def cells(run: Callable[[str], None], numbers: range) -> list[float]:
    """Seconds of small cells, one for each number."""
    return [seconds(lambda i=i: run(f"const value{i} = {i} * 2;")) for i in numbers]


def many_cells() -> dict[str, float]:
    """What many cells cost, in time and in memory, where the library is imported."""
    with running_kernel() as (run, pid):
        run(IMPORT)
        first = statistics.median(cells(run, range(50)))
        before = resident_megabytes(pid)
        last = statistics.median(cells(run, range(50, 50 + MANY_CELLS))[-50:])
        return {"growth": resident_megabytes(pid) - before, "slower": last / first}


def lesson() -> dict[str, float]:
    """Runs lesson 1 and asks for the kernel's memory before it is stopped."""
    notebook = nbformat.read(LESSON, as_version=4)
    client = NotebookClient(notebook, resources={"metadata": {"path": str(LESSON.parent)}})
    with client.setup_kernel():
        start = time.perf_counter()
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index)
        took = time.perf_counter() - start
        return {"lesson 1": took, "memory": resident_megabytes(client.km.provisioner.pid)}


def main() -> None:
    """Prints medians, each with its bar."""
    bars = {
        "kernel ready": 1.3,
        "first import": 1.0,
        "first figure": 2.0,
        "later figure": 0.5,
        "later cell": 0.04,
    }
    rounds = [one_round() for _ in range(ROUNDS)]
    print(f"The kernel, median of {ROUNDS} starts")
    for name, bar in bars.items():
        print(f"  {name:13} {statistics.median(r[name] for r in rounds):5.2f} s   (bar: {bar} s)")
    measured = lesson()
    print(f"  {'lesson 1':13} {measured['lesson 1']:5.1f} s   (bar: 40 s)")
    print(f"  memory after  {measured['memory']:5.0f} MB  (bar: 700 MB)")
    many = many_cells()
    print(f"  {MANY_CELLS} cells more {many['growth']:5.0f} MB  (bar: 20 MB)")
    print(f"  the last over the first of them {many['slower']:.2f}  (bar: 1)")


if __name__ == "__main__":
    main()
