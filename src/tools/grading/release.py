"""Makes what students get: `npm run assignments [-- ASSIGNMENT ...]`."""

import argparse
import sys

from tools.grading.course import Course, CourseError


def main(arguments: list[str]) -> int:
    """Makes the student version of the named assignments, or of all. Gives the exit code."""
    course = Course()
    parser = argparse.ArgumentParser(prog="npm run assignments --")
    parser.add_argument("assignments", nargs="*", metavar="ASSIGNMENT", help="its name; all if none is named")
    names = parser.parse_args(arguments).assignments or course.assignments
    try:
        for name in names:
            course.require(name)
        for name in names:
            course.release(name)
            print(course.released(name))
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted. Run the same command again.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
