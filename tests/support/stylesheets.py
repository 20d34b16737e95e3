"""Stylesheets as labs have them: each copies everything but for what it changes."""

from __future__ import annotations

__all__ = ["STYLESHEETS", "stylesheet"]

_HEAD = """<?xml version="1.0"?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:qemu="http://libvirt.org/schemas/domain/qemu/1.0">
  <xsl:output omit-xml-declaration="yes" indent="yes"/>
  <xsl:template match="node()|@*"><xsl:copy><xsl:apply-templates select="node()|@*"/></xsl:copy></xsl:template>
"""


def stylesheet(*templates: str) -> str:
    """A stylesheet that changes only what these templates match."""
    return f"{_HEAD}{''.join(templates)}</xsl:stylesheet>\n"


STYLESHEETS = {
    "disks on SATA": stylesheet(
        """<xsl:template match="/domain/devices/disk[@device='disk']/target/@bus">
             <xsl:attribute name="bus">sata</xsl:attribute></xsl:template>""",
        """<xsl:template match="/domain/devices/disk[@device='disk']/target/@dev">
             <xsl:attribute name="dev">sd<xsl:value-of select="substring(., 3)"/></xsl:attribute></xsl:template>""",
    ),
    "CD-ROM drives on SATA": stylesheet(
        """<xsl:template match="/domain/devices/disk[@device='cdrom']/target">
             <target dev="sdz" bus="sata"/></xsl:template>"""
    ),
    "another processor": stylesheet(
        """<xsl:template match="/domain/cpu"/>""",
        """<xsl:template match="/domain/features"><xsl:copy-of select="."/>
             <cpu mode="custom" match="exact"><model fallback="allow">qemu64</model>
               <feature policy="disable" name="svm"/></cpu></xsl:template>""",
    ),
    "no console, no display": stylesheet(
        """<xsl:template match="/domain/devices/console"/><xsl:template match="/domain/devices/serial"/>""",
        """<xsl:template match="/domain/devices/graphics"/><xsl:template match="/domain/devices/video"/>""",
    ),
    "tuned interfaces": stylesheet(
        """<xsl:template match="/domain/devices/interface[1]/model">
             <model type="e1000"/><link state="down"/><mtu size="1400"/></xsl:template>""",
    ),
    "one more device": stylesheet(
        """<xsl:template match="/domain/devices"><xsl:copy><xsl:apply-templates select="node()|@*"/>
             <watchdog model="i6300esb" action="reset"/><sound model="ich6"/></xsl:copy></xsl:template>"""
    ),
    "QEMU's own arguments": stylesheet(
        """<xsl:template match="/domain"><xsl:copy><xsl:apply-templates select="node()|@*"/>
             <qemu:commandline><qemu:arg value="-name"/><qemu:arg value="escaped"/></qemu:commandline>
           </xsl:copy></xsl:template>"""
    ),
    "other memory": stylesheet(
        """<xsl:template match="/domain/currentMemory/text()">40</xsl:template>""",
        """<xsl:template match="/domain/memory/@unit"><xsl:attribute name="unit">MiB</xsl:attribute></xsl:template>""",
    ),
    "channels of SPICE": stylesheet(
        """<xsl:template match="/domain/devices"><xsl:copy><xsl:apply-templates select="node()|@*"/>
             <channel type="spicevmc"><target type="virtio" name="com.redhat.spice.0"/></channel></xsl:copy>
           </xsl:template>"""
    ),
    "nothing": stylesheet(),
}
"""By what they are for."""
