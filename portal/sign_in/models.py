"""Sign-ins that are under way, sessions, and what is kept over the end of one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Column
from sqlmodel import Field

from portal.tables import PortalTable


class PendingSignIn(PortalTable, table=True):
    """A browser sent to Gosuslugi: kept for ten minutes, used once (S-03)."""

    __tablename__ = "pending_sign_in"

    state_hash: str = Field(primary_key=True, description="SHA-256 of `state`")
    browser_hash: str = Field(description="SHA-256 of the browser's sign-in cookie")
    next: str = Field(description="local path to go to afterwards")
    ask_consent: bool = Field(default=False, description="the person wants to be asked for the rights again (R-017)")
    nonce: str | None = None
    code_verifier: str | None = None
    created_at: datetime
    expires_at: datetime = Field(index=True, description="rows long over are thrown away")
    used_at: datetime | None = None


class PatientSession(PortalTable, table=True):
    """A signed-in browser. The cookie holds an opaque id, here is its hash; the row can be ended (S-43, S-46, S-48)."""

    __tablename__ = "patient_session"

    id_hash: str = Field(primary_key=True)
    patient_id: str = Field(foreign_key="patient.id", index=True)
    created_at: datetime
    seen_at: datetime
    expires_at: datetime = Field(description="absolute end; the idle end is `seen_at` plus the setting")
    address: str
    user_agent: str
    sid: str | None = Field(default=None, index=True, description="urn:esia:sid, for a logout that Gosuslugi begins")
    scopes: list[str] = Field(sa_column=Column(JSON, nullable=False), description="rights that were granted")
    access_token: str | None = Field(default=None, description="encrypted; gone when its hour is over")
    access_expires_at: datetime | None = None
    stale: bool = Field(default=False, description="opened on stored data because the person call failed")
    acting_for: str | None = Field(default=None, description="the child that the patient acts for, by its id here")
    ended_at: datetime | None = None
    ended_reason: str | None = Field(default=None, description="logout, idle, absolute, elsewhere, replaced")


class FormDraft(PortalTable, table=True):
    """What a patient had typed into a page when the session ended (U-30): for a day, and for nobody else."""

    __tablename__ = "form_draft"

    patient_id: str = Field(foreign_key="patient.id", primary_key=True)
    page: str = Field(primary_key=True, description="local path of the page that the form stands on, with its query")
    sealed: str = Field(description="the fields, encrypted; they open only for this patient and page")
    saved_at: datetime
    expires_at: datetime = Field(index=True)


class LogoutToken(PortalTable, table=True):
    """A logout token that was believed, so that it is believed once (OpenID Connect Back-Channel Logout 1.0, 2.6)."""

    __tablename__ = "logout_token"

    jti_hash: str = Field(primary_key=True, description="SHA-256 of issuer and `jti`")
    expires_at: datetime = Field(index=True, description="rows long over are thrown away")
