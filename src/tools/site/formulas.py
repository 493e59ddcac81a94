"""For Sphinx: sets formulas when the site is built, with KaTeX. A page shows them without a script."""

import json
import subprocess

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

#: Answers each line, a formula, with a line: its HTML, or what is wrong with it. It ends with its input.
PROGRAM = """
const katex = require("katex");
require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const answer = {};
  try {
    const { formula, displayMode } = JSON.parse(line);
    answer.html = katex.renderToString(formula, { displayMode, strict: "error" });
  } catch (error) {
    answer.error = error.message;
  }
  console.log(JSON.stringify(answer));
});
"""


class Setter:
    """Node with KaTeX, from the first formula on."""

    def __init__(self) -> None:
        self._process: subprocess.Popen | None = None

    def html(self, node: nodes.math | nodes.math_block, *, display: bool) -> str:
        """A formula as HTML, with MathML for screen readers."""
        if self._process is None:
            pipe = subprocess.PIPE
            self._process = subprocess.Popen(["node", "-e", PROGRAM], stdin=pipe, stdout=pipe, text=True)
        request = json.dumps({"formula": node.astext(), "displayMode": display})
        print(request, file=self._process.stdin, flush=True)
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            logging.getLogger(__name__).warning(answer["error"], location=node)
        return answer.get("html", "")


def setup(app: Sphinx) -> dict:
    """Makes KaTeX what sets formulas."""
    setter = Setter()

    def inline(translator: nodes.NodeVisitor, node: nodes.math) -> None:
        translator.body.append(setter.html(node, display=False))
        raise nodes.SkipNode

    def block(translator: nodes.NodeVisitor, node: nodes.math_block) -> None:
        # It may be wider than a phone: then it is scrolled, by keyboard, too.
        translator.body.append(f'<div class="formula" tabindex="0">{setter.html(node, display=True)}</div>')
        raise nodes.SkipNode

    app.add_html_math_renderer("katex", (inline, None), (block, None))
    app.add_css_file("vendor/katex.min.css")
    return {"parallel_read_safe": True}
