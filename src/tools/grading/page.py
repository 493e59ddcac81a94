"""Finishes the page that a student gets back."""

import html
import re


def finished(page: str, student: str, mark: str) -> str:
    """A page that says whose it is and which test is which, loads nothing, and carries a mark."""
    page = re.sub(r"<script\b.*?</script>", "", page, flags=re.S)
    # nbgrader calls each test "Test cell".
    page = re.sub(r'(<a href="#([\w-]+?)(?:-test)?">)Test cell<', r"\1\2<", page)
    name = html.escape(student)
    page = re.sub(r"<title>(.*?)</title>", rf"<title>\1: {name}</title>", page, count=1)
    page = re.sub(r"<h4>", f"<h4>{name}: ", page, count=1)
    return page.replace("</body>", f"{mark}\n</body>")
