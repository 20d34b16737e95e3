"""Characters as users see them: grapheme clusters, in which the language counts strings.

Source: https://www.unicode.org/reports/tr29/tr29-41.html (Unicode 15.0, as in Terraform; later
versions keep more letters of Indian scripts together), table 1c.
"""

from __future__ import annotations

from functools import cache
from typing import Any

__all__ = ["cluster_count", "clusters"]

CLUSTER = r"""
    \r\n
  | [\r\n\p{GCB=Control}]
  | \p{GCB=Prepend}*
    (?: \p{GCB=L}* (?: \p{GCB=V}+ | \p{GCB=LV} \p{GCB=V}* | \p{GCB=LVT} ) \p{GCB=T}*
      | \p{GCB=L}+
      | \p{GCB=T}+
      | \p{GCB=Regional_Indicator}{2}
      | \p{Extended_Pictographic} (?: \p{GCB=Extend}* \p{GCB=ZWJ} \p{Extended_Pictographic} )*
      | [^\r\n\p{GCB=Control}]
    )
    [\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}]*
"""


def clusters(text: str) -> list[str]:
    """The grapheme clusters of a text, in order."""
    if text.isascii() and "\r\n" not in text:
        return list(text)
    found: list[str] = cluster_pattern().findall(text)
    return found


def cluster_count(text: str) -> int:
    """How many grapheme clusters a text has."""
    if text.isascii() and "\r\n" not in text:
        return len(text)
    return len(clusters(text))


@cache
def cluster_pattern() -> Any:
    """The compiled pattern of one cluster."""
    import regex

    return regex.compile(CLUSTER, regex.VERBOSE)
