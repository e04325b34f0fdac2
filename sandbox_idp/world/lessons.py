"""How to tell a message that is not from Gosuslugi, shown on that very message, and reporting it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from foundation.database import Session
from sandbox_idp.world.models import Message

_HURRY = re.compile(r"[^.!?\n]*(?:немедленно|срочно|последнее предупреждение|будет заблокирован)[^.!?\n]*[.!]?", re.I)
_ASKS = re.compile(r"[^.!?\n]*(?:назовите|продиктуйте|сообщите|пришлите)[^.!?\n]*код[^.!?\n]*[.!]?", re.I)
_ADDRESS = re.compile(r"https?://[^\s]+")


@dataclass(frozen=True)
class Sign:
    """One thing by which the message can be told, with the words of the message that show it."""

    name: str
    quote: str
    words: str


def find(session: Session, message_id: int) -> Message | None:
    """The message, if it is one that a lesson can be given on."""
    message = session.get(Message, message_id)
    return message if message is not None and message.sender is not None else None


def signs(message: Message, own_address: str) -> list[Sign]:
    """What gives the message away; `own_address` is the real one of Gosuslugi in this stand."""
    found = []
    address = _ADDRESS.search(message.text)
    if address is not None and not address.group().startswith(f"{own_address}/"):
        words = f"Настоящий адрес на этом стенде начинается так: {own_address}. Похожее имя — другой сайт."
        found.append(Sign("Чужой адрес", address.group().rstrip(".,"), words))
    asks = _ASKS.search(message.text)
    if asks is not None:
        words = "Сотрудники Госуслуг, банка и полиции кодов не спрашивают. Кто спрашивает, тот хочет войти вместо вас."
        found.append(Sign("Просят код", asks.group().strip(), words))
    if message.code is not None:
        words = (
            "Код приходит только в ответ на ваше действие. Этот не подойдёт ни к какому входу, кроме того, "
            "для которого его прислали. Никому его не называйте и никуда не вводите."
        )
        found.append(Sign("Код, которого вы не просили", f"{message.code[:3]} {message.code[3:]}", words))
    hurry = _HURRY.search(message.text)
    if hurry is not None:
        words = "Спешка нужна, чтобы вы не успели подумать. Госуслуги не блокируют за молчание."
        found.append(Sign("Торопят и пугают", hurry.group().strip(), words))
    words = "Имя отправителя может написать себе кто угодно. Оно ничего не доказывает."
    found.append(Sign("Имя отправителя", message.sender or "", words))
    return found


def report(session: Session, message: Message, now: datetime) -> bool:
    """The person reports it; False if that was done before."""
    row = session.get_one(Message, message.id, with_for_update=True, populate_existing=True)
    if row.reported_at is not None:
        return False
    row.reported_at = now
    session.add(row)
    return True
