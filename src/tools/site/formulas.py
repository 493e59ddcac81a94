"""For Sphinx: sets formulas when the site is built."""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from tools.formulas import FormulaError, Setter


def setup(app: Sphinx) -> dict:
    """Makes KaTeX what sets formulas."""
    setter = Setter(strict="error")

    def html(node: nodes.math | nodes.math_block, *, display: bool) -> str:
        try:
            return setter.html(node.astext(), display=display)
        except FormulaError as error:
            logging.getLogger(__name__).warning(str(error), location=node)
            return ""

    def inline(translator: nodes.NodeVisitor, node: nodes.math) -> None:
        translator.body.append(html(node, display=False))
        raise nodes.SkipNode

    def block(translator: nodes.NodeVisitor, node: nodes.math_block) -> None:
        # It may be wider than a phone: then it is scrolled, by keyboard, too.
        translator.body.append(f'<div class="formula" tabindex="0">{html(node, display=True)}</div>')
        raise nodes.SkipNode

    app.add_html_math_renderer("katex", (inline, None), (block, None))
    app.add_css_file("vendor/katex.min.css")
    return {"parallel_read_safe": True}
