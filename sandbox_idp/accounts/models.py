"""People of a stand and what Gosuslugi knows of them.

Names of columns follow the words of the domain; `sandbox_idp.oauth.person_data` turns them into ESIA's JSON.
Numbers are stored as digits only, without spaces and dashes; phones as `+70001000001`.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, BigInteger, CheckConstraint, Column, Index, UniqueConstraint, false
from sqlmodel import Field

from sandbox_idp.tables import SandboxTable


class Person(SandboxTable, table=True):
    """One account of Gosuslugi."""

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("level in ('simplified', 'standard', 'confirmed', 'confirmed-signature')", name="level"),
        CheckConstraint("state in ('active', 'blocked', 'deleted')", name="state"),
        CheckConstraint("sex in ('F', 'M')", name="sex"),
    )

    oid: int = Field(sa_type=BigInteger, primary_key=True, description="ESIA's identifier, a JSON integer on the wire")
    persona: str | None = Field(default=None, unique=True, description="anna, viktor, …; none for others")
    surname: str
    name: str
    patronymic: str | None = None
    sex: str
    birth_date: date
    birth_place: str | None = None
    citizenship: str = "RUS"
    snils: str | None = Field(default=None, unique=True)
    inn: str | None = Field(default=None, unique=True)
    level: str
    state: str = "active"
    region: str = Field(description="two digits of the subject of the federation")
    zone: str = Field(description="IANA name, such as Europe/Moscow")
    password_hash: str
    must_change_password: bool = Field(
        default=False,
        sa_column_kwargs={"server_default": false()},
        description="the right password opens nothing but the form for a new one; never set by time (S-35)",
    )
    totp_secret: str | None = None
    totp_last_step: int | None = Field(default=None, description="the last step used: each works once (S-38)")
    sms_enabled: bool = True
    app_installed_at: datetime | None = Field(
        default=None,
        description="the mobile app is on the person's phone and receives pushes (S-40); none: there is none",
    )
    card_linked: bool = Field(default=True, description="a bank card is linked to the profile (R-076, R-077)")
    restricted_until: datetime | None = Field(
        default=None, description="until then what protects the account cannot be changed, after unusual activity"
    )
    created_at: datetime
    updated_at: datetime


class Contact(SandboxTable, table=True):
    """A phone or an e-mail address of a person."""

    __tablename__ = "contact"
    __table_args__ = (
        UniqueConstraint("type", "value", name="uq_contact_value"),
        CheckConstraint("type in ('MBT', 'PHN', 'EML')", name="type"),
    )

    id: int = Field(primary_key=True)
    person_oid: int = Field(sa_type=BigInteger, foreign_key="person.oid", index=True)
    type: str = Field(description="MBT mobile, PHN home phone, EML e-mail")
    value: str
    verified: bool = True


class Document(SandboxTable, table=True):
    """A document of a person or of a child; exactly one of the two owns it."""

    __tablename__ = "document"
    __table_args__ = (CheckConstraint("(person_oid is null) <> (child_id is null)", name="one_owner"),)

    id: int = Field(primary_key=True)
    person_oid: int | None = Field(sa_type=BigInteger, default=None, foreign_key="person.oid", index=True)
    child_id: int | None = Field(default=None, foreign_key="child.id", index=True)
    type: str = Field(description="RF_PASSPORT, MDCL_PLCY, RF_DRIVING_LICENSE, RF_BRTH_CERT, …")
    series: str | None = None
    number: str
    issued_on: date | None = None
    issued_by: str | None = None
    issuer_code: str | None = None
    expires_on: date | None = None
    act_number: str | None = None
    act_date: date | None = None
    verified: bool = True


class Child(SandboxTable, table=True):
    """A child in a person's profile."""

    __tablename__ = "child"

    id: int = Field(primary_key=True)
    parent_oid: int = Field(sa_type=BigInteger, foreign_key="person.oid", index=True)
    surname: str
    name: str
    patronymic: str | None = None
    sex: str
    birth_date: date
    snils: str | None = None


class Address(SandboxTable, table=True):
    """An address of a person: PRG of registration, PLV of residence."""

    __tablename__ = "address"

    id: int = Field(primary_key=True)
    person_oid: int = Field(sa_type=BigInteger, foreign_key="person.oid", index=True)
    type: str
    zip_code: str
    region: str
    city: str
    street: str
    house: str
    flat: str | None = None


class Organisation(SandboxTable, table=True):
    """An organisation that a person belongs to (scope `usr_org`); each is registered once."""

    __tablename__ = "organisation"
    __table_args__ = (UniqueConstraint("inn"), UniqueConstraint("ogrn"))

    oid: int = Field(sa_type=BigInteger, primary_key=True)
    person_oid: int = Field(sa_type=BigInteger, foreign_key="person.oid", index=True)
    full_name: str
    short_name: str
    ogrn: str
    inn: str | None = Field(default=None, description="ten digits; none: made before organisations had one here")
    type: str = "LEGAL"
    chief: bool = False
    phone: str | None = None
    email: str | None = None


class LoginThrottle(SandboxTable, table=True):
    """Wrong tries per login, known or not (S-32, S-34), per person's second factor and per network address.

    Keyed by an HMAC of what is counted, so that the table tells nobody which logins were typed.
    """

    __tablename__ = "login_throttle"

    login_hash: str = Field(primary_key=True)
    failures: int = 0
    locks: int = Field(
        default=0, sa_column_kwargs={"server_default": "0"}, description="in a row since the right one was given"
    )
    locked_until: datetime | None = None
    last_failure_at: datetime | None = None


