"""What of a stand's data goes on into another stand: everything but keys and whoever is on their way in or signed in.

A copy is a stand of its own: a token, a code or a cookie of the one must open nothing in the other
(`docs/architecture.md`, "Isolation").
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from sqlalchemy import delete, update
from sqlmodel import SQLModel, col

import portal.documents.models
import portal.files.models
import portal.notifications.models
import portal.patients.models
import portal.sign_in.models
import portal.support.models  # noqa: F401 - the sandbox program loads nothing else of the portal
import sandbox_idp.accounts.models
import sandbox_idp.cabinet.models
import sandbox_idp.clinic.models
import sandbox_idp.factors.models
import sandbox_idp.identity.models
import sandbox_idp.oauth.models
import sandbox_idp.recovery.models
import sandbox_idp.registration.models
import sandbox_idp.registries.models
import sandbox_idp.scenarios.models
import sandbox_idp.signature.models
import sandbox_idp.world.models  # noqa: F401 - each puts its room's tables into its program's metadata
from foundation.database import Database
from portal.tables import PortalTable
from sandbox_idp.oauth.models import SystemCertificate
from sandbox_idp.tables import SandboxTable

METADATA = MappingProxyType({"sandbox": SandboxTable.metadata, "portal": PortalTable.metadata})
"""Tables of both programs."""
VISITORS = MappingProxyType(
    {
        "sandbox": frozenset(
            {
                "authorization_code",
                "authorization_request",
                "captcha",
                "device",
                "gosuslugi_session",
                "identity_confirmation",
                "issued_token",
                "login_attempt",
                "mail_link",
                "one_time_code",
                "push_request",
                "registration",
                "password_recovery",
                "signature_authority",
                "signature_certificate",
                "signing_key",
                "totp_setup",
            }
        ),
        "portal": frozenset({"form_draft", "logout_token", "patient_session", "pending_sign_in"}),
    }
)
"""Tables that stay behind."""
BLANK: dict[str, dict[str, Any]] = {
    "sign_in_record": {"sid": None, "link_hash": None, "link_until": None},
    "sign_in": {"state": None, "request_id": None, "sid": None},
    "stand_state": {"portal_client_key": "", "portal_client_certificate": ""},
}
"""Columns that stay behind, with what stands in their place."""


def models(program: str) -> dict[str, type[SQLModel]]:
    """The model of each table that goes on, parents before their children."""
    base: type[SQLModel] = SandboxTable if program == "sandbox" else PortalTable
    by_table = {str(model.__tablename__): model for model in base.__subclasses__()}
    return {
        table.name: by_table[table.name]
        for table in METADATA[program].sorted_tables
        if table.name not in VISITORS[program]
    }


def forget_visitors(database: Database, portal_database: Database, mnemonic: str) -> None:
    """Take out of a copy what stays behind, and the certificate of its own portal (`mnemonic`)."""
    for program, each in (("sandbox", database), ("portal", portal_database)):
        with each.writing() as session:
            for table in reversed(METADATA[program].sorted_tables):
                if table.name in VISITORS[program]:
                    session.execute(delete(table))
                elif program == "sandbox" and table.name in BLANK:
                    session.execute(update(table).values(BLANK[table.name]))
            if program == "sandbox":
                session.execute(delete(SystemCertificate).where(col(SystemCertificate.mnemonic) == mnemonic))
