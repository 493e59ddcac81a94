"""Grades an assignment: `npm run grade -- ASSIGNMENT [FOLDER]`."""

import argparse
import hashlib
import multiprocessing
import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from multiprocessing.connection import Connection, wait
from pathlib import Path

import psutil

from tools.grading import sandbox
from tools.grading.collect import collect
from tools.grading.course import COURSE, Course, CourseError
from tools.grading.marks import GRADED, Row, merged, read_files, read_marks, write_files, write_marks
from tools.grading.personal import students_of
from tools.grading.processes import prctl
from tools.grading.scratch import clear_scratch
from tools.grading.search import Seen

#: More than a notebook may take, in seconds: a bound for what our own limits do not see.
HANGING = 1800
#: What grading a notebook takes, in bytes. With more at a time than fit, all would be slow.
MEMORY = 1e9
#: A copy of this process has nbgrader loaded, which takes seconds. macOS can't make copies safely.
PROCESSES = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
#: What ends a run. A closed terminal or a system that shuts down must leave nothing half done.
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
#: Linux' prctl: a process gets a signal when the one that started it ends, however it does.
SET_PARENT_DEATH_SIGNAL = 1
#: What stands in the row of a student of whom there is no file.
NOTHING = "nothing was handed in"


def main(arguments: list[str]) -> int:
    """Collects, grades what is new, and writes the marks. Gives the exit code."""
    parser = argparse.ArgumentParser(prog="npm run grade --", description="Grade an assignment.")
    parser.add_argument("assignment", metavar="ASSIGNMENT", help="its name")
    parser.add_argument("folder", nargs="?", type=Path, metavar="FOLDER", help="where students handed in")
    parser.add_argument("--again", action="store_true", help="grade those too that are graded already")
    parser.add_argument("--due", type=moment, metavar="TIME", help='marks later files: "2026-11-30 23:59"')
    parser.add_argument("--jobs", type=positive, default=jobs_here(), help="how many at a time")
    parser.add_argument("--share", type=share, metavar="K/N", help="grade part K of N, as one of N machines")
    parser.add_argument(
        "--merge", nargs="+", type=Path, metavar="TABLE", help="join the tables of N machines"
    )
    parser.add_argument("--course", type=Path, default=COURSE, help="a course in another folder")
    options = parser.parse_intermixed_args(arguments)
    if options.due is not None and options.folder is None:
        parser.error("--due looks at files: name the FOLDER, too")
    course = Course(options.course)
    try:
        with ended_by_signals():
            course.require(options.assignment)
            return merge(course, options) if options.merge else grade(course, options)
    except (CourseError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "\nInterrupted. Run the same command again: it goes on with those that are left.", file=sys.stderr
        )
        return 130


def grade(course: Course, options: argparse.Namespace) -> int:
    """Grades all, whatever happens to one."""
    assignment = options.assignment
    clear_scratch()
    if options.folder is not None:
        seen = collect(course, assignment, options.folder.expanduser())
        for student in strayed(read_files(course, assignment), seen):
            course.forget(assignment, student)
            print(f"{student}: taken away, as the file is another's now")
        write_files(course, assignment, seen, {one.where for one in seen if is_late(one, options.due)})
        print(told(seen), end="")
    mine = options.share or (lambda _: True)
    students = list(filter(mine, course.students(assignment)))
    course.require_released(assignment)
    if sandbox.level() != "network and files":
        print(f"Note: {sandbox.level()} can be shut off from students' code here, not network and files.")
    waiting = [name for name in students if options.again or not course.is_graded(assignment, name)]
    problems = run_all(course, assignment, waiting, options.jobs)
    # What is graded now has its page.
    for name in sorted(set(students) - set(waiting)):
        if not course.is_page_current(assignment, name):
            course.write_page(assignment, name)
            print(f"{name}: the marks were changed by hand; the page is written again")
    rows = list(filter(lambda row: mine(row.student), rows_of(course, assignment, problems)))
    if not rows:
        place = course.submitted(assignment, "STUDENT")
        raise CourseError(f"nothing to grade: name a folder, or put notebooks into {place}")
    written = write_marks(course, assignment, rows)
    done = sum(row.status == GRADED for row in rows)
    print(f"{len(rows)} students, {done} graded, {len(waiting)} of them now. Marks: {written}")
    print(f"Pages for the students: {course.feedback(assignment, 'STUDENT').parent}")
    for row in rows:
        if row.status != GRADED:
            print(f"  {plain(row.student)}: {plain(row.status)}", file=sys.stderr)
    return 0 if done == len(rows) else 1


def merge(course: Course, options: argparse.Namespace) -> int:
    """Writes the marks of all machines."""
    rows = merged([read_marks(path.expanduser()) for path in options.merge])
    print(f"{len(rows)} students. Marks: {write_marks(course, options.assignment, rows)}")
    return 0


def rows_of(course: Course, assignment: str, problems: dict[str, str]) -> list[Row]:
    """A row for each student: of those who handed in anything, and of those in the list of students."""
    rows = {name: Row(name, NOTHING) for name in students_of(course.folder)}
    for file in read_files(course, assignment):
        name = file["student"]
        if name and (file["used"] or name not in rows or rows[name].status == NOTHING):
            status = f"not graded: {file['file']} was {file['became']}"
            rows[name] = Row(name, status, file["late"] != "", file["platform"], file["number"])
    for name in course.students(assignment):
        row = rows.setdefault(name, Row(name, ""))
        if name in problems:
            row.status = f"not graded: {problems[name]}"
            continue
        if not course.is_graded(assignment, name):
            row.status = "not graded yet"
            continue
        marks = course.marks(assignment, name)
        row.status = GRADED
        row.points, row.of = sum(got for got, _ in marks.values()), sum(most for _, most in marks.values())
        row.tests = {test: f"{got:g}" for test, (got, _) in marks.items()}
    return [rows[name] for name in sorted(rows)]


