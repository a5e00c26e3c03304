"""A figure as SVG that can stand in a page of the workspace.

reportlab writes a file of its own: a document type, ids that repeat in every figure, ``style``
attributes that a content security policy forbids, and every line closed back on itself, which fills
the gaps of a dashed one. What leaves here is one ``<svg>`` element without any of that.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from reportlab.graphics import renderSVG

from analysis.report.drawings.figure import Figure
from analysis.report.typesetting.fonts import SANS, SANS_BOLD

_NAMESPACE = "http://www.w3.org/2000/svg"
_TAG = f"{{{_NAMESPACE}}}"
# The browser has no embedded subset: it takes DejaVu where installed, else its own sans-serif.
_FAMILY = "'DejaVu Sans', Verdana, sans-serif"
_FONTS = {
    SANS: {"font-family": _FAMILY},
    SANS_BOLD: {"font-family": _FAMILY, "font-weight": "bold"},
}
_SINGLE_LINE = re.compile(r"^(M [^A-Z]+ L [^A-Z]+) Z$")


def svg(figure: Figure) -> str:
    """The figure as one ``<svg>`` element with its title and its text alternative."""
    ET.register_namespace("", _NAMESPACE)
    root = ET.fromstring(renderSVG.drawToString(figure.drawing))  # noqa: S314 - written just above
    for element in root.iter():
        _presentation(element)
        _open_line(element)
        _own_ids(element, figure.key)
    _words(root, figure)
    return ET.tostring(root, encoding="unicode")


def _presentation(element: ET.Element) -> None:
    """Style declarations become attributes of the same name."""
    for declaration in element.attrib.pop("style", "").split(";"):
        name, _, value = (part.strip() for part in declaration.partition(":"))
        if name == "font-family":
            for key, setting in _FONTS[value].items():
                element.set(key, setting)
        elif name:
            element.set(name, value)


def _open_line(element: ET.Element) -> None:
    """A line of two points is not closed."""
    if found := _SINGLE_LINE.match(element.get("d", "")):
        element.set("d", found.group(1))
        element.set("fill", "none")


def _own_ids(element: ET.Element, key: str) -> None:
    """Ids that stay unique when several figures share a page."""
    if element.get("id"):
        element.set("id", f"{key}-{element.get('id')}")
    if "clip-path" in element.attrib:
        element.set("clip-path", f"url(#{key}-clip)")


def _words(root: ET.Element, figure: Figure) -> None:
    """Title and description, which together name the image to a screen reader."""
    for tag, text in (("title", figure.title), ("desc", figure.alternative)):
        element = root.find(f"{_TAG}{tag}")
        assert element is not None
        element.text = text
        element.set("id", f"{figure.key}-{tag}")
    root.set("role", "img")
    root.set("aria-labelledby", f"{figure.key}-title {figure.key}-desc")
