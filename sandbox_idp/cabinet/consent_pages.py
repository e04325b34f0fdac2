"""«Согласия»: to whom the person has granted which rights, taking them back, and the record of each (S-23, S-64)."""

from __future__ import annotations

import json
from dataclasses import dataclass

from flask import Response, abort, request

from foundation.database import Session
from foundation.russian import moment
from foundation.web.browsers import masked_address
from sandbox_idp.accounts.models import Consent
from sandbox_idp.cabinet import access, guard, notices, views
from sandbox_idp.cabinet.guard import SignedIn
from sandbox_idp.cabinet.notices import Link
from sandbox_idp.context import current_stand
from sandbox_idp.oauth import consents, rights
from sandbox_idp.oauth.models import InformationSystem
from sandbox_idp.oauth.scopes import TITLES
from sandbox_idp.scenarios import engine
from sandbox_idp.sign_in.views import go


@dataclass(frozen=True)
class Shown:
    """A consent as it stands on a page."""

    consent: Consent
    system_name: str
    purpose: str
    rights: list[str]
    """Titles of what was granted."""
    withheld: list[str]
    """Titles of what was asked for and not granted."""

    @property
    def term(self) -> str:
        """Until when it holds."""
        return f"до {moment(self.consent.expires_at)}" if self.consent.expires_at else "до отзыва"


def consents_page() -> Response:
    """What is in force, and what was before (screen `cabinet-consents`)."""
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.reading() as session:
        here = guard.signed_in(session, now)
        shown = [_shown(session, each) for each in access.consents_in_force(session, here.person.oid, now)]
        earlier = [_shown(session, each) for each in access.earlier_consents(session, here.person.oid, now)]
        return views.show(
            session,
            here,
            "consents.html",
            consents=shown,
            earlier=earlier,
            withdrawn=bool(request.args.get("withdrawn")),
        )


def withdraw(consent_id: str) -> Response:
    """What will happen, before it does (screen `consent-withdraw`)."""
    with current_stand().database.reading() as session:
        here = guard.signed_in(session)
        shown = _shown(session, _own(session, here, consent_id))
        if shown.consent.revoked_at is not None:
            return go(views.address("cabinet.consents"))
        return views.show(session, here, "consent_withdraw.html", shown=shown)


def withdraw_sent(consent_id: str) -> Response:
    """Take the consent back: the system's tokens for this person end at once (S-23)."""
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.writing() as session:
        here = guard.signed_in(session, now)
        consent = _own(session, here, consent_id)
        before = consent.revoked_at is not None
        if not before:
            consents.withdraw(session, person_oid=here.person.oid, mnemonic=consent.system, now=now)
            name = _shown(session, consent).system_name
            text = f"Система «{name}» больше не получит ваши данные. При следующем входе она снова спросит разрешения."
            link = Link("/cabinet/consents", "Согласия")
            notices.notify(session, here.person, "Согласие отозвано", text, ways=["mail"], link=link)
    if not before:
        engine.act("consent-withdrawn", person_oid=here.person.oid, system=consent.system)
    return go(views.address("cabinet.consents", withdrawn=1))


def consent_record(consent_id: str) -> Response:
    """The record as a file: who, to whom, what, which text, when, from where, until when (S-64).

    It tells much at once, so it is given out only to somebody who has just confirmed who sits here.
    """
    with current_stand().database.reading() as session:
        here = guard.confirmed(session)
        consent = _own(session, here, consent_id)
        shown = _shown(session, consent)
        person = here.person
    content = {
        "запись": consent.id,
        "кто": {"фамилия": person.surname, "имя": person.name, "отчество": person.patronymic, "oid": person.oid},
        "кому": {"мнемоника": consent.system, "название": shown.system_name, "цель": shown.purpose},
        "права": [{"scope": scope, "название": TITLES.get(scope, scope)} for scope in consent.granted_scopes],
        "не предоставлено": [scope for scope in consent.asked_scopes if scope not in consent.granted_scopes],
        "текст": {"версия": consent.text_version, "sha256": consent.text_hash},
        "дано": consent.granted_at.isoformat(),
        "сетевой адрес": masked_address(consent.address),
        "срок": consent.expires_at.isoformat() if consent.expires_at else "до отзыва",
        "отозвано": consent.revoked_at.isoformat() if consent.revoked_at else None,
    }
    answer = Response(json.dumps(content, ensure_ascii=False, indent=2) + "\n", content_type="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="consent-{consent.granted_at:%Y-%m-%d}.json"'
    return answer


def _own(session: Session, here: SignedIn, consent_id: str) -> Consent:
    """The person's own consent of that id; 404 for anybody else's, so that nothing is told of it."""
    found = session.get(Consent, consent_id)
    if found is None or found.person_oid != here.person.oid:
        abort(404)
    return found


def _shown(session: Session, consent: Consent) -> Shown:
    system = session.get(InformationSystem, consent.system)
    if system is None:
        asked, granted = consent.asked_scopes, set(consent.granted_scopes)
        titles = {scope: TITLES.get(scope, scope) for scope in asked}
        return Shown(
            consent,
            consent.system,
            "",
            [titles[scope] for scope in asked if scope in granted],
            [titles[scope] for scope in asked if scope not in granted],
        )
    lines = rights.rights_for(system, consent.asked_scopes)
    granted = set(consent.granted_scopes)
    return Shown(
        consent,
        system.name,
        system.purpose,
        [line.title for line in lines if granted & set(line.scopes)],
        [line.title for line in lines if not granted & set(line.scopes)],
    )
