"""A user's XSLT changes the XML of a new object, and reaches nothing else."""

import pytest

from kvmform.diagnostics import DiagnosticError
from kvmform.xml.document import Document
from kvmform.xml.stylesheet import transform

HEAD = '<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">'
COPY = '<xsl:template match="node()|@*"><xsl:copy><xsl:apply-templates select="node()|@*"/></xsl:copy></xsl:template>'


def test_a_stylesheet_adds_to_the_xml():
    change = '<xsl:template match="/pool/target"><target><path>/new</path></target></xsl:template>'
    result = transform("<pool><name>x</name><target/></pool>", f"{HEAD}{COPY}{change}</xsl:stylesheet>")
    assert Document.parse(result).get("target/path") == "/new"
    assert Document.parse(result).get("name") == "x"


@pytest.mark.parametrize(
    "stylesheet",
    [
        "no xml",
        "<a/>",
        f"{HEAD}<xsl:template match='['/></xsl:stylesheet>",
        f"{HEAD}<xsl:template match='/'/></xsl:stylesheet>",
    ],
)
def test_a_bad_stylesheet_is_a_diagnostic(stylesheet):
    with pytest.raises(DiagnosticError):
        transform("<pool/>", stylesheet)


def test_a_stylesheet_cannot_read_files(tmp_path):
    secret = tmp_path / "secret.xml"
    secret.write_text("<secret>hidden</secret>")
    reading = f"<xsl:template match='/'><a><xsl:value-of select=\"document('{secret}')\"/></a></xsl:template>"
    with pytest.raises(DiagnosticError, match="Invalid XSLT"):
        transform("<pool/>", f"{HEAD}{reading}</xsl:stylesheet>")
