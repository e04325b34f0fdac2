"""ESIA on the wire."""

from __future__ import annotations

from datetime import datetime

from foundation.database import Session
from foundation.ids import Ids

PORTAL_SCOPES = (
    "openid fullname email birth_cert_doc kid_medical_doc drivers_licence_doc kid_fullname snils contacts addresses "
    "inn medical_doc birthdate usr_org kid_birth_cert_doc kid_birthdate"
)
"""The sixteen scopes of our own portal, on thirteen lines of the consent page."""


def seed(session: Session) -> None:
    """Put the information systems that every stand knows into a new template."""
    from sandbox_idp.oauth import rights, systems  # Here, because the house of stands imports this room at its start.

    card = systems.Card(
        mnemonic=rights.HOME_SYSTEM,
        name="Региональная медицинская информационная система (РС ЕГИСЗ)",
        short_name="РС ЕГИСЗ",
        purpose="Открыть личный кабинет пациента и записывать к врачу вас и ваших детей",
        redirect_hosts=(),
        scopes=PORTAL_SCOPES.split(),
        strict_redirect=True,
        required_scopes=("openid", "fullname", "snils"),
    )
    systems.register(session, card)


def personalise(
    session: Session,
    *,
    signing_key: str,
    mnemonic: str,
    certificate: str,
    openid_secret: str,
    redirect_uri: str,
    logout_uri: str,
    now: datetime,
    ids: Ids,
) -> None:
    """Give a new stand its signing key, and put our own portal's certificate, secret and exact address on its card."""
    from sandbox_idp.oauth import signing_keys, systems
    from sandbox_idp.oauth.models import InformationSystem

    signing_keys.add_key(session, signing_key, now=now, ids=ids)
    system = session.get_one(InformationSystem, mnemonic)
    system.redirect_hosts = [redirect_uri]
    system.backchannel_logout_uri = logout_uri
    system.openid_secret_hash = systems.secret_hash(openid_secret)
    session.add(system)
    systems.add_certificate(session, mnemonic, certificate)
