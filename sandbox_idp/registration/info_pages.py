"""Pages around the wizard: the documents, the help article and service centres (R-007, R-010, R-012)."""

from __future__ import annotations

from flask import Response

from sandbox_idp.context import current_stand
from sandbox_idp.policy import current_policy
from sandbox_idp.registration import centre_visits, centres, documents, views, wizard
from sandbox_idp.registration.documents import LegalText
from sandbox_idp.sign_in.pending import Visit
from sandbox_idp.sign_in.views import go


def terms() -> Response:
    """«Условия использования»."""
    return _document("terms", documents.TERMS)


def privacy() -> Response:
    """«Политика конфиденциальности»."""
    return _document("privacy", documents.PRIVACY)


def consent() -> Response:
    """The consent to the processing of personal data: a document of its own (C-19)."""
    return _document("register-consent", documents.CONSENT)


def how_to() -> Response:
    """«Как зарегистрироваться на портале» (R-012)."""
    return views.show("how_to.html", visit=errand(), rule=current_policy().password.words())


def centre_list() -> Response:
    """«Зарегистрироваться в центре обслуживания» (R-010)."""
    return views.show("centres.html", visit=errand(), centres=centres.CENTRES)


def centre() -> Response:
    """The visit that is not made yet: where to, what to bring, and whether the operator has confirmed."""
    stand = current_stand()
    with stand.database.reading() as session:
        place = wizard.at_hand(session, stand.clock.now(), wizard.CENTRE)
    registration = place.registration
    return views.show(
        "centre.html",
        visit=place.visit,
        registration=registration,
        centre=centres.BY_ID[registration.centre or ""],
        confirmed=registration.identified_at is not None,
        resumed=views.resumed(),
    )


def centre_go_on() -> Response:
    """«Продолжить регистрацию», once the operator has confirmed: on to the code by SMS."""
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.writing() as session:
        place = wizard.at_hand(session, now, wizard.CENTRE, hold=True)
        if place.registration.identified_at is not None:
            centre_visits.go_on(session, place.registration, address=views.network_address(), now=now)
    return go(place.page())


def _document(screen: str, text: LegalText) -> Response:
    return views.show("document.html", visit=errand(), screen=screen, document=text)


def errand() -> Visit:
    """These pages open with a request, with a registration, and without either."""
    stand = current_stand()
    now = stand.clock.now()
    with stand.database.reading() as session:
        return wizard.errand(session, wizard.under_way(session, now), now)
