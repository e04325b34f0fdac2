"""The first step of the wizard, and going back to where one stopped."""

from __future__ import annotations

from datetime import datetime

from flask import Response, request

from foundation import log
from foundation.database import Session
from sandbox_idp.context import current_stand
from sandbox_idp.policy import current_policy
from sandbox_idp.registration import centres, phone_codes, views, wizard
from sandbox_idp.registration.centres import Centre
from sandbox_idp.registration.forms import StartForm
from sandbox_idp.registration.wizard import Begun
from sandbox_idp.scenarios import engine
from sandbox_idp.sign_in.codes import TooSoonError
from sandbox_idp.sign_in.pending import Visit
from sandbox_idp.sign_in.views import go

_log = log.get_log("sandbox_idp.registration")

_ACTS = {"surname": "register-bad-name", "name": "register-bad-name"} | {
    "phone": "register-bad-phone",
    "email": "register-bad-email",
}


def start() -> Response:
    """«Регистрация»: the four fields; whoever has got further is led to where they stopped."""
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.reading() as session:
        found = wizard.under_way(session, now)
        visit = wizard.errand(session, found, now)
    changing = request.args.get("change") == "yes" or "centre" in request.args
    if found is not None and found.stage == wizard.DONE:
        found = None
    if found is not None and not (changing and found.stage in (wizard.CODE, wizard.CENTRE)):
        engine.act("register-interrupted", stage=found.stage)
        return go(visit.address(f"registration.{found.stage}", resumed="yes"))
    form = StartForm(formdata=None)
    form.draft.data = stand.ids.token()
    if found is not None:
        form.surname.data, form.name.data, form.email.data = found.surname, found.name, found.mail
        form.phone.data = found.phone
    return _page(visit, form, _centre())


def start_sent() -> Response:
    """«Зарегистрироваться»: the row is made and a code is on its way, whether the phone is known or not (S-32)."""
    if request.form.get("action") == "start-over":
        return _start_over()
    stand = current_stand()
    now = stand.clock.now()
    form = StartForm()
    centre = _centre()
    with stand.database.reading() as session:
        visit = wizard.errand(session, wizard.under_way(session, now), now)
    if not form.validate():
        for act in dict.fromkeys(_ACTS[name] for name in form.errors if name in _ACTS):
            engine.act(act)
        return _page(visit, form, centre, 422)
    try:
        with stand.database.writing() as session:
            begun = _begin(session, form, visit, centre, now)
    except TooSoonError as error:
        engine.act("register-sms-limit")
        form.phone.errors = [
            f"На этот номер отправили слишком много кодов. Новый можно получить {views.later(error.at, now)}."
        ]
        return _page(visit, form, centre, 429, retry_after=error.at - now)
    _log.info("registration_begun", centre=begun.registration.centre or "none")
    if begun.registration.centre is not None:
        engine.act("centre-chosen")
    response = go(visit.address(f"registration.{begun.registration.stage}"))
    wizard.write(response, begun.token)
    return response


def _begin(session: Session, form: StartForm, visit: Visit, centre: Centre | None, now: datetime) -> Begun:
    address = views.network_address()
    begun = wizard.begin(session, form, visit, address=address, centre=centre.id if centre else None, now=now)
    if begun.registration.stage == wizard.CODE:
        phone_codes.send_first(session, begun.registration, address=address, policy=current_policy(), now=now)
    return begun


def _start_over() -> Response:
    stand = current_stand()
    with stand.database.writing() as session:
        visit = wizard.errand(session, wizard.under_way(session, stand.clock.now()), stand.clock.now())
        wizard.give_up(session)
    response = go(visit.address("registration.start"))
    wizard.cookie().delete(response)
    return response


def _centre() -> Centre | None:
    return centres.BY_ID.get(request.args.get("centre", ""))


def _page(visit: Visit, form: StartForm, centre: Centre | None, status: int = 200, **values: object) -> Response:
    return views.show("start.html", status, visit=visit, form=form, centre=centre, **values)  # type: ignore[arg-type]
