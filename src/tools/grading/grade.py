"""Grades an assignment: `npm run grade -- ASSIGNMENT [FOLDER]`."""

import argparse
import csv
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection, wait
from pathlib import Path

from tools.grading import sandbox
from tools.grading.collect import collect
from tools.grading.course import COURSE, Course, CourseError

#: More than a notebook may take, in seconds: a bound for what our own limits do not see.
HANGING = 600
#: A copy of this process has nbgrader loaded, which takes seconds. macOS can't make copies safely.
PROCESSES = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")


def main(arguments: list[str]) -> int:
    """Collects, grades what is new, and writes the marks. Gives the exit code."""
    parser = argparse.ArgumentParser(prog="npm run grade --", description="Grade an assignment.")
    parser.add_argument("assignment", metavar="ASSIGNMENT", help="its name")
    parser.add_argument("folder", nargs="?", type=Path, metavar="FOLDER", help="where students handed in")
    parser.add_argument("--again", action="store_true", help="grade those too that are graded already")
    parser.add_argument("--jobs", type=int, default=min(4, os.cpu_count() or 1), help="how many at a time")
    parser.add_argument("--course", type=Path, default=COURSE, help="a course in another folder")
    options = parser.parse_intermixed_args(arguments)
    course = Course(options.course)
    try:
        course.require(options.assignment)
        return grade(course, options)
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
    problems = []
    if options.folder is not None:
        _, problems = collect(course, assignment, options.folder.expanduser())
    students = course.students(assignment)
    if not students:
        place = course.submitted(assignment, "STUDENT")
        raise CourseError(
            "\n".join([*problems, f"nothing to grade: name a folder, or put notebooks into {place}"])
        )
    if not course.is_released(assignment):
        course.release(assignment)
    if sandbox.level() != "network and files":
        print(f"Note: {sandbox.level()} can be shut off from students' code here, not network and files.")
    waiting = [name for name in students if options.again or not course.is_graded(assignment, name)]
    problems += run_all(course, assignment, waiting, options.jobs)
    written = write_marks(course, assignment, students)
    print(f"{len(students)} students, {len(waiting)} graded now. Marks: {written}")
    print(f"Pages for the students: {course.feedback(assignment, 'STUDENT').parent}")
    for problem in problems:
        print(f"  {problem}", file=sys.stderr)
    return 1 if problems else 0


def run_all(course: Course, assignment: str, students: list[str], jobs: int) -> list[str]:
    """Grades students, and says how far it is. Gives what went wrong."""
    problems = []
    start = time.monotonic()
    for done, (student, problem) in enumerate(graded(course, assignment, students, jobs), 1):
        if problem is None:
            marks = course.marks(assignment, student).values()
            text = f"{sum(m for m, _ in marks):g} of {sum(most for _, most in marks):g}"
        else:
            text = "not graded"
            problems.append(f"{student}: {problem}")
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
            while waiting and len(running) < max(1, jobs):
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
            # An interrupt has reached it, too: it puts away what it has begun.
            process.join(5)
            process.kill()


def grade_one(folder: Path, assignment: str, student: str, question: Connection) -> None:
    """Grades one student, and sends what went wrong, or None."""
    # What nbgrader says of a submission is in its page.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    try:
        Course(folder).grade(assignment, student)
        question.send(None)
    except Exception as error:  # Whatever it is, the next student must not feel it.
        question.send(str(error)[-2000:] or repr(error))


def answer_of(answer: Connection, process: multiprocessing.Process) -> str | None:
    """What a process sent, or that it sent nothing."""
    try:
        return answer.recv()
    except EOFError:
        process.join()
        return f"exit code {process.exitcode}"


def write_marks(course: Course, assignment: str, students: list[str]) -> Path:
    """Writes a table with a row for each student that is graded: total, greatest total, and each test."""
    path = course.folder / "marks" / f"{assignment}.csv"
    path.parent.mkdir(exist_ok=True)
    rows = {name: course.marks(assignment, name) for name in students if course.is_graded(assignment, name)}
    unfinished = path.with_suffix(".tmp")
    with unfinished.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        tests = list(next(iter(rows.values()), {}))
        table.writerow(["student", "points", "of", *tests])
        for student, marks in rows.items():
            points = [marks[test][0] for test in tests]
            table.writerow([student, sum(points), sum(most for _, most in marks.values()), *points])
    unfinished.replace(path)
    return path


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
