"""Sphinx' settings for the site."""

project = "Vanishing gradients"
author = "The authors of the course"
html_title = "Vanishing gradients, in TypeScript"
language = "en"

extensions = ["myst_nb", "sphinx_copybutton", "tools.site.formulas"]
exclude_patterns = ["made", "extra"]
myst_enable_extensions = ["dollarmath", "deflist"]
myst_heading_anchors = 3
# Outputs are those that are stored.
nb_execution_mode = "off"
nb_merge_streams = True
# What myst-nb has no lexer for is shown plain; TypeScript it has.
suppress_warnings = ["mystnb.unknown_mime_type", "misc.highlighting_failure", "myst.xref_missing"]

html_theme = "furo"
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0b5394", "color-brand-content": "#0b5394"},
    "dark_css_variables": {"color-brand-primary": "#8ab8ff", "color-brand-content": "#8ab8ff"},
}
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
html_static_path = ["static"]
html_extra_path = ["extra"]
html_favicon = "static/favicon.svg"
html_css_files = ["site.css"]
html_js_files = [("page.js", {"defer": "defer"})]
html_copy_source = False
html_use_index = False
html_show_copyright = False
html_show_sphinx = False
copybutton_exclude = ".linenos, .gp, .go"
