"""How the pages of the confirmation are answered, and the pages that end a try."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, make_response, render_template

from foundation import log
from foundation.database import Session
from sandbox_idp.cabinet import views as cabinet
from sandbox_idp.cabinet.guard import SignedIn
from sandbox_idp.context import current_stand

_log = log.get_log("sandbox_idp.identity")


@dataclass(frozen=True)
class Ending:
    """A page that ends a try: which one, and its words."""

    screen: str
    status: int
    title: str
    lines: tuple[str, ...]
    again: str = ""
    """Name of the link that begins the same method anew; none: it would end the same way."""
    endpoint: str = "identity.service"


DECLINED = Ending(
    "card-declined",
    422,
    "Банк отказал",
    (
        "Банк не подтвердил, что карта ваша. Деньги не списаны.",
        "Так бывает, если карта закрыта или заблокирована. Выберите другую карту или другой способ.",
    ),
    "Другая карта",
    "identity.card",
)
TIMEOUT = Ending(
    "card-3ds-timeout",
    504,
    "Банк не ответил",
    ("Страница банка ждала слишком долго. Деньги не списаны, личность не подтверждена.", "Попробуйте ещё раз."),
    "Попробовать ещё раз",
    "identity.card",
)
CANCELLED = Ending(
    "card-3ds-cancelled",
    200,
    "Вы отменили проверку",
    ("Вы вернулись со страницы банка. Деньги не списаны, личность не подтверждена.",),
    "Вернуться к картам",
    "identity.card",
)
UNSUPPORTED = Ending(
    "card-3ds-unsupported",
    422,
    "Карта без 3-D Secure",
    (
        "Эта карта не поддерживает 3-D Secure: банк не может спросить у вас код.",
        "Подтвердить личность ею не получится. Деньги не списаны. Нужна другая карта или другой способ.",
    ),
    "Другая карта",
    "identity.card",
)
NOT_LINKED = Ending(
    "card-not-linked",
    409,
    "К профилю не привязана карта",
    ("Подтвердить личность картой можно, когда она привязана к профилю Госуслуг.", "Выберите другой способ."),
)
WRONG_CODE = Ending(
    "card-3ds-over",
    422,
    "Попытки кончились",
    ("Код банка три раза введён неверно, поэтому проверка закрыта. Деньги не списаны.",),
    "Начать заново",
    "identity.card",
)
CARD_ENDINGS = {
    "declined": DECLINED,
    "timeout": TIMEOUT,
    "cancelled": CANCELLED,
    "unsupported": UNSUPPORTED,
    "not-linked": NOT_LINKED,
    "wrong-code": WRONG_CODE,
}
PHONE_MISMATCH = Ending(
    "contact-mismatch",
    409,
    "Телефон не совпал с личным кабинетом",
    (
        "Вы ввели не тот номер телефона, который подтверждён в профиле. Какой там номер, мы не показываем.",
        "Введите номер из профиля. Если он сменился, сначала измените его там.",
    ),
    "Ввести ещё раз",
    "identity.sms",
)
MAIL_MISMATCH = Ending(
    "contact-mismatch",
    409,
    "Почта не совпала с личным кабинетом",
    (
        "Вы ввели не тот адрес электронной почты, который подтверждён в профиле. Какой там адрес, мы не показываем.",
        "Введите адрес из профиля. Если он сменился, сначала измените его там.",
    ),
    "Ввести ещё раз",
    "identity.mail",
)


def show(session: Session, here: SignedIn, template: str, status: int = 200, **values: Any) -> Response:
    """A page of this room within the cabinet."""
    key = here.person.persona or here.person.oid
    return cabinet.show(session, here, f"identity_{template}", status, person_key=key, **values)


def end(session: Session, here: SignedIn, ending: Ending) -> Response:
    """The page of a try that is over, with a reference for support."""
    reference = current_stand().ids.reference()
    _log.info("identity_stopped", ref=reference, reason=ending.screen)
    changing = {PHONE_MISMATCH: "phone", MAIL_MISMATCH: "mail"}.get(ending)
    return show(session, here, "ending.html", ending.status, ending=ending, reference=reference, changing=changing)


def alone(template: str, status: int = 200, **values: Any) -> Response:
    """A page for whoever opens a link, signed in or not."""
    return make_response(render_template(f"sandbox_idp/identity/{template}", **values), status)
