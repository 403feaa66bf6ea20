"""The look-back report as HTML: one file that needs nothing else, or a fragment for the desk.

The fragment holds no style and no script: the desk serves `css` as a static file, and drawings
carry presentation attributes only, so that both stand under ``style-src 'self'; script-src
'self'``. A figure is a link to its derivation, whose records are folded away until they are
asked for.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from zonewright.core.phrases import Lang
from zonewright.report import theme, view
from zonewright.report.model import LookBack
from zonewright.report.view import Picture


def render(lookback: LookBack, lang: Lang) -> str:
    """Return the report as one HTML page, with its style inside.

    Raises
    ------
    RangeError
        If `lang` is neither ``zh`` nor ``en``.
    """
    template = _environment().get_template("page.html")
    return template.render(doc=view.document(lookback, lang), css=Markup(css()))  # noqa: S704


def render_fragment(lookback: LookBack, lang: Lang) -> str:
    """Return the report as an ``<article>`` for a page that serves `css` itself.

    Raises
    ------
    RangeError
        If `lang` is neither ``zh`` nor ``en``.
    """
    return _environment().get_template("report.html").render(doc=view.document(lookback, lang))


@cache
def css() -> str:
    """Return the style sheet of report and drawings, colours of the theme included.

    It follows the reader's preference for dark pages, and ``data-theme`` of the page where set.
    """
    text = (files("zonewright.report") / "templates" / "report.css").read_text(encoding="utf-8")
    light, dark = theme.css_variables("light"), theme.css_variables("dark")
    variables = "\n".join(
        (
            f":root, [data-theme=light] {{ color-scheme: light; {light} }}",
            "@media screen and (prefers-color-scheme: dark) {",
            f"  :root:not([data-theme=light]) {{ color-scheme: dark; {dark} }}",
            "}",
            f"@media screen {{ [data-theme=dark] {{ color-scheme: dark; {dark} }} }}",
        )
    )
    return f"{variables}\n{text}\n{theme.css_recolour()}\n"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("zonewright.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["inline"] = _inline
    return environment


def _inline(picture: Picture) -> Markup:
    """Return a picture's SVG as markup: it was drawn here, its texts are escaped by its drawer."""
    return Markup(picture.drawing.inline(picture.name))  # noqa: S704
