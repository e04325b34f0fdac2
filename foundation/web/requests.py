"""Requests as they come over the wire, not as they ought to be."""

from __future__ import annotations

import re
from typing import IO, TYPE_CHECKING, Any

from flask import Request
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.formparser import FormDataParser

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_RAW = re.compile(rb"[\x80-\xff]")
Form = MultiDict[str, str]
Files = MultiDict[str, FileStorage]


class _NamedParts(FormDataParser):
    """Leaves out fields without a name: a multipart form may hold such, and no code expects None for one."""

    def parse(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str] | None = None
    ) -> tuple[IO[bytes], Form, Files]:
        rest, form, files = super().parse(stream, mimetype, content_length, options)
        return rest, type(form)([(name, value) for name, value in form.items(multi=True) if name is not None]), files


class WireRequest(Request):
    """Reads a query in which bytes stand that ought to be percent-encoded as if they were.

    werkzeug would stop at those that are no UTF-8, and the program answer 500. Encoded ones it keeps as they are.
    """

    form_data_parser_class = _NamedParts

    def __init__(self, environ: WSGIEnvironment, *arguments: Any, **named: Any) -> None:
        super().__init__(environ, *arguments, **named)
        self.query_string = _RAW.sub(lambda found: b"%%%02X" % found.group()[0], self.query_string)
