"""Forms with a file, as they come over the wire."""

from __future__ import annotations


def multipart(fields: dict[str, str], name: str | None, content: bytes) -> bytes:
    """A form with a file, as browsers send it."""
    part = '--b\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    shown = (name or "").replace('"', "%22")
    head = f'--b\r\nContent-Disposition: form-data; name="file"; filename="{shown}"\r\nContent-Type: x/y\r\n\r\n'
    return "".join([*(part.format(*field) for field in fields.items()), head]).encode() + content + b"\r\n--b--\r\n"
