"""Runs a submitted notebook, whatever its cells do."""

import asyncio
import itertools
import json
import tempfile
import time
from pathlib import Path
from subprocess import DEVNULL

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbclient.util import run_sync
from nbformat import NotebookNode, ValidationError, from_dict
from nbformat.v4 import new_output
from nbgrader.preprocessors import Execute
from nbgrader.utils import is_grade, is_solution
from traitlets import Bool, Integer, Unicode

from tools.grading.answers import Answers
from tools.grading.judge import AnswerError, Judge
from tools.grading.personal import for_student, students_of
from tools.grading.processes import ProcessorClock, all_ended, family_of, kill, memory_of
from tools.grading.restore import id_of, source_of
from tools.grading.sandbox import SCRATCH_SIZE, command, show_packages
from tools.grading.scratch import SCRATCH, size_of, temporary_folder

#: Seconds that may pass for each second of processor time: the machine may be busy, and a cell may wait.
PATIENCE = 4
#: Processor time that tells work from waiting, in seconds: what waits takes a little, too.
IDLE = 0.1
#: How often memory, files and processor time are looked at, in seconds.
PERIOD = 0.2
#: What the folder of the kernel's sockets may hold, in bytes: they themselves hold nothing.
SOCKETS_SIZE = 1_000_000


