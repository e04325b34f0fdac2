"""Following one sign-in: the rooms tell here what they learn about the one at hand."""

from __future__ import annotations


def bind_request(request_id: str, *, system: str, state: str) -> int | None:
    """An authorization request was accepted. Tells the number of the sign-in it belongs to."""


def bind_person(oid: int) -> None:
    """The person of the sign-in at hand is known (right password, or «Продолжить» in a living session)."""


def bind_session(sid: str) -> None:
    """The session at Gosuslugi (`urn:esia:sid`) of the sign-in at hand is known."""