def told(seen: list[Seen]) -> str:
    """What a teacher is to know of the files."""
    lines = [
        f"  {plain(one.where)}: {plain(one.became)}\n"
        for one in seen
        if not one.is_system and (not one.is_used or one.became != "used.")
    ]
    used = sum(one.is_used for one in seen)
    return "".join([f"{len(seen)} files, {used} notebooks to grade\n", *lines])


def plain(text: str) -> str:
    """A text for the terminal. What could steer it, such as in the name of a file, is spelled out."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def strayed(before: list[dict[str, str]], seen: list[Seen]) -> list[str]:
    """Students whose files are another's now: a namesake has come, or the list of students has changed."""
    owners = {one.where: one.owner.name for one in seen}
    used = [(row["file"], row["student"]) for row in before if row["used"]]
    kept = {student for file, student in used if owners.get(file, student) == student}
    kept |= {one.owner.name for one in seen if one.is_used}
    return sorted({student for _, student in used} - kept)


def is_late(seen: Seen, due: datetime | None) -> bool:
    """Whether a file was handed in after the date, by its own time or by what the platform says."""
    return seen.owner.is_late or (due is not None and seen.time > due.timestamp())


def run_all(course: Course, assignment: str, students: list[str], jobs: int) -> dict[str, str]:
    """Grades students, and says how far it is. Gives what went wrong, by student."""
    problems = {}
    start = time.monotonic()
    for done, (student, problem) in enumerate(graded(course, assignment, students, jobs), 1):
        if problem is None:
            marks = course.marks(assignment, student).values()
            text = f"{sum(m for m, _ in marks):g} of {sum(most for _, most in marks):g}"
            if by_hand := course.by_hand(assignment, student):
                text += f" (set by hand before, and kept: {', '.join(by_hand)})"
        else:
            text = "not graded"
            problems[student] = problem
        left = (time.monotonic() - start) / done * (len(students) - done)
        print(f"{done}/{len(students)} {student}: {text}, about {left:.0f} s left", flush=True)
    return problems


def graded(
    course: Course, assignment: str, students: list[str], jobs: int
) -> Iterator[tuple[str, str | None]]:
    """Grades students, each in a process of its own, `jobs` at a time.

    Gives each one when done, with what went wrong or None. If it is left early, what runs is ended.
    """
    waiting = students[::-1]
    running: dict[Connection, tuple[str, multiprocessing.Process, float]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                student = waiting.pop()
                answer, question = PROCESSES.Pipe(duplex=False)
                process = PROCESSES.Process(
                    target=grade_one, args=(course.folder, assignment, student, question)
                )
                process.start()
                question.close()
                running[answer] = student, process, time.monotonic() + HANGING
            ready = wait(list(running), timeout=1)
            for answer, (student, process, end) in list(running.items()):
                if answer in ready:
                    problem = answer_of(answer, process)
                elif time.monotonic() > end:
                    problem = f"not finished after {HANGING} s"
                else:
                    continue
                process.kill()
                del running[answer]
                yield student, problem
    finally:
        for _, process, _ in running.values():
            # It puts away what it has begun. An interrupt may have reached it already.
            process.terminate()
        for _, process, _ in running.values():
            process.join(10)
            process.kill()


def grade_one(folder: Path, assignment: str, student: str, question: Connection) -> None:
    """Grades one student, and sends what went wrong, or None."""
    for number in SIGNALS:
        signal.signal(number, interrupt)
    prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
    # What nbgrader says of a submission is in its page.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    try:
        Course(folder).grade(assignment, student)
        question.send(None)
    except Exception as error:  # Whatever it is, the next student must not feel it.
        question.send(str(error)[-500:] or repr(error))


def answer_of(answer: Connection, process: multiprocessing.Process) -> str | None:
    """What a process sent, or that it sent nothing."""
    try:
        return answer.recv()
    except EOFError:
        process.join()
        return f"exit code {process.exitcode}"


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """What ends the process ends it as an interrupt does, but for signals that are ignored, as by nohup."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    for number, handler in before.items():
        if handler != signal.SIG_IGN:
            signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def interrupt(number: int, frame: object) -> None:
    """Ends what runs. A second signal must not end what puts things away."""
    for each in SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt


def jobs_here() -> int:
    """How many notebooks this machine can grade at a time."""
    return max(1, min(os.cpu_count() or 1, int(psutil.virtual_memory().available / MEMORY)))


def positive(text: str) -> int:
    """A number of at least 1."""
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def moment(text: str) -> datetime:
    """A date and a time, in this machine's time zone. A date alone is the whole day."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f'{text!r} is no time such as "2026-11-30 23:59"') from None
    return found.replace(hour=23, minute=59, second=59) if re.fullmatch(r"[\d-]+", text) else found


def share(text: str) -> Callable[[str], bool]:
    """Whether a student is in a part. Each machine finds the same."""
    found = re.fullmatch(r"(\d+)/(\d+)", text)
    part, parts = map(int, found.groups()) if found else (0, 0)
    if not 1 <= part <= parts:
        raise ValueError
    return lambda name: int(hashlib.sha256(name.encode()).hexdigest(), 16) % parts == part - 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
