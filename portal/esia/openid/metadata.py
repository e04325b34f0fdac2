"""What a provider says of itself (OpenID Connect Discovery 1.0), asked for under its issuer and believed if it agrees.

Kept as the keys are: an outage of the address stops no sign-in once the description is known. A description that names
another issuer is never believed, whatever was known before.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from foundation.clock import Clock
from foundation.log import get_log
from portal.esia.errors import EsiaError, Malformed, MetadataUnavailable, Untrusted, WrongIssuer
from portal.esia.shapes import boolean, mapping, text, text_or_none

log = get_log("portal.esia")

CALL = "metadata"
ASKED_AGAIN = timedelta(minutes=1)
"""After this a description that could not be renewed is asked for again, not at every sign-in."""


@dataclass(frozen=True)
class Metadata:
    """The endpoints of a provider and what of it matters here."""

    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None
    names_issuer: bool
    """Every return says whose it is (RFC 9207)."""
    secret_in_form: bool
    """The secret goes into the form, because the provider does not take it in the header."""


def read_metadata(answer: Any, issuer: str) -> Metadata:
    """The description, if it is `issuer`'s, character by character (S-05).

    Raises WrongIssuer, or Malformed with the member that is missing or unfit.
    """
    item = mapping(answer, CALL)
    if text(item, "issuer", CALL) != issuer:
        raise WrongIssuer(call=CALL)
    methods = item.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    if not isinstance(methods, list) or not {"client_secret_basic", "client_secret_post"} & set(map(str, methods)):
        raise Malformed(call=CALL, detail="token_endpoint_auth_methods_supported")
    end_session = text_or_none(item, "end_session_endpoint", CALL)
    return Metadata(
        authorization_endpoint=_endpoint(item, "authorization_endpoint", issuer),
        token_endpoint=_endpoint(item, "token_endpoint", issuer),
        userinfo_endpoint=_endpoint(item, "userinfo_endpoint", issuer),
        jwks_uri=_endpoint(item, "jwks_uri", issuer),
        end_session_endpoint=_endpoint(item, "end_session_endpoint", issuer) if end_session else None,
        names_issuer=boolean(item, "authorization_response_iss_parameter_supported", CALL),
        secret_in_form="client_secret_basic" not in methods,
    )


def _endpoint(item: dict[str, Any], name: str, issuer: str) -> str:
    """An absolute address; never plain http where the issuer itself is https."""
    address = text(item, name, CALL)
    try:
        parts = urlsplit(address)
    except ValueError:
        raise Malformed(call=CALL, detail=name) from None
    allowed = ("https",) if urlsplit(issuer).scheme == "https" else ("http", "https")
    if parts.scheme not in allowed or not parts.hostname or parts.fragment or "@" in parts.netloc:
        raise Malformed(call=CALL, detail=name)
    return address


class MetadataStore:
    """The description of one provider, fetched when it is first needed and when it has grown old."""

    def __init__(self, clock: Clock, fetch: Callable[[], Metadata], *, kept_for: timedelta) -> None:
        """`fetch` raises EsiaError."""
        self._clock = clock
        self._fetch = fetch
        self._kept_for = kept_for
        self._lock = threading.Lock()
        self._known: Metadata | None = None
        self._stale_at: datetime | None = None

    def known(self) -> Metadata | None:
        """What is known; asks nothing."""
        with self._lock:
            return self._known

    def current(self) -> Metadata:
        """The description. Raises MetadataUnavailable where none can be had, else the kind of Untrusted it is."""
        with self._lock:
            known, stale_at = self._known, self._stale_at
        if known is not None and stale_at is not None and self._clock.now() < stale_at:
            return known
        try:
            fresh = self._fetch()
        except Untrusted:
            raise
        except EsiaError as error:
            log.warning("metadata_not_fetched", reason=error.reason)
            if known is None:
                raise MetadataUnavailable(call=CALL, detail=error.reason) from None
            self._keep(known, min(self._kept_for, ASKED_AGAIN))
            return known
        self._keep(fresh, self._kept_for)
        return fresh

    def _keep(self, metadata: Metadata, kept_for: timedelta) -> None:
        with self._lock:
            self._known, self._stale_at = metadata, self._clock.now() + kept_for
