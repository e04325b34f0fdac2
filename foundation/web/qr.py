"""QR codes as elements of a page: no image to ask for, and nothing inline that the content security policy forbids."""

from __future__ import annotations

import segno
from markupsafe import Markup


def qr(content: str) -> Markup:
    """The `<svg>` of a QR code: black on white whatever the colours around it, as wide as its place."""
    drawn = segno.make(content, error="m", boost_error=False).svg_inline(
        omitsize=True, svgclass="qr__code", lineclass=None, light="#fff", border=2
    )
    return Markup(drawn)  # noqa: S704 - segno's own drawing; the content is only in its pattern
