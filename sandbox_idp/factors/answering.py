"""What happens when somebody presses a button of the app: on the stand's phone, or over the control API."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from foundation import log
from sandbox_idp.accounts.models import Person
from sandbox_idp.cabinet import notices
from sandbox_idp.context import Stand, current_sign_in, set_current_sign_in
from sandbox_idp.factors import pushes
from sandbox_idp.factors.models import PushRequest
from sandbox_idp.policy import current_policy
from sandbox_idp.scenarios import engine
from sandbox_idp.scenarios.exchange import use_exchange
from sandbox_idp.sign_in import throttle
from sandbox_idp.sign_in.secrecy import subject

Verdict = Literal["approved", "wrong", "rejected"]
_ACTS: dict[Verdict, str] = {"approved": "push-approved", "wrong": "push-wrong", "rejected": "push-rejected"}
_log = log.get_log("sandbox_idp.factors")


def press(stand: Stand, oid: int, request_id: str, number: int | None, now: datetime) -> Verdict:
    """Answer a request: a number, or «Это не я» (None). A wrong number counts like a wrong code (S-36, S-40).

    The press belongs to the sign-in that asked for it, though it comes from another browser, and from pages that are
    none of the stand's exchanges. Raises NotWaitingError,
    ValueError for a number that was not offered.
    """
    with stand.database.writing() as session:
        person = session.get_one(Person, oid, with_for_update=True)
        verdict = pushes.answer(session, request_id, oid, number=number, now=now)
        asked = session.get_one(PushRequest, request_id)
        sign_in = asked.sign_in
        if verdict == "wrong":
            throttle.count_wrong(session, [throttle.factor_limit(oid, current_policy())], now)
        if verdict != "approved":
            pressed = "выбрали не то число" if verdict == "wrong" else "нажали «Это не я»"
            notices.notify(
                session,
                person,
                "Вход не подтверждён" if asked.purpose == pushes.LOGIN else "Запрос в приложении не подтверждён",
                f"{asked.words}: в приложении {pressed}. Если это были не вы, кто-то знает ваш пароль: смените его.",
                ways=["mail"],
            )
    with use_exchange(None):
        before = current_sign_in()
        set_current_sign_in(sign_in)
        engine.act(_ACTS[verdict], person_oid=oid)
        set_current_sign_in(before)
    _log.info("push_answered", subject=subject(oid), result=verdict)
    return verdict
