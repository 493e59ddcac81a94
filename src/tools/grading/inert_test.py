"""What a student wrote is shown on a page, and does nothing there."""

from html.parser import HTMLParser

import pytest
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell
from traitlets.config import Config

from tools.grading.inert import InertPage, inert, inert_markdown

ATTACKS = [
    "<script>attack()</script>",
    "<img src=x onerror=attack()>",
    '<img src="https://example.org/seen.png">',
    "<svg onload=attack()></svg>",
    "<a href='javascript:attack()'>link</a>",
    "<a href='data:text/html,<script>attack()</script>'>link</a>",
    "<iframe src='data:text/html,attack'></iframe>",
    "<form action='https://example.org'><button>Grade</button></form>",
    "<div style='position: fixed; top: 0'>20 of 20</div>",
    "<div class='navbar-fixed-top'>20 of 20</div>",
    "<style>h4 { display: none }</style>",
    "<meta http-equiv=refresh content='0; url=https://example.org'>",
    "<base href='https://example.org'>",
    "<math><mtext><table><mglyph><style><img src=x onerror=attack()></style></mglyph></table></mtext></math>",
    "[link](javascript:attack())",
    "![picture](https://example.org/seen.png)",
    "![picture](attachment:x.png)",
    r"$\href{javascript:attack()}{x} \htmlData{onclick=attack()}{x} \includegraphics{https://example.org/seen.png}$",
    "$<img src=x onerror=attack()>$",
    "# A heading with $<img src=x onerror=attack()>$",
    '![a formula $x onerror="attack()"$](data:image/png;base64,AAAA)',
    '$$\\undefined" onclick="attack()$$',
]


def page(cells: list, config: dict | None = None) -> str:
    """The page of a notebook."""
    settings = Config(
        HTMLExporter=config or {"preprocessors": [InertPage], "filters": {"markdown2html": inert_markdown}}
    )
    html, _ = HTMLExporter(template_name="basic", config=settings).from_notebook_node(
        new_notebook(cells=cells)
    )
    return html


def elements(html: str) -> list[tuple[str, dict]]:
    """The elements of a page with their attributes, as a browser would read them."""
    found = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list) -> None:
            found.append((tag, {name: value or "" for name, value in attrs}))

    Reader().feed(html)
    return found


def faults(html: str) -> list:
    """Elements and attributes that could do something."""
    return [
        (tag, attributes)
        for tag, attributes in elements(html)
        if tag
        in {"script", "style", "svg", "iframe", "form", "button", "meta", "base", "object", "embed", "link"}
        or any(name.startswith("on") for name in attributes)
        or any(
            "example.org" in value or value.startswith(("javascript:", "data:text"))
            for value in attributes.values()
        )
        or "position" in attributes.get("style", "")
        or "navbar" in attributes.get("class", "")
    ]


@pytest.mark.parametrize("attack", ATTACKS)
def test_markdown_and_outputs_are_shown_and_do_nothing(attack: str) -> None:
    kinds = [
        "text/html",
        "text/markdown",
        "text/latex",
        "text/plain",
        "image/svg+xml",
        "application/javascript",
        "image/png",
    ]
    outputs = [
        new_output("display_data", {kind: attack}, metadata={kind: {"isolated": True}}) for kind in kinds
    ]
    outputs += [
        new_output("stream", text=attack),
        new_output("error", ename=attack, evalue=attack, traceback=[attack]),
    ]
    evil = {"x.png": {'image/png" onerror="attack()': "AAAA"}}
    cells = [
        new_markdown_cell(attack, attachments=evil),
        new_raw_cell(attack, metadata={"raw_mimetype": "text/html"}),
        new_code_cell(
            attack,
            outputs=outputs,
            metadata={"tags": [attack.replace(",", "")], "magics_language": f'x">{attack}'},
        ),
    ]
    assert faults(page(cells)) == []


@pytest.mark.parametrize("source", ["# one-test", "<h4 id='one-test'>20 of 20</h4>"])
def test_no_heading_takes_the_place_of_a_score(source: str) -> None:
    outputs = [new_output("display_data", {"text/html": source})]
    html = page([new_markdown_cell(source), new_raw_cell(source), new_code_cell(outputs=outputs)])
    assert [attributes["id"] for _, attributes in elements(html) if attributes.get("id") == "one-test"] == []


def test_of_what_would_take_hours_the_beginning_is_shown() -> None:
    long = "<b>" * 100_000
    outputs = [new_output("display_data", {"text/html": long})]
    html = page([new_markdown_cell(long), new_raw_cell(long), new_code_cell(outputs=outputs)])
    assert html.count("The rest is left out") == 3
    assert len(html) < 1_000_000


def test_a_size_of_a_picture_is_a_number() -> None:
    size = {"image/png": {"width": "1 onerror=attack()", "height": 5}}
    html = page([new_code_cell(outputs=[new_output("display_data", {"image/png": "AAAA"}, metadata=size)])])
    assert faults(html) == []
    assert 'height="5"' in html


def test_a_good_page_stays_as_it_is() -> None:
    table = '<table><caption>Layers</caption><thead><tr><th scope="col" style="text-align: right;">n</th></tr></thead></table>'
    source = (
        "# Title\n\nWords with *stress*, `code && more` and [a link](https://example.org).\n\n> A quote\n\n"
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n```ts\nconst a = 1 && 2;\n```\n\n1. one\n2. two\n"
    )
    cells = [
        new_markdown_cell(source),
        new_code_cell("const a = 1 < 2;", outputs=[new_output("display_data", {"text/html": table})]),
    ]
    plain = elements(page(cells, {"preprocessors": []}))
    for tag, attributes in plain:
        if tag == "h1":
            del attributes["id"]
    assert elements(page(cells)) == plain
    assert inert("a &lt; b") == "a &lt; b"


def test_formulas_are_set_without_a_script() -> None:
    html = page(
        [
            new_markdown_cell(
                "Since $a < b$:\n\n$$\\delta_{l} = W^T \\delta_{l+1}$$\n\nand $\\undefined$, not $5 or so."
            )
        ]
    )
    formulas = [attributes for tag, attributes in elements(html) if tag == "math"]
    assert [attributes.get("display") for attributes in formulas] == [None, "block"]
    assert "<mi>a</mi><mo>&lt;</mo><mi>b</mi>" in html
    assert ">\\undefined</code>" in html
