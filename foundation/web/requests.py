"""Requests as they come over the wire, not as they ought to be."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import IO, TYPE_CHECKING, Any, TypeVar

from flask import Request, current_app
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import ClientDisconnected
from werkzeug.formparser import FormDataParser

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_RAW = re.compile(rb"[\x80-\xff]")
Form = MultiDict[str, str]
Files = MultiDict[str, FileStorage]
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class UploadLimits:
    """How much a view that takes a file reads."""

    file: int
    """Bytes of the file that are kept. Of a larger one nothing is."""
    body: int
    """Bytes of the whole request that are read: what a file has too many is thrown away as it comes, so that the form
    can be shown again with what was typed. A request that is longer still is 413."""
    when: Callable[[], bool]
    """Whether this request may be as long as that; else the ordinary limit holds (nobody is signed in)."""


def takes_file(limits: UploadLimits) -> Callable[[View], View]:
    """Mark a view whose form has a file."""

    def mark(view: View) -> View:
        view.takes_file = limits  # type: ignore[attr-defined]  # A mark on the function, read by the request.
        return view

    return mark


class CappedFile(BytesIO):
    """A file as it comes in: kept up to `limit` bytes, and thrown away whole when it turns out to be larger (S-56)."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit
        self.too_large = False

    def write(self, data: Any) -> int:
        """Keep `data`, unless that would be too much."""
        if self.too_large or self.tell() + len(data) > self._limit:
            self.too_large = True
            self.seek(0)
            self.truncate()
            return len(data)
        return super().write(data)


class _NamedParts(FormDataParser):
    """Leaves out fields without a name: a multipart form may hold such, and no code expects None for one."""

    def parse(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str] | None = None
    ) -> tuple[IO[bytes], Form, Files]:
        try:
            rest, form, files = super().parse(stream, mimetype, content_length, options)
        except ValueError as error:
            # Only where `silent` is off: the body ends before the form does, whatever length was announced.
            raise ClientDisconnected from error
        return rest, type(form)([(name, value) for name, value in form.items(multi=True) if name is not None]), files


class WireRequest(Request):
    """Reads a query in which bytes stand that ought to be percent-encoded as if they were.

    werkzeug would stop at those that are no UTF-8, and the program answer 500. Encoded ones it keeps as they are.
    """

    form_data_parser_class = _NamedParts

    _files_begun = 0

    def upload_limits(self) -> UploadLimits | None:
        """Those of the view that this request is for, if it may use them."""
        view = current_app.view_functions.get(self.endpoint or "") if self.method == "POST" else None
        limits: UploadLimits | None = getattr(view, "takes_file", None)
        return limits if limits is not None and limits.when() else None

    @property
    def max_content_length(self) -> int | None:
        """How much of the request is read: the program's limit, or that of a view that takes a file."""
        limits = self.upload_limits()
        return super().max_content_length if limits is None else limits.body

    @max_content_length.setter
    def max_content_length(self, value: int | None) -> None:
        self._max_content_length = value

    def make_form_data_parser(self) -> FormDataParser:
        """The parser of forms; where a file is taken, a form that breaks off is told from an empty one."""
        parser = super().make_form_data_parser()
        parser.silent = self.upload_limits() is None
        return parser

    def _get_file_stream(self, *_about: Any, **_more: Any) -> IO[bytes]:
        """Uploaded files stay in memory, which the limits on a request bound; only the first one has room where one
        is taken.

        werkzeug would put those of half a megabyte and more on the disk, before any page has said whether it wants
        them: a private key must not lie there for a moment (S-57).
        """
        limits = self.upload_limits()
        if limits is None:
            return BytesIO()
        self._files_begun += 1
        return CappedFile(limits.file if self._files_begun == 1 else 0)

    def __init__(self, environ: WSGIEnvironment, *arguments: Any, **named: Any) -> None:
        super().__init__(environ, *arguments, **named)
        self.query_string = _RAW.sub(lambda found: b"%%%02X" % found.group()[0], self.query_string)
