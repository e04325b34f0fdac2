"""Telling a patient something: a notification in the portal, then mail and SMS to what Gosuslugi knows as confirmed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import col, func, select

from foundation.database import Session
from foundation.log import get_log
from portal.doors import Doors
from portal.notifications.kinds import BY_ID, KindId
from portal.notifications.models import Notification, NotificationChoice
from portal.patients.models import PatientItem

log = get_log("portal.notifications")

SITE = "Личный кабинет пациента"
_UNREAD = (
    select(func.count())
    .select_from(Notification)
    .where(col(Notification.patient_id) == bindparam("patient_id"), col(Notification.read_at).is_(None))
)
"""Asked with every page of a patient, so put together once."""


@dataclass(frozen=True)
class News:
    """What is to be told."""

    key: str
    """The same key is told once to a patient, however often it comes (R-039: duplicates are suppressed)."""
    kind: KindId
    title: str
    text: str
    at: datetime
    path: str | None = None
    about: str | None = None
    child_id: str | None = None


def tell(doors: Doors, patient_id: str, news: News) -> bool:
    """Keep it and send it as the patient wants; tells whether it was new.

    It is kept before anything is sent, in a transaction of its own: a gateway that is down loses nothing, and a repeat
    sends nothing twice.
    """
    with doors.database.writing() as session:
        if _known(session, patient_id, news.key):
            return False
        row = Notification(
            id=doors.ids.token(16),
            patient_id=patient_id,
            key=news.key,
            kind=news.kind,
            title=news.title,
            text=news.text,
            path=news.path,
            about=news.about,
            child_id=news.child_id,
            at=news.at,
        )
        session.add(row)
        mail, phone = addresses(session, patient_id)
        wanted = choice(session, patient_id, news.kind)
    title = f"{news.title} ({news.about})" if news.about else news.title
    sent_mail = sent_sms = None
    if wanted.mail and mail is not None:
        text = f"{news.text}\n\nПодробности — в личном кабинете. Ссылок в письме нет: откройте кабинет сами."
        sent_mail = doors.messages.mail(to=mail, subject=f"{title} — {SITE}", text=text)
    if wanted.sms and phone is not None:
        # What is wrong with somebody's health does not belong on a screen that others see: the title alone.
        sent_sms = doors.messages.sms(to=phone, text=f"{title}. Подробности в личном кабинете пациента.")
    if sent_mail is not None or sent_sms is not None:
        with doors.database.writing() as session:
            kept = session.get_one(Notification, row.id)
            kept.mail, kept.sms = _outcome(sent_mail), _outcome(sent_sms)
            session.add(kept)
    return True


def _known(session: Session, patient_id: str, key: str) -> bool:
    statement = select(Notification.id).where(col(Notification.patient_id) == patient_id, col(Notification.key) == key)
    return session.exec(statement).first() is not None


def _outcome(sent: bool | None) -> str | None:
    return None if sent is None else ("sent" if sent else "failed")


def choice(session: Session, patient_id: str, kind: KindId) -> NotificationChoice:
    """How the patient wants the kind."""
    own = session.get(NotificationChoice, (patient_id, kind))
    usual = BY_ID[kind]
    return own or NotificationChoice(patient_id=patient_id, kind=kind, mail=usual.mail, sms=usual.sms)


def addresses(session: Session, patient_id: str) -> tuple[str | None, str | None]:
    """Mail address and mobile phone that Gosuslugi calls confirmed; None where it does not or was not allowed to."""
    item = session.get(PatientItem, (patient_id, "contacts"))
    found: dict[str, str] = {}
    for contact in (item.data if item is not None else {}).get("contacts", []):
        if contact["verified"]:
            found.setdefault(contact["kind"], contact["value"])
    phone = found.get("MBT")
    return found.get("EML"), "+" + "".join(filter(str.isdigit, phone)) if phone else None


def unread(session: Session, patient_id: str) -> int:
    """How many have not been read."""
    return session.exec(_UNREAD, params={"patient_id": patient_id}).one()
