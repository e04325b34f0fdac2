"""Calling the doctor home (R-038, R-040): three fields, filled in from Gosuslugi where it knows, and a look at them."""

from __future__ import annotations

import re

from flask import Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse
from wtforms import StringField, TextAreaField
from wtforms.validators import ValidationError

from foundation import russian
from portal.appointments.booking import unanswered
from portal.appointments.refusals import OtherPersonError
from portal.appointments.room import Booker, address, blueprint, page, somebody, who_books
from portal.appointments.rules import NowhereAttachedError
from portal.clinic.errors import NoAnswerError, StateError
from portal.clinic.telling import call_of
from portal.doors import doors
from portal.patients.view import contact
from portal.sign_in.drafts import KeptForm
from portal.sign_in.sessions import login_required
from portal.web.form_keys import new_form_key, read_form_key

LONGEST_ADDRESS = 200
LONGEST_COMPLAINT = 500
SHORTEST_ADDRESS = 8
_PHONE = re.compile(r"[78]\d{10}", re.ASCII)
_IGNORED = re.compile(r"[\s()+\-\u2010-\u2015\u00a0\u200b-\u200f\ufeff]")


class HomeVisitForm(KeptForm):
    """Where the doctor goes, how to ring, and why."""

    address = StringField("Адрес, по которому приедет врач")
    phone = StringField("Телефон для связи")
    complaint = TextAreaField("Что беспокоит")

    def validate_address(self, field: StringField) -> None:
        text = " ".join((field.data or "").split())
        if not text:
            raise ValidationError("Введите адрес: город, улицу, дом и квартиру")
        if len(text) < SHORTEST_ADDRESS:
            raise ValidationError("Введите адрес полностью: город, улицу, дом и квартиру")
        if len(text) > LONGEST_ADDRESS:
            raise ValidationError(f"Сократите адрес до {LONGEST_ADDRESS} знаков: сейчас {len(text)}")

    def validate_phone(self, field: StringField) -> None:
        digits = _IGNORED.sub("", field.data or "")
        if not digits:
            raise ValidationError("Введите телефон, по которому врач сможет позвонить")
        if not _PHONE.fullmatch(digits):
            raise ValidationError("Введите телефон полностью, 11 цифр: например, +7 (000) 100-00-01")

    def validate_complaint(self, field: StringField) -> None:
        text = (field.data or "").strip()
        if not text:
            raise ValidationError("Напишите, что беспокоит: врач возьмёт с собой нужное")
        if len(text) > LONGEST_COMPLAINT:
            raise ValidationError(f"Сократите рассказ до {LONGEST_COMPLAINT} знаков: сейчас {len(text)}")

    @property
    def given(self) -> dict[str, str]:
        """What was typed, as it is sent to the clinic."""
        digits = _IGNORED.sub("", self.phone.data or "")
        return {
            "address": " ".join((self.address.data or "").split()),
            "phone": russian.phone("+7" + digits[1:]),
            "complaint": " ".join((self.complaint.data or "").split()),
        }


def _known(who: Booker) -> dict[str, str]:
    """Address and phone as Gosuslugi told them; empty where it did not."""
    _, items, _ = who.here.read()
    data = items["contacts"].data if items["contacts"].state == "loaded" else {}
    phones = [one for one in data.get("contacts", []) if one["kind"] == "MBT"]
    places = sorted(data.get("addresses", []), key=lambda one: one["kind"] != "PLV")
    return {
        "address": places[0]["text"] if places else "",
        "phone": contact(phones[0]["value"], "MBT") if phones else "",
    }


def _form_page(who: Booker, form: HomeVisitForm, status: int = 200) -> Response:
    visits = who.bookings.home_visits(who.card.id)
    return page(
        "home_visit.html",
        who,
        status,
        form=form,
        known=_known(who),
        open_visits=[one for one in visits if one.state == "accepted"],
        past_visits=[one for one in visits if one.state != "accepted"],
        attachment=who.card.attachment,
        done=request.args.get("done", ""),
    )


def _demand_attachment(who: Booker) -> None:
    if who.card.attachment is None or who.card.attachment.state != "attached":
        raise NowhereAttachedError(None)


@blueprint.get("/home-visit")
@login_required
def home_visit() -> Response:
    """The form, and the calls that there are (screen `home-visit`)."""
    who = who_books()
    _demand_attachment(who)
    return _form_page(who, HomeVisitForm(formdata=None, data=_known(who)))


@blueprint.post("/home-visit/review")
@login_required
def review_home_visit() -> Response:
    """«Проверьте данные» (R-102; screen `home-visit-review`), or the form again with what is wrong."""
    who = who_books()
    _demand_attachment(who)
    form = HomeVisitForm()
    if "change" in request.form:
        form.validate()
        form.address.errors = form.phone.errors = form.complaint.errors = ()
        return _form_page(who, form)
    if not form.validate():
        return _form_page(who, form, 422)
    given = form.given
    key = new_form_key("call-home", who.card.id)
    return page("home_visit_review.html", who, given=given, key=key, attachment=who.card.attachment)


@blueprint.post("/home-visit")
@login_required
def call_home() -> BaseResponse:
    """Call the doctor. Sent twice, it is one call (U-17)."""
    who = who_books()
    sent = request.form.get("key", "")
    key = read_form_key(sent, "call-home", who.card.id)
    if key is None:
        raise OtherPersonError
    form = HomeVisitForm()
    if not form.validate():
        return _form_page(who, form, 422)
    try:
        visit = who.bookings.call_home(who.card.id, key=key, **form.given)
    except NoAnswerError as error:
        return unanswered(who, error, {**form.given, "key": sent}, "/home-visit")
    except StateError:
        return redirect(address("/home-visit", done="already"), code=303)
    who.tell(call_of(visit))
    return redirect(address("/home-visit", done="called"), code=303)


@blueprint.post("/home-visit/<visit_id>/cancel")
@login_required
def cancel_home_visit(visit_id: str) -> BaseResponse:
    """Call it off."""
    who = somebody()
    try:
        visit = who.bookings.cancel_home_visit(who.card.id, visit_id)
    except StateError:
        return redirect(address("/home-visit", done="on-the-way"), code=303)
    who.tell(call_of(visit, doors().clock.now()))
    return redirect(address("/home-visit", done="cancelled"), code=303)
