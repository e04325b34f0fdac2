"""Taking a file that comes with a form: looked at whole before anything of it is kept, and given back as it was."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response, make_response, request, send_file
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from foundation.web.requests import CappedFile, UploadLimits
from portal.doors import Files, Scanner, ScannerDownError
from portal.files import errors, inspection, names
from portal.files.apart import check_apart
from portal.files.inspection import Kind
from portal.files.purposes import LARGEST, MEDIA_TYPES, MEGABYTE, Purpose

LIMITS = UploadLimits(file=LARGEST, body=64 * MEGABYTE, when=lambda: bool(current_user.is_authenticated))
"""For `takes_file`: whoever is not signed in sends no more than an ordinary form (S-56)."""


@dataclass(frozen=True)
class Inspected:
    """A file that may be kept."""

    name: str
    """As it came, cleaned."""
    kind: Kind
    content: bytes

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.content)

    @property
    def digest(self) -> str:
        """SHA-256 of the content, hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


def file_of_form(purpose: Purpose, scanner: Scanner) -> Inspected:
    """The file of the form at hand, looked at whole. Raises the UploadError that it has, and nothing else."""
    given = request.files.get("file")
    if given is None:
        raise errors.NotChosenError(purpose)
    return inspect(given.filename, given.stream if isinstance(given.stream, CappedFile) else None, purpose, scanner)


def name_of_form() -> str:
    """What the file of the form at hand is called, cleaned; empty if none was chosen."""
    given = request.files.get("file")
    return names.cleaned(given.filename) if given is not None else ""


def refused(page: str, problem: errors.UploadError | None) -> Response:
    """The form once more, with the status of what is wrong with the file; None: something else in it is wrong."""
    response = make_response(page, problem.status if problem is not None else 422)
    if response.status_code == 503:
        response.headers["Retry-After"] = "600"
    return response


def answer_unread(
    blueprint: Blueprint, purpose: Purpose, answer: Callable[[errors.UploadError], ResponseReturnValue]
) -> None:
    """What a room answers where the form itself could not be read, so that nothing typed can be shown again."""

    @blueprint.errorhandler(RequestEntityTooLarge)
    def far_too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
        return answer(errors.TooLargeError(purpose))

    @blueprint.errorhandler(ClientDisconnected)
    def interrupted(_error: ClientDisconnected) -> ResponseReturnValue:
        return answer(errors.InterruptedUploadError(purpose))


def inspect(file_name: str | None, stream: CappedFile | None, purpose: Purpose, scanner: Scanner) -> Inspected:
    """As `file_of_form`, of a file that has been found."""
    name = names.cleaned(file_name)
    if stream is None or not file_name:
        raise errors.NotChosenError(purpose)
    if stream.too_large:
        raise errors.TooLargeError(purpose, name)
    content = stream.getvalue()
    kind = purpose.endings.get(names.ending_of(name))
    if kind is None:
        raise errors.WrongTypeError(purpose, name)
    if not content:
        raise errors.EmptyError(purpose, name)
    try:
        found = scanner.scan(content)
    except ScannerDownError as error:
        raise errors.UnscannedError(purpose, name) from error
    if found is not None:
        raise errors.InfectedError(purpose, name)
    try:
        check_apart(kind, content)
    except inspection.ProblemError as problem:
        raise errors.OF_INSPECTION[type(problem)](purpose, name) from problem
    return Inspected(name, kind, content)


def read(files: Files, stored_as: str) -> bytes | None:
    """The content of a file; None if it was deleted in this very moment."""
    try:
        with files.read(stored_as) as handle:
            return handle.read()
    except FileNotFoundError:
        return None


def as_attachment(content: bytes, *, kind: str, file_name: str) -> Response:
    """The file as it came: never shown by the browser as a page, never kept by it (S-56)."""
    response = send_file(
        io.BytesIO(content), mimetype=MEDIA_TYPES[kind], as_attachment=True, download_name=file_name, max_age=0
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def size_words(size: int) -> str:
    """`340 КБ`, `2,4 МБ`."""
    if size < MEGABYTE:
        return f"{max(1, round(size / 1024))}\u00a0КБ"
    return f"{size / MEGABYTE:.1f}".removesuffix(".0").replace(".", ",") + "\u00a0МБ"
