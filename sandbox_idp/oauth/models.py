"""Information systems, pending sign-ins, codes and tokens of a stand."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, BigInteger, Column
from sqlmodel import Field

from sandbox_idp.tables import SandboxTable


class InformationSystem(SandboxTable, table=True):
    """A client of ESIA, as its card in the technological portal."""

    __tablename__ = "information_system"

    mnemonic: str = Field(primary_key=True)
    name: str = Field(description="full name, shown on the consent page")
    short_name: str = Field(description="shown on the login form after «для»")
    purpose: str = Field(default="", description="why it asks, shown on the consent page")
    redirect_hosts: list[str] = Field(
        sa_column=Column(JSON, nullable=False), description="scheme://host[:port] or full addresses"
    )
    strict_redirect: bool = Field(default=False, description="the address must equal a registered one exactly (S-18)")
    algorithm: str = "RS256"
    strict: bool = True
    integer_sub: bool = True
    require_pkce: bool = False
    scopes: list[str] = Field(sa_column=Column(JSON, nullable=False), description="what it may ask for")
    required_scopes: list[str] = Field(
        sa_column=Column(JSON, nullable=False), description="rights that can only be refused as a whole: shown fixed"
    )
    openid_secret_hash: str | None = Field(
        default=None, description="SHA-256 of the secret for the OpenID paths; none: no OpenID client"
    )
    backchannel_logout_uri: str | None = Field(
        default=None, description="where an OpenID client is told that a session has ended"
    )
    pkce_required: bool = Field(default=True, description="on the OpenID paths; `require_pkce` is for ESIA's (S-02)")


class SystemCertificate(SandboxTable, table=True):
    """A certificate of an information system; the sandbox trusts exactly these for its `client_secret`."""

    __tablename__ = "system_certificate"

    fingerprint: str = Field(primary_key=True, description="SHA-256 of the DER, hex")
    mnemonic: str = Field(foreign_key="information_system.mnemonic", index=True)
    pem: str
    not_before: datetime
    not_after: datetime


class SigningKey(SandboxTable, table=True):
    """A stand's own RSA key for codes and tokens."""

    __tablename__ = "signing_key"

    kid: str = Field(primary_key=True)
    algorithm: str = "RS256"
    private_pem: str
    certificate_pem: str = Field(description="for v1 clients, which check tokens with a certificate")
    created_at: datetime
    retired_at: datetime | None = None


class AuthorizationRequest(SandboxTable, table=True):
    """A sign-in that a system asked for and that is not finished: 60 minutes (`docs/policy.md`)."""

    __tablename__ = "authorization_request"

    id: str = Field(primary_key=True)
    mnemonic: str = Field(foreign_key="information_system.mnemonic")
    redirect_uri: str
    scopes: list[str] = Field(sa_column=Column(JSON, nullable=False))
    state: str
    nonce: str | None = None
    code_challenge: str | None = None
    access_type: str = "online"
    force_consent: bool = Field(default=False, description="prompt=consent: ask although it was granted before (R-017)")
    sign_in: int | None = Field(default=None, description="number of the sign-in in the scenario engine")
    issuer: str | None = Field(
        default=None, description="the stand's name as an OpenID provider; none: asked for on ESIA's paths"
    )
    signed_in_since: datetime | None = Field(
        default=None, description="a session that began earlier will not do (`prompt=login`, `max_age`)"
    )
    session_sid: str | None = Field(
        default=None, description="set by the person's own act: password and factor, or «Продолжить» (S-26)"
    )
    created_at: datetime
    expires_at: datetime
    finished_at: datetime | None = None
    outcome: str | None = Field(default=None, description="granted or denied, once finished")


class AuthorizationCode(SandboxTable, table=True):
    """A code that was handed out; single use (S-19). The code itself is a signed JWT, here only its hash."""

    __tablename__ = "authorization_code"

    code_hash: str = Field(primary_key=True)
    request_id: str = Field(unique=True, description="one sign-in never gets two codes (S-17, U-17)")
    mnemonic: str
    redirect_uri: str
    scopes: list[str] = Field(sa_column=Column(JSON, nullable=False))
    state: str
    nonce: str | None = None
    code_challenge: str | None = None
    access_type: str = "online"
    person_oid: int = Field(sa_type=BigInteger, foreign_key="person.oid")
    sid: str
    sign_in: int | None = None
    issued_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


class IssuedToken(SandboxTable, table=True):
    """An access or refresh token that was handed out, so that a used code can take it back."""

    __tablename__ = "issued_token"

    token_hash: str = Field(primary_key=True)
    kind: str = Field(description="access or refresh")
    code_hash: str = Field(index=True)
    mnemonic: str
    person_oid: int = Field(sa_type=BigInteger, foreign_key="person.oid")
    sid: str = Field(index=True)
    scopes: list[str] = Field(sa_column=Column(JSON, nullable=False))
    sign_in: int | None = None
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
