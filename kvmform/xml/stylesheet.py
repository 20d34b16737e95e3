"""Apply a user's XSLT stylesheet (`xml { xslt = … }`) to the XML of a new object."""

from __future__ import annotations

from lxml import etree

from kvmform.diagnostics import DiagnosticError
from kvmform.xml.document import parse_element

__all__ = ["transform"]


def transform(text: str, stylesheet: str) -> str:
    """The XML text after an XSLT 1.0 stylesheet; the stylesheet can't read or write files.

    Raises:
        DiagnosticError: the stylesheet is no XSLT, fails, or leaves no element.
    """
    nothing = etree.XSLTAccessControl.DENY_ALL  # type: ignore[attr-defined]  # the stubs lack it
    try:
        apply = etree.XSLT(parse_element(stylesheet), access_control=nothing)
        result = apply(parse_element(text))
    except (etree.XSLTParseError, etree.XSLTApplyError) as problem:
        raise DiagnosticError.of("Invalid XSLT stylesheet", f"The stylesheet can't be applied: {problem}.") from None
    root = result.getroot()
    if root is None:
        raise DiagnosticError.of("Invalid XSLT stylesheet", "Its result has no element, so there is nothing to define.")
    return etree.tostring(root, encoding="unicode")
