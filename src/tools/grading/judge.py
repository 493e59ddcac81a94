"""Decides on answers, in a process that never sees a student's code. See judge.ts."""

import asyncio
import hashlib
import json
import os
import re
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path
from subprocess import DEVNULL, PIPE

from nbclient.exceptions import DeadKernelError

from tools.grading.personal import for_student
from tools.grading.sandbox import command
from tools.project import CACHE, PROJECT

TOOLS = PROJECT / "src" / "tools" / "dist" / "grading"
#: Longest line that a judge writes: a question with all its values.
LONGEST = 10_000_000
#: Asks the submission, and gives what it replies.
Ask = Callable[[str], Awaitable[str]]


class AnswerError(Exception):
    """The submission failed to reply, and says why."""


def compiled(assignment: Path, node: str) -> str:
    """The cells of an assignment's notebook as the judge takes them. They are compiled once, and kept."""
    version = hashlib.sha256(assignment.read_bytes())
    for wing in ("library", "kernel", "tools"):
        version.update((PROJECT / "src" / wing / "dist" / "build.tsbuildinfo").read_bytes())
    kept = CACHE / "judge" / f"{assignment.stem}-{version.hexdigest()[:16]}.json"
    if not kept.exists():
        run = subprocess.run(
            [node, TOOLS / "compileTests.js", assignment], cwd=PROJECT, capture_output=True, text=True
        )
        if run.returncode != 0:
            told = re.search(r"^Error: .*", run.stderr, re.M)
            why = told[0] if told else run.stderr
            raise RuntimeError(f"{assignment.name} can't be used for marks: {why}")
        kept.parent.mkdir(parents=True, exist_ok=True)
        for old in kept.parent.glob(f"{assignment.stem}-*"):
            old.unlink(missing_ok=True)
        unfinished = kept.with_suffix(f".{os.getpid()}")
        unfinished.write_text(run.stdout, "utf-8")
        unfinished.replace(kept)
    return kept.read_text("utf-8")


class Judge:
    """A process that runs an assignment's tests, with the numbers of a student if one is given."""

    def __init__(
        self,
        assignment: Path,
        student: str | None,
        node: str,
        env: dict[str, str],
        shown: list[str],
        folder: Path,
    ) -> None:
        cells = json.loads(compiled(assignment, node))
        for cell in cells:
            cell["javascript"] = for_student(cell["javascript"], student)
        script = str(TOOLS / "judge.js")
        argv = command([node, script], env, [*shown, "--ro-bind", script, script], [], folder)
        self.process = subprocess.Popen(argv, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, cwd=folder)
        self._say(json.dumps(cells))

    async def test(self, name: str, ask: Ask) -> tuple[str, str] | None:
        """Runs a test. Gives its error's name and message, or None if it passed."""
        self._say(json.dumps({"test": name}))
        while True:
            verdict = json.loads(await asyncio.to_thread(self.process.stdout.readline, LONGEST) or "{}")
            if "ask" in verdict:
                try:
                    self._say(json.dumps({"reply": await ask(verdict["ask"])}))
                except AnswerError as error:
                    self._say(json.dumps({"failed": str(error)}))
            elif "passed" in verdict:
                return None if verdict["passed"] is True else (verdict["name"], verdict["message"])
            else:
                raise DeadKernelError("the judge ended")

    @property
    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self.process.poll() is None

    def end(self) -> None:
        """Ends the process."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            pipe.close()

    def _say(self, line: str) -> None:
        try:
            self.process.stdin.write(line.encode() + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            # What it says next, which is nothing, tells.
            pass