class GosuslugiSession(SandboxTable, table=True):
    """A browser's session at Gosuslugi: 3 h, no idle limit, ended by its logout. The cookie holds the token itself."""

    __tablename__ = "gosuslugi_session"

    token_hash: str = Field(primary_key=True, description="SHA-256 of the cookie's value")
    sid: str = Field(unique=True, description="urn:esia:sid of every token made in this session")
    person_oid: int = Field(sa_type=BigInteger, foreign_key="person.oid", index=True)
    method: str = Field(default="PWD", description="amr: PWD or DS")
    second_factor: str | None = Field(default=None, description="acr 2fa: otp, totp, push; none: one factor only")
    authenticated_at: datetime
    confirmed_at: datetime | None = Field(default=None, description="when the person last confirmed who sits here")
    expires_at: datetime
    device: str = Field(
        default="", sa_column_kwargs={"server_default": ""}, description="of the browser, in words: «Chrome, Windows»"
    )
    address: str = Field(default="", sa_column_kwargs={"server_default": ""}, description="masked: 127.0.•.•")
    seen_at: datetime | None = Field(default=None, description="when it was last used, to the minute")
    ended_at: datetime | None = None


class LoginAttempt(SandboxTable, table=True):
    """A browser between the right password and the finished second factor (S-60: no step can be skipped)."""

    __tablename__ = "login_attempt"

    token_hash: str = Field(primary_key=True, description="SHA-256 of the cookie's value")
    person_oid: int = Field(sa_type=BigInteger, foreign_key="person.oid", index=True)
    request_id: str | None = Field(default=None, description="the pending authorization request, if one")
    stage: str = Field(default="factor", description="factor, enrol-sms, enrol-more, done")
    wrong_codes: int = Field(default=0, description="wrong codes of the app and backup codes in this attempt")
    second_factor: str | None = Field(
        default=None, description="the factor that was right, while a page asks for another one to be connected"
    )
    new_password_hash: str | None = Field(
        default=None, description="the new password of somebody who must change it: it holds once the factor is right"
    )
    login_hash: str = Field(description="of the login that was typed, for the device that will remember it")
    login_masked: str = Field(description="the same, as it may be shown")
    created_at: datetime
    expires_at: datetime


class OneTimeCode(SandboxTable, table=True):
    """A code sent to somebody; stored hashed (S-37), bound to one errand (S-36)."""

    __tablename__ = "one_time_code"
    __table_args__ = (Index("ix_one_time_code_slot", "slot", "purpose"),)

    id: str = Field(primary_key=True)
    slot: str = Field(description="the errand: hash of an attempt's token, id of a registration, …")
    person_oid: int | None = Field(sa_type=BigInteger, default=None, foreign_key="person.oid", index=True)
    purpose: str = Field(description="login, enrol, …: several codes of one errand")
    code_hash: str
    sent_to: str
    message_id: int | None = Field(default=None, foreign_key="message.id", description="the message that carried it")
    address: str = Field(default="", description="network address of the browser that asked for it (S-39)")
    sent_at: datetime
    expires_at: datetime
    attempts_left: int
    used_at: datetime | None = None
    replaced_at: datetime | None = None


class EarlierPassword(SandboxTable, table=True):
    """A password that a person had before, so that it is not taken again (R-133)."""

    __tablename__ = "earlier_password"

    id: int | None = Field(default=None, primary_key=True)
    person_oid: int = Field(sa_type=BigInteger, foreign_key="person.oid", index=True)
    password_hash: str
    replaced_at: datetime


class Captcha(SandboxTable, table=True):
    """Figures in a picture and a recording, to be typed once (R-100).

    Neither they nor the key that they follow from lie here.
    """

    __tablename__ = "captcha"

    token_hash: str = Field(primary_key=True, description="SHA-256 of the key that the form carries")
    created_at: datetime
    expires_at: datetime
    opens_at: datetime | None = Field(default=None, description="somebody who can do neither waits until then instead")


class Device(SandboxTable, table=True):
    """A browser that remembers who signed in last («Другой пользователь» forgets it)."""

    __tablename__ = "device"

    token_hash: str = Field(primary_key=True)
    person_oid: int = Field(sa_type=BigInteger, foreign_key="person.oid", index=True)
    login_hash: str = Field(description="keyed hash of the login typed then, so that its counter goes on (S-32)")
    login_masked: str = Field(description="+7 000 •••-••-01")
    seen_at: datetime


class Consent(SandboxTable, table=True):
    """Rights that a person granted to an information system (S-23, S-64)."""

    __tablename__ = "consent"
    __table_args__ = (Index("ix_consent_person_system", "person_oid", "system"),)

    id: str = Field(primary_key=True)
    person_oid: int = Field(sa_type=BigInteger, foreign_key="person.oid")
    system: str = Field(description="mnemonic of the information system")
    asked_scopes: list[str] = Field(sa_column=Column(JSON, nullable=False))
    granted_scopes: list[str] = Field(sa_column=Column(JSON, nullable=False))
    text_version: str
    text_hash: str
    address: str = Field(description="network address of the browser")
    granted_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
