"""Builds the course as a site: `npm run site [-- --serve]`. It runs no lesson: what is stored is shown."""

import argparse
import functools
import http.server
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tools.grading.course import Course, CourseError
from tools.project import CACHE, NOTEBOOKS, PROJECT
from tools.site.age import is_older_than_library
from tools.site.pages import lessons, question_of, write_notebook

HERE = Path(__file__).parent
#: What Sphinx reads. It is made anew each time.
PAGES = CACHE / "site"
SITE = PROJECT / "site"


class SiteError(Exception):
    """The site could not be built. The message says why."""


def main(arguments: list[str]) -> int:
    """Builds the site, and serves it if asked to. Gives the exit code."""
    parser = argparse.ArgumentParser(prog="npm run site --", description="Build the course as a site.")
    parser.add_argument("--serve", action="store_true", help="show it in a browser, at localhost")
    parser.add_argument("--port", type=int, default=8000, help="where to serve it (0: any that is free)")
    options = parser.parse_args(arguments)
    try:
        build()
        if options.serve:
            serve(options.port)
    except (SiteError, CourseError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0 if options.serve else 130
    return 0


def build() -> None:
    """Builds the site into `site/`. A site that is there stays until the new one is whole."""
    start = time.monotonic()
    shutil.rmtree(PAGES, ignore_errors=True)
    shutil.copytree(HERE / "content", PAGES)
    shutil.copy(HERE / "conf.py", PAGES)
    older = [path.name[:2] for path in lessons() if is_older_than_library(path)]
    if older:
        print(f"Stored before the library's last change: {', '.join(older)} (npm run lessons -- --check)")
    for path in lessons():
        write_notebook(path, PAGES, "lessons")
    given = assignments()
    for path in given:
        write_notebook(path, PAGES, "assignments")
    (PAGES / "questions.txt").write_text("".join(map(question_of, lessons())), "utf-8")
    tasks = sorted(question_of(path, "assignments") for path in given)
    (PAGES / "tasks.txt").write_text("".join(tasks), "utf-8")
    shutil.copy(NOTEBOOKS / "01-gradient-by-layer.png", PAGES / "static")
    step("The library's reference", ["node_modules/.bin/typedoc", "--options", str(HERE / "typedoc.json")])
    notebooks = [str(path) for path in sorted((PAGES / "extra").rglob("*.ipynb"))]
    bundle = ["node", "src/browser/bundle.mjs", str(PAGES / "static"), *notebooks]
    step("What runs the lessons in the page", bundle)
    vendor(PAGES / "static" / "vendor")
    made = PAGES / "made"
    sphinx = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "dirhtml"]
    step("The pages", [*sphinx, str(PAGES), str(made)])
    for page in made.rglob("*.html"):
        page.write_text(accessible(page.read_text("utf-8")), "utf-8")
    (made / ".nojekyll").touch()
    shutil.rmtree(SITE, ignore_errors=True)
    shutil.rmtree(made / ".doctrees", ignore_errors=True)
    made.rename(SITE)
    print(f"{SITE.relative_to(PROJECT)}/ is ready after {time.monotonic() - start:.1f} s")


def assignments() -> list[Path]:
    """The students' notebooks. They are made if they are not there."""
    course = Course()
    for name in course.assignments:
        course.require_released(name)
    return [course.released(name) for name in course.assignments]


def step(title: str, command: list[str]) -> None:
    """Runs a tool, and shows what it says only if it fails."""
    print(f"{title} ...", flush=True)
    # A file, not a pipe: what a tool leaves running would keep a pipe open, and this waiting.
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        result = subprocess.run(command, cwd=PROJECT, stdout=said, stderr=subprocess.STDOUT)
        said.seek(0)
        if result.returncode != 0:
            raise SiteError(f"{said.read()}\n{title} could not be made.")


#: What the theme and myst-nb leave out for those who use a keyboard or a screen reader.
REPAIRS = {
    '<p class="caption" role="heading">': '<p class="caption" role="heading" aria-level="2">',
    '<summary aria-label="Toggle hidden content">': "<summary>",
    '<aside class="sidebar-drawer">': '<aside class="sidebar-drawer" aria-label="Course">',
    '<aside class="toc-drawer': '<aside aria-label="On this page" class="toc-drawer',
    '<a href="#" class="back-to-top': '<nav aria-label="Top of the page"><a href="#" class="back-to-top',
    "<span>Back to top</span>\n        </a>": "<span>Back to top</span></a></nav>",
    '<div id="search-results">': '<h1>Search</h1><div id="search-results">',
    "<pre>": '<pre tabindex="0">',
    '<div class="table-wrapper': '<div tabindex="0" class="table-wrapper',
}


def accessible(page: str) -> str:
    """The page with those repairs."""
    for found, better in REPAIRS.items():
        page = page.replace(found, better)
    return page


def vendor(folder: Path) -> None:
    """Copies what pages load, so that nothing comes from elsewhere."""
    folder.mkdir(parents=True)
    import plotly

    shutil.copy(Path(plotly.__file__).parent / "package_data" / "plotly.min.js", folder)
    modules = PROJECT / "node_modules"
    shutil.copy(modules / "plotly.js-basic-dist-min" / "plotly-basic.min.js", folder)
    katex = modules / "katex" / "dist"
    shutil.copy(katex / "katex.min.css", folder)
    shutil.copytree(katex / "fonts", folder / "fonts", ignore=shutil.ignore_patterns("*.ttf", "*.woff"))


def serve(port: int) -> None:
    """Shows the site until it is interrupted."""
    handler = functools.partial(Quiet, directory=str(SITE))
    try:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        raise SiteError(f"port {port} can't be used ({error.strerror}): name another with --port") from error
    with server:
        print(f"http://127.0.0.1:{server.server_port}/ (end with Ctrl+C)", flush=True)
        server.serve_forever()


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files without a line for each."""

    def log_message(self, *_: object) -> None:
        """Says nothing."""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
