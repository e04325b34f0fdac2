"""The standard scopes in terms of ESIA's, which the consent page shows and person data are opened by (S-66).

A client asks for `profile`; the person is asked for the lines of ESIA's scopes behind it, as far as they stand on the
system's card, and can withhold each. What the standard has no word for (`snils`, `inn`, …) is asked for by ESIA's name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sandbox_idp.oauth.openid.errors import ScopeRefusedError
from sandbox_idp.oauth.scopes import OPENID, TITLES

STANDARD: dict[str, tuple[str, ...]] = {
    "profile": ("fullname", "birthdate", "gender"),
    "email": ("email",),
    "phone": ("mobile",),
    "address": ("addresses",),
}
"""Standard scope → scopes of ESIA (OpenID Connect Core 5.4)."""

_COVERED = frozenset(name for names in STANDARD.values() for name in names)
OWN: tuple[str, ...] = tuple(name for name in TITLES if name not in _COVERED and name != OPENID)
"""Scopes of ESIA that the standard has no word for."""


def supported() -> list[str]:
    """What a request may name."""
    return [OPENID, *STANDARD, *OWN]


def expanded(asked: Sequence[str], card: Iterable[str]) -> list[str]:
    """ESIA's scopes behind `asked`, as far as the card has them; ScopeRefusedError for one that opens nothing."""
    if OPENID not in asked:
        raise ScopeRefusedError("The scope openid is needed.")
    on_card = frozenset(card)
    found: list[str] = []
    for name in asked:
        if name not in STANDARD and name not in OWN and name != OPENID:
            raise ScopeRefusedError(f"There is no scope {_printable(name)}.")
        members = [member for member in STANDARD.get(name, (name,)) if member in on_card]
        if not members:
            raise ScopeRefusedError(f"The scope {name} is not on the card of the client.")
        found += members
    return list(dict.fromkeys(found))


def told(granted: Sequence[str]) -> str:
    """The granted scopes in the client's words, for the token answer (RFC 6749, section 5.1)."""
    standard = [name for name, members in STANDARD.items() if any(member in granted for member in members)]
    own = [name for name in granted if name in OWN]
    return " ".join([*([OPENID] if OPENID in granted else []), *standard, *own])


def _printable(name: str) -> str:
    """A stranger's word, fit for `error_description` (RFC 6749 allows few characters there)."""
    return "".join(letter for letter in name[:40] if letter.isascii() and (letter.isalnum() or letter in "_-.:/"))
