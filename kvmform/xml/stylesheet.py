"""Apply a user's XSLT stylesheet (`xml { xslt = … }`) to the XML of a new object."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from kvmform.diagnostics import DiagnosticError
from kvmform.xml.document import parse_element

if TYPE_CHECKING:
    from lxml.etree import XSLT, XMLParser


__all__ = ["check_stylesheet", "same_stylesheet", "transform"]

_SUMMARY = "Invalid XSLT stylesheet"
_EMPTY_WORDS = {"error", "unknown error"}
"""What libxslt says beside what it has to say."""


def transform(text: str, stylesheet: str) -> str:
    """The XML text after an XSLT 1.0 stylesheet; the stylesheet can't read or write files.

    Raises:
        DiagnosticError: the stylesheet is no XSLT, fails, or leaves no element.
    """
    from lxml import etree

    try:
        result = _compiled(stylesheet)(parse_element(text))
    except etree.XSLTApplyError as problem:
        raise DiagnosticError.of(_SUMMARY, f"The stylesheet can't be applied: {_told(problem)}") from None
    root = result.getroot()
    if root is None:
        raise DiagnosticError.of(_SUMMARY, "Its result has no element, so there is nothing to define.")
    return etree.tostring(root, encoding="unicode")


def check_stylesheet(stylesheet: str) -> None:
    """Whether a text is an XSLT stylesheet.

    Raises:
        DiagnosticError: it is none.
    """
    _compiled(stylesheet)


def same_stylesheet(before: str | None, after: str | None) -> bool:
    """Whether two stylesheets say the same, however they are indented; an empty one is as good as none."""
    if (before or "") == (after or ""):
        return True
    return bool(before and after) and _canonical(before or "") == _canonical(after or "")


def _canonical(text: str) -> str:
    from lxml import etree

    try:
        return str(etree.canonicalize(text, strip_text=True))
    except (etree.XMLSyntaxError, ValueError):
        return text


def _compiled(stylesheet: str) -> XSLT:
    from lxml import etree

    nothing = etree.XSLTAccessControl.DENY_ALL  # type: ignore[attr-defined]  # the stubs lack it
    try:
        return etree.XSLT(parse_element(stylesheet, _parser()), access_control=nothing)
    except etree.XSLTParseError as problem:
        raise DiagnosticError.of(_SUMMARY, f"It can't be read: {_told(problem)}") from None


@cache
def _parser() -> XMLParser:
    """A parser for stylesheets: those that they import go past the access control, and are refused here."""
    from lxml import etree

    class Nowhere(etree.Resolver):
        def resolve(self, system_url: str, public_id: str, context: Any = None) -> Any:  # noqa: ARG002 - lxml's own
            detail = f"It reaches for {system_url}, and a stylesheet gets at no files and at nothing on the network."
            raise DiagnosticError.of(_SUMMARY, f"{detail} Put all of it into one text.")

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    parser.resolvers.add(Nowhere())
    return parser


def _told(problem: Exception) -> str:
    """What libxslt complains of, with the line."""
    log = list(getattr(problem, "error_log", ()))
    words = [entry.message for entry in log if entry.message not in _EMPTY_WORDS and not entry.line]
    line = next((entry.line for entry in log if entry.line), None)
    return f"{(words or [str(problem)])[0].rstrip('.')}{f' (line {line})' if line else ''}."
