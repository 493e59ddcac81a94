"""Grades an assignment: `npm run grade -- ASSIGNMENT [FOLDER]`."""

import argparse
import csv
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import sandbox
from collect import collect
from course import COURSE, Course, CourseError

#: More than a notebook may take, in seconds: a bound for what our own limits do not see.
HANGING = 400


def main(arguments: list[str]) -> int:
    """Collects, grades what is new, and writes the marks. Gives the exit code."""
    parser = argparse.ArgumentParser(prog="npm run grade --", description="Grade an assignment.")
    parser.add_argument("assignment", metavar="ASSIGNMENT", help="its name")
    parser.add_argument("folder", nargs="?", type=Path, metavar="FOLDER", help="where students handed in")
    parser.add_argument("--again", action="store_true", help="grade those too that are graded already")
    parser.add_argument("--jobs", type=int, default=min(4, os.cpu_count() or 1), help="how many at a time")
    parser.add_argument("--course", type=Path, default=COURSE, help="a course in another folder")
    parser.add_argument("--one", metavar="STUDENT", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    course = Course(options.course)
    try:
        course.require(options.assignment)
        if options.one is not None:
            course.grade(options.assignment, options.one)
            return 0
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
    """Grades students, some at a time, each in a process of its own. Gives what went wrong."""
    problems = []
    start = time.monotonic()
    with ThreadPoolExecutor(max(1, jobs)) as pool:
        tasks = {pool.submit(run_one, course, assignment, student): student for student in students}
        try:
            for done, task in enumerate(as_completed(tasks), 1):
                student = tasks[task]
                problem = task.result()
                if problem is None:
                    marks = course.marks(assignment, student).values()
                    text = f"{sum(m for m, _ in marks):g} of {sum(most for _, most in marks):g}"
                else:
                    text = "not graded"
                    problems.append(f"{student}: {problem}")
                left = (time.monotonic() - start) / done * (len(students) - done)
                print(f"{done}/{len(students)} {student}: {text}, about {left:.0f} s left", flush=True)
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return problems


def run_one(course: Course, assignment: str, student: str) -> str | None:
    """Grades one student. Gives what went wrong."""
    command = [
        sys.executable,
        "-W",
        "ignore",
        __file__,
        assignment,
        "--one",
        student,
        "--course",
        course.folder,
    ]
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=HANGING)
    except subprocess.TimeoutExpired:
        return f"not finished after {HANGING} s"
    if result.returncode == 0:
        return None
    return (result.stderr.strip() or f"exit code {result.returncode}")[-2000:]


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
