"""A user's XSLT changes the XML of a new object, and reaches nothing else."""

import pytest

from kvmform.diagnostics import DiagnosticError
from kvmform.xml.document import Document
from kvmform.xml.stylesheet import check_stylesheet, same_stylesheet, transform

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


@pytest.mark.parametrize("word", ["import", "include"])
def test_a_stylesheet_cannot_take_in_others(tmp_path, word):
    other = tmp_path / "other.xsl"
    other.write_text(f"{HEAD}<xsl:template match='/'><stolen/></xsl:template></xsl:stylesheet>")
    for place in (str(other), other.as_uri(), "http://127.0.0.1:9/other.xsl"):
        with pytest.raises(DiagnosticError, match="Invalid XSLT"):
            transform("<pool/>", f"{HEAD}<xsl:{word} href='{place}'/></xsl:stylesheet>")


def test_a_stylesheet_cannot_write_files(tmp_path):
    target = tmp_path / "written"
    head = HEAD.replace(">", ' xmlns:exsl="http://exslt.org/common" extension-element-prefixes="exsl">')
    writing = f'<xsl:template match="/"><exsl:document href="{target}"><a/></exsl:document><a/></xsl:template>'
    with pytest.raises(DiagnosticError, match="Invalid XSLT"):
        transform("<pool/>", f"{head}{writing}</xsl:stylesheet>")
    assert not target.exists()


def test_a_stylesheet_without_end_is_told():
    endless = '<xsl:template match="/" name="a"><xsl:call-template name="a"/></xsl:template>'
    with pytest.raises(DiagnosticError, match="Invalid XSLT"):
        transform("<pool/>", f"{HEAD}{endless}</xsl:stylesheet>")


def test_the_line_of_a_mistake_is_told():
    with pytest.raises(DiagnosticError) as caught:
        check_stylesheet(f"{HEAD}\n\n<xsl:template match='['/>\n</xsl:stylesheet>")
    assert "line 3" in caught.value.diagnostics[0].detail


def test_indentation_makes_no_other_stylesheet():
    indented = f"{HEAD}\n  {COPY}\n</xsl:stylesheet>\n"
    assert same_stylesheet(indented, f"{HEAD}{COPY}</xsl:stylesheet>")
    assert same_stylesheet(None, "")
    assert not same_stylesheet(indented, f"{HEAD}</xsl:stylesheet>")
    assert not same_stylesheet(indented, None)
    assert not same_stylesheet("no xml", "no XML")
