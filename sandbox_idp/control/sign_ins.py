"""A sign-in without the pages, for tests whose subject is what comes after it.

Everything is checked that the pages check, except what only a browser can show (password, code, cookies). What the
person would be told on a page is a problem here; where the browser would be sent is the answer.
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

from flask import request

from foundation import russian
from foundation.database import Session
from sandbox_idp.accounts import people
from sandbox_idp.accounts.models import GosuslugiSession, Person
from sandbox_idp.context import Stand, set_current_sign_in
from sandbox_idp.control.bodies import SignInBody
from sandbox_idp.control.calls import Answer
from sandbox_idp.control.problems import ProblemError, Wrong, invalid
from sandbox_idp.oauth import authorize, completion, consents, redirects, requests, rights
from sandbox_idp.oauth.models import AuthorizationRequest, InformationSystem
from sandbox_idp.oauth.openid import authorize as openid
from sandbox_idp.oauth.values import Parameters
from sandbox_idp.policy import current_policy
from sandbox_idp.scenarios import engine, sign_ins
from sandbox_idp.scenarios.exchange import use_exchange
from sandbox_idp.scenarios.points import Point, RedirectDraft
from sandbox_idp.sign_in import password, sessions, throttle

ESIA_PATH = "/aas/oauth2/ac"
OPENID_PATH = "/oauth2/authorize"


class SignInAnswer(Answer):
    """Where the browser would be sent."""

    location: str


def sign_in(stand: Stand, body: SignInBody) -> str:
    """Where the browser would be sent; raises ProblemError."""
    now = stand.clock.refresh()
    with use_exchange(None):
        try:
            return _sign_in(stand, body, now)
        finally:
            set_current_sign_in(None)


def _sign_in(stand: Stand, body: SignInBody, now: datetime) -> str:
    path, parameters = _asked(stand, body.authorize_url)
    with stand.database.reading() as session:
        try:
            asking, pending = _examined(session, stand, path, parameters, now)
        except authorize.RefusedError as refused:
            if refused.answer is authorize.Answer.REDIRECT:
                return _departing(refused.redirect_uri, refused.params)
            raise invalid([Wrong("/authorize_url", f"{refused.error.code}: {refused.error.text}")]) from None
        person, factor = _able(session, body.person, now)
        granted, acts = _decision(session, asking.card, pending, oid=person.oid, body=body, now=now)
    key = sign_ins.key_of(parameters.values) or pending.id
    pending.sign_in = sign_ins.bind_request(pending.id, system=pending.mnemonic, state=key)
    sign_ins.bind_person(person.oid)
    with stand.database.writing() as session:
        session.add(pending)
        living = sessions.start_session(session, person_oid=person.oid, second_factor=factor, now=now).record
        requests.attach_session(session, pending.id, living.sid)
        departure = _depart(session, stand, pending.id, living, granted, decided=bool(acts), now=now)
    sign_ins.bind_session(living.sid)
    for name in ("signed-in", *acts):
        engine.act(name, person_oid=person.oid, system=pending.mnemonic)
    return _departing(departure.redirect_uri, departure.params)


def _asked(stand: Stand, url: str) -> tuple[str, Parameters]:
    """On which of the two paths a sign-in is asked for, and with what."""
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    address = f"{parts.scheme}://{parts.netloc}{parts.path}"
    path = address.removeprefix(stand.idp_url)
    if address == path or path not in (ESIA_PATH, OPENID_PATH):
        own = f"{stand.idp_url}{ESIA_PATH}?… или {stand.idp_url}{OPENID_PATH}?…"
        raise invalid([Wrong("/authorize_url", f"Нужен адрес запроса на вход этого стенда: {own}")])
    return path, Parameters.of(parse_qsl(parts.query, keep_blank_values=True))


def _examined(
    session: Session, stand: Stand, path: str, parameters: Parameters, now: datetime
) -> tuple[authorize.Asking, AuthorizationRequest]:
    """The request after the checks of its path; raises authorize.RefusedError."""
    if path == ESIA_PATH:
        asking = authorize.examine(session, parameters, now)
        return asking, authorize.pending_request(asking, stand.ids)
    asking = openid.examine(session, parameters, now, issuer=stand.idp_url)
    return asking, openid.pending_request(asking, stand.ids)


def _able(session: Session, key: str, now: datetime) -> tuple[Person, str | None]:
    """The person and the second factor used, if the pages would let this person in now."""
    policy = current_policy()
    person = people.find_person(session, key)
    if person is None or person.state == "deleted":
        words = f"В стенде нет человека «{key}»."
        raise ProblemError(404, "unknown-person", words, [Wrong("/person", words)])
    locked = password.locked_whoever_typed(session, person, policy, now)
    if locked is not None:
        end = "восстановления пароля" if throttle.is_closed(locked.until, now) else russian.moment(locked.until)
        raise ProblemError(409, "locked", f"Вход этого человека закрыт до {end}.")
    if person.state != "active":
        raise ProblemError(409, "closed-account", "Учётная запись этого человека закрыта.")
    if person.must_change_password:
        raise ProblemError(409, "password-expired", "Этот человек должен сначала сменить пароль.")
    factors = people.usable_factors(session, person)
    if not factors and policy.twofa == "mandatory":
        raise ProblemError(409, "second-factor-off", "Второе подтверждение обязательно, а у этого человека выключено.")
    return person, {"sms": "otp", "totp": "totp"}[factors[0]] if factors else None


def _decision(
    session: Session,
    system: InformationSystem,
    pending: AuthorizationRequest,
    *,
    oid: int,
    body: SignInBody,
    now: datetime,
) -> tuple[list[str] | None, list[str]]:
    """The scopes granted (None: refused), and what the person did on the consent page, if it would have come."""
    earlier = consents.remembered(session, person_oid=oid, system=system, asked=pending.scopes, now=now)
    if earlier.scopes is not None and not pending.force_consent:
        return earlier.scopes, []
    asked = rights.rights_for(system, pending.scopes)
    optional = {right.key for right in asked if not right.required}
    wrong = [
        Wrong(f"/withhold/{number}", f"Такого необязательного права нет. Есть: {', '.join(sorted(optional))}.")
        for number, key in enumerate(body.withhold)
        if key not in optional
    ]
    if wrong:
        raise invalid(wrong)
    if body.consent == "refuse":
        return None, ["consent-refused"]
    chosen = [right.key for right in asked if right.key not in body.withhold]
    act = "consent-partial" if body.withhold else "consent-granted"
    return rights.granted_scopes(asked, chosen, pending.scopes), [act]


def _depart(
    session: Session,
    stand: Stand,
    request_id: str,
    living: GosuslugiSession,
    granted: list[str] | None,
    *,
    decided: bool,
    now: datetime,
) -> completion.Departure:
    browser = completion.Browser(request.remote_addr or "", request.user_agent.string[:500])
    if granted is None:
        return completion.deny(session, request_id, living, browser=browser, now=now)
    return completion.grant(
        session, request_id, living, scopes=granted, browser=browser, now=now, ids=stand.ids, decided=decided
    )


def _departing(redirect_uri: str, params: dict[str, str]) -> str:
    draft = engine.transform(Point.AUTHORIZE_REDIRECT, RedirectDraft(dict(params)))
    return redirects.with_query(redirect_uri, draft.params)