class StrictExecute(Execute):
    """Runs a notebook in a sandbox, with limits. A cell that goes beyond one is ended, and the kernel too.

    Then a new kernel runs the cells before it again, those that had succeeded and are no tests, and goes on
    with the cell after it. What is printed to stderr is no error.

    Tests don't run there. A judge runs them, a process of its own, which asks the kernel for answers.
    """

    course = Unicode(help="The course's folder").tag(config=True)
    timeout = Integer(60, help="Seconds of processor time for a cell").tag(config=True)
    total = Integer(300, help="Seconds of processor time for a notebook").tag(config=True)
    megabytes = Integer(1200, help="Memory of the kernel").tag(config=True)
    characters = Integer(100_000, help="Printed text and errors of a cell").tag(config=True)
    displayed = Integer(3_000_000, help="Characters of all that a cell displays").tag(config=True)
    largest = Integer(20_000_000, help="Characters of all that a notebook displays").tag(config=True)
    # The kernel is ended instead: an interrupt can't stop a loop that spins after an `await`.
    interrupt_on_timeout = Bool(False)

    def preprocess(self, nb: NotebookNode, resources: dict, km: None = None) -> tuple[NotebookNode, dict]:
        """Runs a notebook in place."""
        SCRATCH.mkdir(parents=True, exist_ok=True)
        self._source = source_of(self.course, resources)
        self._judge: Judge | None = None
        own_numbers = students_of(Path(self.course)) != []
        self._student = resources["nbgrader"]["student"] if own_numbers else None
        self._done: list[NotebookNode] = []
        self._clock = ProcessorClock()
        self._limit = float(self.timeout)
        self._end = time.monotonic() + PATIENCE * self.total
        self._left = self.largest
        for cell in nb.cells:
            # A tag would have nbclient skip a test, which then looks as if it had passed.
            cell.metadata.pop("tags", None)
            if id_of(cell) is not None and not is_solution(cell):
                cell.source = for_student(cell.source, self._student)
        with (
            all_ended(),
            temporary_folder(SCRATCH) as folder,
            temporary_folder(SCRATCH) as judge,
            temporary_folder(SCRATCH) as packages,
            # The kernel's sockets need a short path.
            temporary_folder(Path(tempfile.gettempdir())) as sockets,
        ):
            self._folder, self._judge_folder, self._sockets = folder, judge, sockets
            self._shown = show_packages(packages)
            try:
                return super().preprocess(nb, {**resources, "metadata": {"path": str(folder)}}, km)
            finally:
                if self._judge is not None:
                    self._judge.end()

    def create_kernel_manager(self) -> AsyncKernelManager:
        """A kernel in the sandbox. Its sockets are files: there is no network to reach it by."""
        self.km = AsyncKernelManager(
            kernel_name="tslab",
            transport="ipc",
            connection_file=str(self._sockets / "kernel.json"),
            kernel_spec_manager=SandboxedKernels(self._shown, [self._sockets], self._folder),
        )
        return self.km

    async def async_start_new_kernel(self, **options: object) -> None:
        """Starts a kernel, and a judge if there is none.

        What the kernel writes itself goes nowhere: it could be a student's, for the terminal.
        """
        if self._judge is None or not self._judge.is_alive:
            spec = KernelSpecManager().get_kernel_spec("tslab")
            self._judge = Judge(
                self._source, self._student, spec.argv[0], spec.env, self._shown, self._judge_folder
            )
        await super().async_start_new_kernel(stdout=DEVNULL, stderr=DEVNULL, **options)

    async def async_execute_cell(
        self, cell: NotebookNode, cell_index: int, **options: object
    ) -> NotebookNode:
        """Runs a cell. Whatever happens, there is a kernel for the next one."""
        if cell.cell_type != "code":
            return cell
        if self._time_left() <= 0:
            add_error(cell, "TimeLimit", f"the notebook took more than {self.total} s; this cell was not run")
            return cell
        if not await self.km.is_alive():
            # Something that an earlier cell left behind ended it.
            await self._start_again()
        self._printed, self._shown_size, self._stopped = 0, 0, None
        self._limit = min(self.timeout, self._time_left())
        self._ends = self._clock.read(self._pids()) + self._limit
        watch = asyncio.ensure_future(self._watch())

        async def run() -> None:
            if is_test(cell):
                await self._run_test(cell)
            else:
                await super(StrictExecute, self).async_execute_cell(cell, cell_index, **options)

        try:
            try:
                await run()
            except DeadKernelError:
                if self._stopped is not None:
                    raise
                # Something may have done it that a cell of the student had left behind: once more, without.
                self._done = [done for done in self._done if id_of(done) is not None]
                await self._start_again()
                await run()
        except CellTimeoutError:
            add_error(cell, *self._too_long())
            await self._start_again()
        except DeadKernelError:
            add_error(cell, *(self._stopped or ("KernelDied", "the cell ended the kernel")))
            await self._start_again()
        except (AttributeError, KeyError, TypeError, ValueError, ValidationError) as error:
            # A cell can have the kernel send anything.
            add_error(cell, "KernelDied", f"the kernel sent what can't be understood: {error!r:.200}")
            self._done = [done for done in self._done if id_of(done) is not None]
            await self._start_again()
        finally:
            watch.cancel()
        cell.outputs = list(map(storable, cell.outputs))
        if type(cell.execution_count) is not int or cell.execution_count < 0:
            # It stands in the kernel's messages.
            cell.execution_count = None
        for output in cell.outputs:
            if output.output_type == "stream":
                # nbgrader takes a warning for an error.
                output.name = "stdout"
        if not is_test(cell) and all(output.output_type != "error" for output in cell.outputs):
            self._done.append(cell)
        return cell

    async def _run_test(self, cell: NotebookNode) -> None:
        """Has the judge run a test, and the kernel answer its questions."""
        answers = Answers(self.km, self.kc)
        try:
            async with asyncio.timeout(self._get_timeout(cell)):
                error = await self._judge.test(id_of(cell), answers.ask)
                await answers.end()
        except AnswerError as late:
            # What an answer left behind failed, such as a promise that nobody waits for.
            error = error or ("Error", str(late))
        except TimeoutError:
            raise CellTimeoutError("a test") from None
        if error is not None and answers.error is not None:
            cell.outputs.append(answers.error)
        elif error is not None:
            add_error(cell, *error)

    # nbclient binds its own; nbconvert calls these.
    start_new_kernel = run_sync(async_start_new_kernel)
    execute_cell = run_sync(async_execute_cell)

    def process_message(self, msg: dict, cell: NotebookNode, cell_index: int) -> NotebookNode | None:
        """Takes in what a cell puts out, up to the limits."""
        content = msg["content"]
        if msg["msg_type"] in ("stream", "error"):
            self._printed += len(content.get("text", "")) + len(json.dumps(content.get("traceback", "")))
            self._printed += len(content.get("evalue", ""))
            if self._printed > self.characters:
                self._stop("OutputLimit", f"the cell printed more than {self.characters:,} characters")
        elif "data" in content:
            size = len(json.dumps(content))
            self._shown_size += size
            self._left -= size
            if self._shown_size > self.displayed:
                self._stop("OutputLimit", f"the cell displayed more than {self.displayed:,} characters")
            elif self._left < 0:
                self._stop("OutputLimit", f"the notebook displayed more than {self.largest:,} characters")
        return None if self._stopped is not None else super().process_message(msg, cell, cell_index)

    async def _check_raise_for_error(
        self, cell: NotebookNode, cell_index: int, exec_reply: dict | None
    ) -> None:
        """An error that the reply alone tells of is one, too."""
        content = {} if exec_reply is None else exec_reply["content"]
        told = any(output.output_type == "error" for output in cell.outputs)
        if content.get("status") == "error" and not told:
            add_error(cell, str(content.get("ename"))[:100], str(content.get("evalue"))[: self.characters])

    def _pids(self) -> tuple[int | None, int]:
        return self.km.provisioner.pid, self._judge.process.pid

    def _time_left(self) -> float:
        """Seconds of processor time for the rest of the notebook; 0 if it took very long to use them."""
        return self.total - self._clock.seconds if time.monotonic() < self._end else 0

    def _get_timeout(self, cell: NotebookNode | None) -> int:
        """Seconds that may pass until a cell has ended, busy or not."""
        return max(1, round(PATIENCE * self._limit))

    def _too_long(self) -> tuple[str, str]:
        return "TimeLimit", f"the cell took more than {max(1, round(self._limit))} s"

    async def _watch(self) -> None:
        used, since = self._clock.seconds, time.monotonic()
        while True:
            families = [family_of(pid) for pid in self._pids()]
            now = self._clock.add(itertools.chain(*families))
            if now > self._ends:
                self._stop(*self._too_long())
            if now > used + IDLE:
                used, since = now, time.monotonic()
            elif time.monotonic() > since + self.timeout:
                self._stop("TimeLimit", f"the cell did nothing but wait for {self.timeout} s")
            if max(map(memory_of, families)) > self.megabytes:
                self._stop("MemoryLimit", f"the notebook took more than {self.megabytes:,} MB of memory")
            if size_of(self._sockets) > SOCKETS_SIZE or size_of(self._folder) > SCRATCH_SIZE:
                self._stop("DiskLimit", "the notebook wrote too much to its folders")
            await asyncio.sleep(PERIOD)

    def _stop(self, name: str, message: str) -> None:
        """Ends the kernel and the judge. The cell that runs learns of it as of a kernel that died."""
        if self._stopped is None:
            self._stopped = (name, message)
            for pid in self._pids():
                for process in family_of(pid):
                    kill(process)

    async def _start_again(self) -> None:
        """Starts a kernel that has the names that the cells so far have given."""
        self._ends = self._clock.read(self._pids()) + self._limit
        for process in [*family_of(self.km.provisioner.pid), *family_of(self._judge.process.pid)]:
            kill(process)
        self._judge.end()
        await self._async_cleanup_kernel()
        self.create_kernel_manager()
        await self.async_start_new_kernel(cwd=str(self._folder))
        await self.async_start_new_kernel_client()
        done, self._done = self._done, []
        for cell in done:
            try:
                await self.async_wait_for_reply(self.kc.execute(cell.source, stop_on_error=False), cell)
            except (CellTimeoutError, DeadKernelError):
                # It had come to its end before. What it gives is missing from here on; the next cells say so.
                return
            self._done.append(cell)


class SandboxedKernels(KernelSpecManager):
    """The installed kernels, each to be started in a sandbox."""

    def __init__(self, shown: list[str], writable: list[Path], folder: Path) -> None:
        super().__init__()
        self._places = shown, writable, folder

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """The specification of an installed kernel, with the sandbox before its command."""
        spec = super().get_kernel_spec(kernel_name)
        spec.argv = command(spec.argv, spec.env, *self._places)
        return spec


def is_test(cell: NotebookNode) -> bool:
    """Whether a cell gives points by itself: no answer that someone reads."""
    return is_grade(cell) and not is_solution(cell)


def add_error(cell: NotebookNode, name: str, message: str) -> None:
    """Adds an error to a cell's outputs."""
    cell.outputs.append(new_output("error", ename=name, evalue=message, traceback=[f"{name}: {message}"]))


def storable(output: NotebookNode) -> NotebookNode:
    """An output without halves of UTF-16 pairs, which can't be written to a file."""
    return from_dict(json.loads(json.dumps(output, ensure_ascii=False).encode("utf-8", "replace")))
