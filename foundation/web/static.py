"""Static files, self-hosted, under addresses that carry a part of the file's hash and may be cached for ever.

`{{ static('css/portal.css') }}` gives `/static/<hash>/css/portal.css`; a wrong hash is redirected to the right one.
Files that a style sheet names relative to itself (fonts) keep working, because the hash stands before the path: they
are then asked for under the style sheet's hash and answered without the promise to stay the same for ever.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from flask import Flask, Response, abort, request
from markupsafe import Markup, escape

mimetypes.add_type("font/woff2", ".woff2")
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("image/svg+xml", ".svg")


PACKED = ("text/css", "text/javascript", "image/svg+xml")
"""Types that get smaller when packed; fonts and pictures are packed already."""


_ICON = '<svg class="icon" width="24" height="24" aria-hidden="true" focusable="false"><use href="%s"></use></svg>'


@dataclass(frozen=True)
class _File:
    body: bytes
    packed: bytes | None
    mimetype: str
    digest: str


@functools.cache
def _files(folder: Path) -> dict[str, _File]:
    """What is under `folder`, by its path there. Read and packed once, however many apps of a process serve it."""
    files: dict[str, _File] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            body = path.read_bytes()
            mimetype = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            packed = gzip.compress(body, mtime=0) if mimetype in PACKED else None
            digest = hashlib.sha256(body).hexdigest()[:12]
            files[path.relative_to(folder).as_posix()] = _File(body, packed, mimetype, digest)
    return files


def install_static(app: Flask, folder: Path) -> None:
    """Serve `folder` from memory under `/static/`, and give templates the function `static`."""
    files = _files(folder)

    @app.get("/static/<digest>/<path:name>", endpoint="static")
    def serve(digest: str, name: str) -> Response:
        file = files.get(name)
        if file is None:
            abort(404)
        pack = file.packed is not None and request.accept_encodings.best_match(["gzip"]) is not None
        response = Response(file.packed if pack else file.body, mimetype=file.mimetype)
        if file.packed is not None:
            response.vary.add("Accept-Encoding")
        if pack:
            response.headers["Content-Encoding"] = "gzip"
        same = digest == file.digest
        response.headers["Cache-Control"] = f"public, max-age={31536000 if same else 3600}" + (
            ", immutable" if same else ""
        )
        response.set_etag(f"{file.digest}-gzip" if pack else file.digest)
        response.make_conditional(request)
        return response

    # Made once: a page names thirty of them, and putting an address together costs more than all of its words.
    paths = {name: f"/static/{file.digest}/{quote(name)}" for name, file in files.items()}

    def static(name: str) -> str:
        """The address of a static file; KeyError if there is none of that name."""
        return request.root_path + paths[name]

    def icon(name: str) -> Markup:
        """The picture of that name in the sprite. A page has twenty, and a call of a macro costs four times as much."""
        return Markup(_ICON % escape(f"{static('icons.svg')}#{name}"))  # noqa: S704 - what is put in is escaped

    app.jinja_env.globals["static"] = static
    app.jinja_env.globals["sprite_icon"] = icon
