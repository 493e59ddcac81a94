"""Sets formulas with KaTeX, so that a page shows them without a script."""

import json
import subprocess

from tools.project import PROJECT

#: Answers each line, a formula, with a line: its HTML, or what is wrong with it. It ends with its input.
PROGRAM = """
const katex = require("katex");
require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const answer = {};
  try {
    const { formula, ...options } = JSON.parse(line);
    answer.html = katex.renderToString(formula, options);
  } catch (error) {
    answer.error = error.message;
  }
  console.log(JSON.stringify(answer));
});
"""


class FormulaError(Exception):
    """What is wrong with a formula."""


class Setter:
    """Node with KaTeX, from the first formula on.

    Options are KaTeX' own, such as `output="mathml"` for a page that has no style sheet of KaTeX'.
    """

    def __init__(self, **options: object) -> None:
        self._options = options
        self._process: subprocess.Popen | None = None

    def html(self, formula: str, *, display: bool) -> str:
        """A formula as HTML, with MathML for screen readers. Fails with FormulaError."""
        if self._process is None:
            pipe = subprocess.PIPE
            self._process = subprocess.Popen(
                ["node", "-e", PROGRAM], stdin=pipe, stdout=pipe, text=True, cwd=PROJECT
            )
        request = json.dumps({**self._options, "formula": formula, "displayMode": display})
        print(request, file=self._process.stdin, flush=True)
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise FormulaError(answer["error"])
        return answer["html"]
