"""Makes pages of submissions inert: what a student wrote or had displayed is shown, and does nothing.

Pages for students and Formgrader's are made by the same exporter. Formgrader's are opened with the rights of
whoever grades, so a script in one could do whatever that person can.
"""

import html
import re
import secrets
from collections.abc import Collection

import bleach
from bleach.css_sanitizer import CSSSanitizer
from jinja2 import pass_context
from jinja2.runtime import Context
from nbconvert.filters.markdown_mistune import InvalidNotebook, IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode

from tools.formulas import FormulaError, Setter

#: Browsers set MathML themselves. What a student wrote can't link, load or style anything (KaTeX' `trust`).
SETTER = Setter(output="mathml", strict="ignore", trust=False, maxSize=20, maxExpand=1000)
TAGS = {
    *bleach.ALLOWED_TAGS,
    *("p", "br", "hr", "pre", "span", "div", "h1", "h2", "h3", "h4", "h5", "h6", "sub", "sup", "del", "img"),
    *("table", "caption", "thead", "tbody", "tr", "th", "td"),
}
#: What highlights code, and the link beside a heading. Other classes could move a text over the marks.
CLASSES = re.compile(r"highlight( hl-\w+)?|anchor-link|[a-z]{1,2}\d?")
#: A picture is part of the page. One from elsewhere would tell its owner when the page is read.
PICTURE = re.compile(r"data:image/(png|jpeg|gif);base64,[A-Za-z0-9+/=\s]*")
ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "th": {"scope", "style", "colspan", "rowspan"},
    "td": {"style", "colspan", "rowspan"},
}
#: Kinds of output that a page shows. Templates escape all but HTML, and Markdown that has become HTML.
KINDS = {"text/plain", "text/html", "text/markdown", "text/latex", "image/png", "image/jpeg"}


#: To read more HTML or Markdown in one piece, in characters, could take hours.
LONGEST = 50_000


def beginning(source: str) -> str:
    """What a page shows of a source that is too long: its beginning, as it is."""
    return f"<pre>{html.escape(source[:LONGEST])}</pre><p>(The rest is left out: it is very long.)</p>"


def may_stay(tag: str, name: str, value: str) -> bool:
    """Whether an attribute is one that does nothing. An `id` could be that of a test's score."""
    if name == "class":
        return CLASSES.fullmatch(value) is not None
    if name in ("src", "href") and (tag == "img" or value.strip().lower().startswith("data:")):
        return tag == "img" and PICTURE.fullmatch(value) is not None
    return name in ATTRIBUTES.get(tag, ())


def inert(markup: str, marks: Collection[str] = ()) -> str:
    """HTML with what could do something shown as text, or left out.

    Marks are to be replaced by HTML later, so none stays in an attribute.
    """
    if len(markup) > LONGEST and not marks:
        return beginning(markup)
    return bleach.clean(
        markup,
        tags=TAGS,
        attributes=lambda tag, name, value: (
            may_stay(tag, name, value) and not any(mark in value for mark in marks)
        ),
        protocols={*bleach.ALLOWED_PROTOCOLS, "data"},
        css_sanitizer=CSSSanitizer(allowed_css_properties=["text-align"]),
    )


class Renderer(IPythonRenderer):
    """Markdown as HTML, with marks in place of formulas, which `bleach` would take apart."""

    def __init__(self, **options: object) -> None:
        super().__init__(**options)
        #: The formulas as HTML, by their marks. No text can hold one that it does not know.
        self.formulas: dict[str, str] = {}

    def inline_math(self, body: str) -> str:
        """A formula in a line."""
        return self._set(body, display=False)

    def block_math(self, body: str) -> str:
        """A formula of its own."""
        return self._set(body, display=True)

    def _set(self, body: str, *, display: bool) -> str:
        mark = secrets.token_hex(16)
        try:
            self.formulas[mark] = SETTER.html(html.unescape(body), display=display)
        except FormulaError as error:
            self.formulas[mark] = f'<code title="{html.escape(str(error))}">{html.escape(body)}</code>'
        return mark


@pass_context
def inert_markdown(context: Context, source: str) -> str:
    """Markdown as HTML that is inert: nbconvert's filter `markdown2html`."""
    if len(source) > LONGEST:
        return beginning(source)
    attachments = context.get("cell", {}).get("attachments", {})
    renderer = Renderer(escape=False, attachments=attachments, anchor_link_text="¶")
    try:
        markup = MarkdownWithMath(renderer=renderer).render(source)
    except InvalidNotebook:
        # It names an attachment that is not there.
        return f"<pre>{html.escape(source)}</pre>"
    page = inert(markup, renderer.formulas)
    for mark, formula in renderer.formulas.items():
        page = page.replace(mark, formula)
    return page


class InertPage(Preprocessor):
    """Takes from a notebook, before it becomes a page, what could do something in it.

    Markdown is left to `inert_markdown`: it becomes HTML later.
    """

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict, cell_index: int
    ) -> tuple[NotebookNode, dict]:
        """Changes a cell in place."""
        known = {"nbgrader": cell.metadata.nbgrader} if "nbgrader" in cell.metadata else {}
        cell.metadata = NotebookNode(known)
        if cell.cell_type == "raw":
            cell.source = inert(cell.source)
        for output in cell.get("outputs", []):
            if "data" in output:
                output.data = shown(output.data)
                output.metadata = sizes(output.metadata)
        return cell, resources


def shown(data: dict) -> NotebookNode:
    """What a page shows of an output's kinds of data."""
    kept = NotebookNode()
    for kind in KINDS & data.keys():
        text = str(data[kind])
        if kind == "text/html":
            kept[kind] = inert(text)
        elif not kind.startswith("image/") or PICTURE.fullmatch(f"data:{kind};base64,{text}"):
            kept[kind] = text
    return kept


def sizes(metadata: dict) -> NotebookNode:
    """The sizes of an output's pictures. Templates write them without quotes."""
    return NotebookNode(
        {
            kind: {
                name: value
                for name, value in entry.items()
                if name in ("width", "height") and isinstance(value, int | float)
            }
            for kind, entry in metadata.items()
            if isinstance(entry, dict)
        }
    )
