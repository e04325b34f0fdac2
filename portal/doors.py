"""The portal's doors to the outside. Each is a small interface with a real implementation; `create_app` is given them.

Whoever runs the portal inside a program of their own hands in the same implementations with other settings, or others
of the same shape. Nothing of the portal knows which.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from flask import current_app

if TYPE_CHECKING:
    # What only stands in signatures: who needs this module for the files alone starts sooner without them.
    from foundation.clock import Clock
    from foundation.database import Session
    from foundation.ids import Ids
    from portal.clinic.base import Clinic
    from portal.esia.base import EsiaHealth, Logout
    from portal.esia.errors import EsiaError
    from portal.esia.person import Address, ChildData, Contact, Document, PersonData
    from portal.esia.tokens import Tokens
    from portal.esia.works import Works
    from portal.settings import PortalSettings


class Database(Protocol):
    """Sessions over one database; `foundation.database.Database` is the implementation."""

    def reading(self) -> AbstractContextManager[Session]:
        """A session for reading; nothing is committed."""
        ...

    def writing(self) -> AbstractContextManager[Session]:
        """A session whose work is one transaction."""
        ...

    def is_alive(self) -> bool:
        """Whether a query is answered."""
        ...


class Esia(Protocol):
    """Gosuslugi, or another provider; `portal.esia.profiles` has the implementations.

    What each function does and raises is said in `portal.esia.base` and `portal.esia.client`.
    """

    @property
    def offers(self) -> frozenset[str]: ...

    @property
    def cabinet_url(self) -> str: ...

    def check_alive(self) -> Works | None: ...

    def schedule(self) -> list[Works]: ...

    def codes_go_out(self) -> bool | None: ...

    def known_works(self) -> list[Works]: ...

    def health(self) -> EsiaHealth: ...

    def authorization_url(
        self,
        *,
        state: str,
        redirect_uri: str,
        nonce: str | None = None,
        code_challenge: str | None = None,
        ask_consent: bool = False,
    ) -> str: ...

    def check_response_issuer(self, issuer: str | None) -> None: ...

    def refused(self, *, error: str, description: str) -> EsiaError: ...

    def redeem(
        self,
        *,
        code: str,
        redirect_uri: str,
        started_at: datetime,
        nonce: str | None = None,
        code_verifier: str | None = None,
    ) -> Tokens: ...

    def person(self, access: str, subject: str) -> PersonData: ...

    def contacts(self, access: str, subject: str) -> list[Contact]: ...

    def addresses(self, access: str, subject: str) -> list[Address]: ...

    def documents(self, access: str, subject: str) -> list[Document]: ...

    def children(self, access: str, subject: str) -> list[ChildData]: ...

    def child_documents(self, access: str, subject: str, child_id: str) -> list[Document]: ...

    def logout_url(self, *, redirect_uri: str) -> str | None: ...

    def read_logout(self, token: str) -> Logout: ...

    def sign_out_origin(self) -> str: ...


class Messages(Protocol):
    """Mail and SMS to a patient. What stands inside the portal is there whether or not something is sent as well."""

    def mail(self, *, to: str, subject: str, text: str) -> bool:
        """Send a letter; tells whether it was handed over."""
        ...

    def sms(self, *, to: str, text: str) -> bool:
        """Send an SMS; tells whether it was handed over."""
        ...


class InsideMessages:
    """Sends nothing out: notifications stay inside the portal (`PORTAL_MAIL_URL` and `PORTAL_SMS_URL` not set)."""

    def mail(self, *, to: str, subject: str, text: str) -> bool:
        del to, subject, text
        return False

    def sms(self, *, to: str, text: str) -> bool:
        del to, text
        return False


class Scanner(Protocol):
    """Looks for viruses in what patients upload; `portal.files.scanner` has the built-in one."""

    def scan(self, content: bytes) -> str | None:
        """The name of what was found in a file; None for a clean one. ScannerDownError: it could not be looked at."""
        ...


class ScannerDownError(Exception):
    """The scanner does not answer. What it has not looked at is not taken."""


class Files(Protocol):
    """What patients upload. Names are made by the portal; nothing of a patient's file name gets here (S-56)."""

    def write(self, name: str) -> AbstractContextManager[BinaryIO]:
        """A new file to write to. It is there under its name only once the block has ended without an exception."""
        ...

    def read(self, name: str) -> BinaryIO:
        """The file; FileNotFoundError if there is none."""
        ...

    def delete(self, name: str) -> None:
        """Throw the file away, also one that was not written to its end; nothing happens if it is gone already."""
        ...


class FolderFiles:
    """Files in one folder outside of everything that is served."""

    _NAME = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextlib.contextmanager
    def write(self, name: str) -> Iterator[BinaryIO]:
        target = self._path(name)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        making = self._unfinished(target)
        try:
            with making.open("xb") as handle:
                making.chmod(0o600)
                yield handle
                handle.flush()
                os.fsync(handle.fileno())
            making.rename(target)
        except BaseException:
            making.unlink(missing_ok=True)
            raise

    def read(self, name: str) -> BinaryIO:
        return self._path(name).open("rb")

    def delete(self, name: str) -> None:
        target = self._path(name)
        self._unfinished(target).unlink(missing_ok=True)
        target.unlink(missing_ok=True)

    @staticmethod
    def _unfinished(target: Path) -> Path:
        return target.with_suffix(".part")

    @classmethod
    def is_name(cls, name: str) -> bool:
        """Whether a file may be called that."""
        return cls._NAME.fullmatch(name) is not None

    def _path(self, name: str) -> Path:
        if not self.is_name(name):
            raise ValueError("a file's name is made of letters, digits, dash and underscore")
        return self._folder / name


@dataclass(frozen=True)
class Doors:
    """All of them, with the settings, for the rooms."""

    settings: PortalSettings
    database: Database
    esia: Esia
    clinic: Clinic
    messages: Messages
    files: Files
    scanner: Scanner
    clock: Clock
    ids: Ids


def doors() -> Doors:
    """The doors of the program at hand."""
    return cast(Doors, current_app.extensions["portal"])
