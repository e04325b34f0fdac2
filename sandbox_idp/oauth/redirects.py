"""Addresses a browser may be sent back to (S-18, `docs/esia-protocol.md` "redirect_uri and the system card")."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from sandbox_idp.oauth.models import InformationSystem

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*|[0-9a-f:.]*:[0-9a-f:.]*", re.ASCII)
_UNSAFE = re.compile(r"[\x00-\x20\x7f-\x9f\\]")


@dataclass(frozen=True)
class Place:
    """Where an address leads: scheme, host and port."""

    scheme: str
    host: str
    port: int | None
    """None when the address names none."""

    @property
    def origin(self) -> str:
        """As CSP and the `Origin` header write it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port is None else f":{self.port}")


def place_of(address: str) -> Place | None:
    """The place of an absolute http(s) address without user name and fragment; None for anything else.

    Characters on which browsers and parsers disagree (backslash, blanks, control characters) are refused altogether.
    """
    if _UNSAFE.search(address):
        return None
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in _PORTS or not _HOST.fullmatch(host) or "@" in parts.netloc or "#" in address:
        return None
    return Place(parts.scheme, host, port)


def is_registered(redirect_uri: str, system: InformationSystem) -> bool:
    """Whether the system may have a browser sent to `redirect_uri`.

    A strict card demands one of its addresses exactly, character by character. Otherwise the host must equal a
    registered one or be a sub-domain of it; directories are not compared.
    """
    if place_of(redirect_uri) is None:
        return False
    if system.strict_redirect:
        return redirect_uri in system.redirect_hosts
    return leads_to_registered_host(redirect_uri, system)


def leads_to_registered_host(address: str, system: InformationSystem) -> bool:
    """Whether `address` is on a registered host; the whole rule for logout (S-25), half of it for sign-in."""
    asked = place_of(address)
    if asked is None:
        return False
    registered = (place_of(entry) for entry in system.redirect_hosts)
    return any(place is not None and _covers(place, asked) for place in registered)


def _covers(registered: Place, asked: Place) -> bool:
    if asked.scheme != registered.scheme:
        return False
    if asked.host != registered.host and not _is_subdomain(asked.host, registered.host):
        return False
    if registered.port is None and registered.host in _LOOPBACK:
        return True  # A developer's server takes whichever port is free.
    return _port(asked) == _port(registered)


def _is_subdomain(host: str, domain: str) -> bool:
    return host.endswith("." + domain) and not _is_number(domain)


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _port(place: Place) -> int:
    return _PORTS[place.scheme] if place.port is None else place.port


def sources(system: InformationSystem) -> list[str]:
    """What CSP's `form-action` must allow for this system: its hosts and, unless strict, their sub-domains (S-52)."""
    found: list[str] = []
    for entry in system.redirect_hosts:
        place = place_of(entry)
        if place is None:
            continue
        found.append(place.origin)
        if place.host in _LOOPBACK:
            if place.port is None:
                found.append(f"{place.origin}:*")
        elif not system.strict_redirect and not _is_number(place.host):
            found.append(Place(place.scheme, f"*.{place.host}", place.port).origin)
    return list(dict.fromkeys(found))


def with_query(address: str, params: dict[str, str]) -> str:
    """`address` with `params` added; an address that has a query of its own keeps it (quirk 19)."""
    joint = "?" if "?" not in address else "" if address.endswith(("?", "&")) else "&"
    return address + joint + urlencode(params)
