"""Why something may not be done, in the words of the person who meets it, with what can be done instead (U-3, R-038).

One text for each reason. These are pages, never errors of a field, and nobody is blamed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch

from flask import Response, request

from foundation import russian
from portal.appointments.room import Booker, address, blueprint, page, somebody
from portal.appointments.rules import NowhereAttachedError
from portal.clinic.errors import (
    AgeError,
    NotAttachedError,
    ReferralError,
    RefusedError,
    SameSpecialityError,
    SexError,
    SlotTakenError,
    StateError,
    TooLateError,
)
from portal.clinic.values import Slot, Speciality
from portal.patients.view import first_upper
from portal.web.errors import Action, new_reference

NOT_FOR_YOU = 403
"""Status where the rules of the clinic say no."""
OVERTAKEN = 409
"""Status where something has happened meanwhile."""


@dataclass(frozen=True)
class Refusal:
    """What the page says. The first action is the one to press."""

    screen: str
    status: int
    heading: str
    what: str
    """What happened."""
    safe: str
    """What did not."""
    then: str
    """What to do now."""
    actions: tuple[Action, ...]
    nearest: tuple[Slot, ...] = ()
    """Other times, where there are any."""


class OtherPersonError(RefusedError):
    """The form was opened for somebody else than whom the patient acts for now, or it is no form of ours."""


@blueprint.errorhandler(RefusedError)
def refused(error: RefusedError) -> Response:
    """The page for any of them."""
    who = somebody()
    refusal = describe(error, who)
    return page(
        "refused.html",
        who,
        refusal.status,
        refusal=refusal,
        booking_id=(request.view_args or {}).get("booking_id", ""),
        home_zone=who.home_zone if refusal.nearest else None,
        reference=new_reference(refusal.screen),
    )


NOT_MADE = "Запись не создана."
UNCHANGED = "Ничего не изменилось."


def _nothing_done() -> str:
    """What the request at hand did not do."""
    return UNCHANGED if (request.view_args or {}).get("booking_id") else NOT_MADE


def _to_choice(name: str = "Выбрать другого врача", **query: str) -> Action:
    return Action(name, address("/appointments/new", **query))


def _to_booking() -> Action:
    booking_id = (request.view_args or {}).get("booking_id")
    return Action("Вернуться к записи", address(f"/appointments/{booking_id}" if booking_id else "/appointments"))


def _to_attachment() -> Action:
    return Action("Подать заявление о прикреплении", address("/applications"))


def _to_list() -> Action:
    return Action("Мои записи", address("/appointments"))


@singledispatch
def describe(error: RefusedError, who: Booker) -> Refusal:
    """The words for `error`."""
    del error, who
    return Refusal(
        "booking-refused",
        OVERTAKEN,
        "Поликлиника не приняла запрос",
        "Она не назвала причину.",
        _nothing_done(),
        "Выберите другого врача или позвоните в регистратуру.",
        (_to_choice(), _to_list()),
    )


@describe.register
def _taken(error: SlotTakenError, who: Booker) -> Refusal:
    del who
    return Refusal(
        "slot-taken",
        OVERTAKEN,
        "Это время уже занято",
        "Только что его занял другой пациент, или врач изменил расписание.",
        _nothing_done(),
        "Выберите другое время: ниже ближайшее свободное."
        if error.nearest
        else "Посмотрите другие дни и других врачей.",
        (_to_choice("Выбрать другое время", clinic=_asked("clinic"), speciality=_asked("speciality")), _to_list()),
        error.nearest,
    )


def _asked(name: str) -> str:
    return request.values.get(name, "")[:200]


@describe.register
def _age(error: AgeError, who: Booker) -> Refusal:
    ages = _ages(error.speciality)
    return Refusal(
        "age-limit",
        NOT_FOR_YOU,
        f"{first_upper(error.speciality.name)} принимает пациентов {ages}",
        f"Сейчас {_whose(who)} возраст: {russian.counted(error.age, 'год', 'года', 'лет')}.",
        _nothing_done(),
        "Выберите врача по возрасту: портал покажет только подходящих."
        if error.speciality.since_age == 0
        else "Выберите другого врача. Детей сначала смотрит педиатр: если нужно, он направит дальше.",
        (_to_choice(), _to_list()),
    )


def _ages(speciality: Speciality) -> str:
    """`с 18 лет`, `до 17 лет включительно`, `от 1 до 17 лет`."""
    since, until = speciality.since_age, speciality.until_age
    if until >= 120:
        return f"с {since}{russian.NBSP}{russian.plural(since, 'года', 'лет', 'лет')}"
    end = f"{until}{russian.NBSP}{russian.plural(until, 'года', 'лет', 'лет')}"
    return f"до {end} включительно" if since == 0 else f"от {since} до {end}"


def _whose(who: Booker) -> str:
    return f"у ребёнка ({who.subject.child.name})" if who.subject.child is not None else "ваш"


@describe.register
def _sex(error: SexError, who: Booker) -> Refusal:
    del who
    whom = "только женщин" if error.speciality.sex == "female" else "только мужчин"
    return Refusal(
        "sex-limit",
        NOT_FOR_YOU,
        f"{first_upper(error.speciality.name)} принимает {whom}",
        "В карте поликлиники указан другой пол.",
        _nothing_done(),
        "Выберите другого врача. Если пол в карте указан с ошибкой, сообщите в регистратуру.",
        (_to_choice(), _to_list()),
    )


@describe.register
def _not_attached(error: NotAttachedError, who: Booker) -> Refusal:
    own = who.card.attachment
    what = f"{first_upper(error.speciality.name)} здесь" if error.speciality else "Врач здесь"
    return Refusal(
        "not-attached",
        NOT_FOR_YOU,
        f"{what} принимает только прикреплённых",
        f"{error.site.name}: это приём для тех, кто к ней прикреплён. "
        + (
            f"Ваша поликлиника: {own.site.name}."
            if own is not None and own.state == "attached"
            else "Вы к ней не прикреплены."
        ),
        _nothing_done(),
        "Запишитесь в своей поликлинике или выберите врача, который принимает всех."
        if own is not None
        else "Выберите врача, который принимает всех. Чтобы прикрепиться, подайте заявление "
        f"здесь или позвоните в регистратуру: {russian.phone(error.site.phone)}.",
        (
            *(
                [_to_choice("Записаться в своей поликлинике", clinic=own.site.id)]
                if own is not None and own.state == "attached"
                else []
            ),
            _to_choice("Выбрать другого врача"),
            *([] if own is not None else [_to_attachment()]),
            _to_list(),
        ),
    )


@describe.register
def _nowhere_attached(error: NowhereAttachedError, who: Booker) -> Refusal:
    own = who.card.attachment
    pending = own is not None and own.state == "pending"
    if error.speciality is None:
        heading = "Врач на дом приезжает только к прикреплённым"
        others = "Пока можно записаться к врачам, которые принимают всех."
    else:
        heading = f"{first_upper(error.speciality.name)} принимает только прикреплённых"
        others = "К врачам, которые принимают всех, можно записаться уже сейчас."
    by = f" Решение будет до {russian.date_long(own.decided_by)}." if own and own.decided_by else ""
    return Refusal(
        "attachment-pending" if pending else "attachment-none",
        NOT_FOR_YOU,
        heading,
        f"Заявление о прикреплении рассматривают: {own.site.name}.{by}"
        if pending and own is not None
        else "Вы не прикреплены ни к одной поликлинике.",
        _nothing_done(),
        others
        if pending
        else f"{others} Чтобы прикрепиться, подайте заявление здесь или придите с паспортом и полисом в поликлинику "
        "рядом с домом.",
        (
            _to_choice("К кому можно записаться"),
            *([] if pending else [_to_attachment()]),
            _to_list(),
        ),
    )


@describe.register
def _referral(error: ReferralError, who: Booker) -> Refusal:
    first = "педиатр" if russian.age(who.card.birth_date, russian.msk(who.here.now).date()) < 18 else "терапевт"
    return Refusal(
        "referral-needed",
        NOT_FOR_YOU,
        f"{first_upper(error.speciality.name)} принимает по направлению",
        "Действующего направления в вашей карте нет.",
        _nothing_done(),
        f"Сначала запишитесь на обычный приём: его ведёт {first}. Он выпишет направление, и эта запись откроется.",
        (_to_choice("Выбрать врача"), _to_list()),
    )


@describe.register
def _same_speciality(error: SameSpecialityError, who: Booker) -> Refusal:
    del who
    slot = error.existing.slot
    where = f"{russian.moment_in(slot.start, slot.doctor.site.zone)}, {slot.doctor.name}, {slot.doctor.site.name}"
    return Refusal(
        "same-speciality-twice",
        OVERTAKEN,
        f"Запись уже есть: {slot.doctor.speciality.name}",
        f"{first_upper(where)}.",
        f"По одной специальности бывает одна запись, чтобы времени хватило всем. {_nothing_done()}",
        "Перенесите ту запись на другое время или оставьте как есть.",
        (
            Action("Перенести ту запись", address(f"/appointments/{error.existing.id}/move")),
            Action("Посмотреть её", address(f"/appointments/{error.existing.id}")),
        ),
    )


@describe.register
def _too_late(error: TooLateError, who: Booker) -> Refusal:
    booking_id = (request.view_args or {}).get("booking_id", "")
    site = who.bookings.booking(who.card.id, booking_id).slot.doctor.site if booking_id else None
    until = russian.moment_in(error.until, site.zone) if site else russian.moment(error.until)
    call = (
        f"Позвоните в регистратуру, чтобы время не пропало: {site.name}, {russian.phone(site.phone)}." if site else ""
    )
    return Refusal(
        "too-late-to-cancel",
        OVERTAKEN,
        "Изменить эту запись уже нельзя",
        f"Отменить или перенести её можно было до: {until}.",
        "Запись осталась в силе.",
        call or "Позвоните в регистратуру.",
        (_to_booking(),),
    )


@describe.register
def _state(error: StateError, who: Booker) -> Refusal:
    del error, who
    return Refusal(
        "booking-over",
        OVERTAKEN,
        "Эта запись уже не действует",
        "Её отменили, или приём уже прошёл.",
        UNCHANGED,
        "Если врач ещё нужен, запишитесь заново.",
        (_to_choice("Записаться заново"), _to_list()),
    )


@describe.register
def _other_person(error: OtherPersonError, who: Booker) -> Refusal:
    del error
    return Refusal(
        "form-of-other-person",
        OVERTAKEN,
        "Эта страница открыта не для того человека",
        f"Сейчас выбран пациент: {who.subject.name}. Страница была открыта для кого-то другого или слишком давно.",
        _nothing_done(),
        "Начните ещё раз, это займёт минуту.",
        (_to_choice("Начать ещё раз"), _to_list()),
    )
