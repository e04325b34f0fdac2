"""What ESIA answers to a request it refuses: one type per reason, each with ESIA's code and the OAuth name of it.

    EsiaError
    ├── UnknownClientError, ForeignRedirectError          stay on a page of Gosuslugi (S-18)
    ├── ParameterMissingError, ParameterWrongError, TimestampWrongError, …
    └── SecretError                             `client_secret` is refused, with a diagnosis
        ├── SecretUnreadableError, AlgorithmUnsupportedError
        ├── CertificateForeignError, CertificateNotActiveError
        └── OtherStringSignedError, SignatureWrongError

The English text goes over the wire (`ESIA-NNNNNN: text`); the diagnosis never does: it is for the journal.
"""

from __future__ import annotations

from typing import Any, ClassVar


class EsiaError(Exception):
    """Base: a request is refused with this code."""

    code: ClassVar[str]
    oauth: ClassVar[str]
    text: ClassVar[str]

    @property
    def description(self) -> str:
        """The value of `error_description`."""
        return f"{self.code}: {self.text}"

    @property
    def plain(self) -> str:
        """The same without ESIA's code, for OpenID clients, who do not know such codes."""
        return self.description.removeprefix(f"{self.code}: ")


class CertificateOrSystemUnknownError(EsiaError):
    """Base of what ESIA-007002 is said to: no such pair of certificate and system."""

    code = "ESIA-007002"
    oauth = "unauthorized_client"
    text = "The certificate does not belong to the client or the client has no certificate."


class ParameterWrongError(EsiaError):
    """A parameter has a value that cannot be, or is given more than once with different values."""

    code = "ESIA-007003"
    oauth = "invalid_request"
    text = "The request is missing a required parameter, includes an invalid parameter value or repeats a parameter"

    def __init__(self, parameter: str) -> None:
        super().__init__(parameter)
        self.parameter = parameter

    @property
    def description(self) -> str:
        return f"{self.code}: {self.text} [{self.parameter}]."


class DeniedError(EsiaError):
    """The person pressed «Отказать» (S-24)."""

    code = "ESIA-007004"
    oauth = "access_denied"
    text = "The resource owner or authorization server denied the request."


class ScopeUnknownError(EsiaError):
    """No such scope (S-22)."""

    code = "ESIA-007006"
    oauth = "invalid_scope"
    text = "The requested scope is invalid, unknown, or malformed."

    def __init__(self, scopes: list[str]) -> None:
        super().__init__(" ".join(scopes))
        self.scopes = scopes


class ResponseTypeUnsupportedError(EsiaError):
    """`response_type` is not `code` (S-01)."""

    code = "ESIA-007009"
    oauth = "unsupported_response_type"
    text = "The authorization server does not support obtaining an access token using this method."


class GrantInvalidError(EsiaError):
    """The code or refresh token is unknown, used, expired, of another system or address; `reason` says which."""

    code = "ESIA-007011"
    oauth = "invalid_grant"
    text = (
        "The provided authorization grant or refresh token is invalid, expired, revoked, does not match "
        "the redirection URI used in the authorization request, or was issued to another client."
    )

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class GrantTypeUnsupportedError(EsiaError):
    """`grant_type` is neither `authorization_code` nor `refresh_token`."""

    code = "ESIA-007012"
    oauth = "unsupported_grant_type"
    text = "The authorization grant type is not supported by the authorization server."


class ParameterMissingError(EsiaError):
    """A mandatory parameter is absent or empty."""

    code = "ESIA-007014"
    oauth = "invalid_request"
    text = "The request doesn`t contain the mandatory parameter"

    def __init__(self, parameter: str) -> None:
        super().__init__(parameter)
        self.parameter = parameter

    @property
    def description(self) -> str:
        return f"{self.code}: {self.text} [{self.parameter}]."


class TimestampWrongError(EsiaError):
    """`timestamp` cannot be read, or is more than five minutes from the stand's clock."""

    code = "ESIA-007015"
    oauth = "invalid_request"
    text = "The request time is invalid."

    def __init__(self, value: str, reason: str) -> None:
        super().__init__(reason)
        self.value = value
        self.reason = reason


class ScopeNotGrantedError(EsiaError):
    """The scope exists but is not on the system's card (S-22)."""

    code = "ESIA-007019"
    oauth = "access_denied"
    text = "OAuthErrorEnum.noGrants"

    def __init__(self, scopes: list[str]) -> None:
        super().__init__(" ".join(scopes))
        self.scopes = scopes


class ForeignRedirectError(EsiaError):
    """`redirect_uri` is none of the system's: shown here, never followed (S-18)."""

    code = "ESIA-007023"
    oauth = "invalid_request"
    text = "The redirect_uri is not among the permitted ones of the client."


class ChallengeMissingError(EsiaError):
    """A `code_verifier` came although no `code_challenge` had been sent."""

    code = "ESIA-007039"
    oauth = "invalid_request"
    text = "The original request did not contain the parameter [code_challenge]."


class ChallengeFailedError(EsiaError):
    """`code_verifier` does not fit the `code_challenge` (S-20)."""

    code = "ESIA-007040"
    oauth = "invalid_grant"
    text = "The code_verifier does not match the code_challenge."


class UnknownClientError(EsiaError):
    """No information system of this mnemonic: shown here, never sent anywhere (S-18)."""

    code = "ESIA-008010"
    oauth = "invalid_client"
    text = "The client could not be authenticated."


class SecretError(EsiaError):
    """`client_secret` is refused. `diagnosis` says why, for the journal: no key, no signature in it."""

    code = "ESIA-007053"
    oauth = "access_denied"
    text = "OAuthErrorEnum.clientSecretWrong"
    reason: ClassVar[str]

    def __init__(self, advice: str, **facts: Any) -> None:
        super().__init__(advice)
        self.diagnosis: dict[str, Any] = {"reason": self.reason, "advice": advice, **facts}


class SecretUnreadableError(SecretError):
    """Not base64url, or not a CMS SignedData."""

    reason = "unreadable"


class AlgorithmUnsupportedError(SecretError):
    """Signed with another algorithm than RSA with SHA-256."""

    reason = "algorithm"


class CertificateForeignError(SecretError):
    """The certificate is not one of this system's."""

    code = CertificateOrSystemUnknownError.code
    oauth = CertificateOrSystemUnknownError.oauth
    text = CertificateOrSystemUnknownError.text
    reason = "certificate-foreign"


class CertificateNotActiveError(SecretError):
    """The certificate is the system's, but expired or not valid yet on the stand's clock."""

    reason = "certificate-not-active"


class OtherStringSignedError(SecretError):
    """Another string was signed than the one ESIA expects."""

    reason = "other-string"


class SignatureWrongError(SecretError):
    """The signature does not verify with the certificate's key."""

    reason = "signature"
