"""What an OpenID client is refused with: the standard's names, one type per reason (RFC 6749, OpenID Connect Core).

They are refusals like ESIA's, so that the same checks, pages and journal serve both; they have no code of ESIA's.
"""

from __future__ import annotations

from sandbox_idp.oauth.errors import EsiaError


class OpenIdError(EsiaError):
    """Base. The description is for the client's developer and names no person."""

    code = ""
    text = ""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said

    @property
    def description(self) -> str:
        return self.said

    @property
    def plain(self) -> str:
        return self.said


class RequestWrongError(OpenIdError):
    """A parameter is missing, impossible or contradicts another."""

    oauth = "invalid_request"


class ScopeRefusedError(OpenIdError):
    """A scope does not exist or is not on the system's card (S-22)."""

    oauth = "invalid_scope"


class SignInNeededError(OpenIdError):
    """`prompt=none`: nobody is signed in here without an act of his own (S-26)."""

    oauth = "login_required"


class RequestObjectError(OpenIdError):
    """A request object by value (OpenID Connect Core 6.1)."""

    oauth = "request_not_supported"


class RequestUriError(OpenIdError):
    """A request object by reference (OpenID Connect Core 6.2)."""

    oauth = "request_uri_not_supported"


class ClientRefusedError(OpenIdError):
    """The client could not be authenticated (S-21); which part was wrong is not told."""

    oauth = "invalid_client"

    def __init__(self) -> None:
        super().__init__("The client could not be authenticated.")


class TokenRefusedError(OpenIdError):
    """The access token is unknown, expired or revoked (RFC 6750)."""

    oauth = "invalid_token"

    def __init__(self) -> None:
        super().__init__("The access token is unknown, expired or revoked.")


class ScopeMissingError(OpenIdError):
    """The access token does not open what is asked for (RFC 6750)."""

    oauth = "insufficient_scope"
