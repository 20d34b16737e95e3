resource "libvirt_domain" "guest" {
  name   = "guest"
  memory = 64
  xml {
    overlay = { "description" = "same", "title" = "two" }
    xslt    = <<-END
      <?xml version="1.0"?>
      <xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
        <xsl:output indent="yes"
        omit-xml-declaration="yes"></xsl:output>
        <xsl:template match="node()|@*">
          <xsl:copy>
            <xsl:apply-templates select="node()|@*"/>
          </xsl:copy>
        </xsl:template>
        <xsl:template match="/domain/devices/emulator/text()">
          <xsl:text>/usr/bin/qemu-two</xsl:text>
        </xsl:template>
      </xsl:stylesheet>
    END
  }
}
