"""What happens to a ticket: made, unanswered in time, escalated, answered."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, func, select

from foundation import russian
from foundation.database import Session
from foundation.log import get_log
from portal.doors import Doors
from portal.files import shelf, taking
from portal.files.errors import TooManyError
from portal.files.purposes import MEGABYTE, TICKET
from portal.files.taking import Inspected
from portal.notifications.notify import News, tell
from portal.patients.models import Patient
from portal.support.models import Ticket, TicketFile, TicketMessage

log = get_log("portal.support")

ANSWERED_WITHIN = timedelta(hours=24)
"""R-106."""
SENIOR_ANSWERS_WITHIN = timedelta(hours=4)
MOST_FILES = 20
MOST_BYTES = 50 * MEGABYTE
"""What one patient may send along, all tickets together (told in `purposes.TICKET`)."""
_TRIES = 5
_NUMBER = re.compile(r"(?:ЕГ|EG)?-?(\d{4})-?(\d{6})", re.IGNORECASE)


@dataclass(frozen=True)
class Question:
    """A form of the support page that has been understood."""

    form_key: str
    patient_id: str | None
    kind: str
    full_name: str
    phone: str
    mail: str | None
    inn: str | None
    happened: str
    error_text: str
    error_code: str | None
    description: str
    previous: str | None
    checked: tuple[str, ...]
    diagnostics: str | None


class EscalatedAlreadyError(Exception):
    """The ticket is with the senior specialist already."""


class NotYetError(Exception):
    """The time in which an answer was promised is not over; `until` says when it is."""

    def __init__(self, until: datetime) -> None:
        super().__init__("there is still time to answer")
        self.until = until


def read_number(typed: str) -> str | None:
    """`2026-000123` out of whatever form of a number was typed; None if it is none."""
    found = _NUMBER.fullmatch("".join(typed.split()))
    return f"{found[1]}-{found[2]}" if found else None


def overdue(ticket: Ticket, now: datetime) -> bool:
    """Whether the answer that was promised did not come."""
    return ticket.state in ("open", "escalated") and now >= ticket.answer_by


def ask(doors: Doors, question: Question, attached: Inspected | None = None) -> Ticket:
    """Make the ticket, and send it to the support desk; the same form again gives the same ticket (U-17).

    `attached`: a file that was looked at, of somebody who is signed in. TooManyError: there is no room for it.
    """
    for left in reversed(range(_TRIES)):
        try:
            ticket, new = _ask(doors, question, attached)
            break
        except IntegrityError:
            # Two were made at once and met at the number, or at the form's key: the next look sees the other one.
            if not left:
                raise
    if new:
        log.info("ticket_made", number=ticket.number, kind=ticket.kind)
        _to_the_desk(doors, ticket, attached)
    return ticket


def _ask(doors: Doors, question: Question, attached: Inspected | None) -> tuple[Ticket, bool]:
    if attached is None:
        return _make(doors, question)
    with shelf.placed(doors, attached.content) as stored_as:
        return _make(doors, question, (stored_as, attached))


def _make(doors: Doors, question: Question, stored: tuple[str, Inspected] | None = None) -> tuple[Ticket, bool]:
    now = doors.clock.now()
    with doors.database.writing() as session:
        known = session.exec(select(Ticket).where(Ticket.form_key == question.form_key)).first()
        if known is not None:
            return known, False
        ticket = Ticket(
            id=doors.ids.uuid(),
            number=_next_number(session, now),
            state="open",
            made_at=now,
            answer_by=now + ANSWERED_WITHIN,
            checked=",".join(question.checked),
            **{name: value for name, value in vars(question).items() if name != "checked"},
        )
        session.add(ticket)
        if stored is not None:
            session.flush()
            session.add(_file(session, ticket, *stored))
            shelf.keep(session, stored[0])
    return ticket, True


def _file(session: Session, ticket: Ticket, stored_as: str, attached: Inspected) -> TicketFile:
    # The patient's row is the lock: two files at once must not pass the quota together.
    session.exec(select(Patient).where(Patient.id == ticket.patient_id).with_for_update()).one()
    kept = select(func.count(), func.coalesce(func.sum(TicketFile.size), 0)).join(Ticket)
    count, size = session.exec(kept.where(Ticket.patient_id == ticket.patient_id)).one()
    if count >= MOST_FILES or size + attached.size > MOST_BYTES:
        raise TooManyError(TICKET, attached.name)
    return TicketFile(
        ticket_id=ticket.id,
        stored_as=stored_as,
        file_name=attached.name,
        kind=attached.kind,
        size=attached.size,
        digest=attached.digest,
        uploaded_at=ticket.made_at,
    )


def file_of(session: Session, ticket: Ticket) -> TicketFile | None:
    """What came with it."""
    return session.get(TicketFile, ticket.id)


def files_of(session: Session, patient_id: str) -> list[str]:
    """Names of the files of a patient, for whoever throws away everything of that patient (S-65)."""
    return list(session.exec(select(TicketFile.stored_as).join(Ticket).where(Ticket.patient_id == patient_id)))


def _next_number(session: Session, now: datetime) -> str:
    year = russian.msk(now).year
    last = session.exec(select(func.max(Ticket.number)).where(col(Ticket.number).startswith(f"{year}-"))).one()
    return f"{year}-{int(last.split('-')[1]) + 1 if last else 1:06}"


def _to_the_desk(doors: Doors, ticket: Ticket, attached: Inspected | None) -> None:
    """Support reads mail: what the person wrote, and where to answer."""
    lines = [
        f"Номер: ЕГ-{ticket.number}",
        f"Тип: {ticket.kind}",
        f"ФИО: {ticket.full_name}",
        f"Телефон: {ticket.phone}",
        f"Почта: {ticket.mail or 'нет'}",
        f"ИНН: {ticket.inn or 'нет'}",
        f"Когда случилось: {ticket.happened}",
        f"Текст ошибки: {ticket.error_text or 'не указан'}",
        f"Код для поддержки: {ticket.error_code or 'нет'}",
        f"Предыдущее обращение: {'ЕГ-' + ticket.previous if ticket.previous else 'нет'}",
        f"Проверено самостоятельно: {ticket.checked or 'ничего'}",
        f"Файл: {f'{attached.name}, {taking.size_words(attached.size)}' if attached is not None else 'нет'}",
        f"Ответить до: {russian.moment(ticket.answer_by)}",
        "",
        ticket.description,
        *(["", f"Сведения о браузере и странице: {ticket.diagnostics}"] if ticket.diagnostics else []),
    ]
    doors.messages.mail(
        to=doors.settings.support_mail, subject=f"Проблема входа: ЕГ-{ticket.number}", text="\n".join(lines)
    )


def own(session: Session, patient_id: str, number: str) -> Ticket | None:
    """The ticket of that number if it is this patient's (S-54)."""
    statement = select(Ticket).where(Ticket.number == number, Ticket.patient_id == patient_id)
    return session.exec(statement).first()


def of_patient(session: Session, patient_id: str) -> list[Ticket]:
    """Newest first."""
    statement = select(Ticket).where(Ticket.patient_id == patient_id).order_by(col(Ticket.number).desc())
    return list(session.exec(statement))


def messages(session: Session, ticket: Ticket) -> list[TicketMessage]:
    """What was said since, oldest first."""
    statement = select(TicketMessage).where(TicketMessage.ticket_id == ticket.id)
    return list(session.exec(statement.order_by(col(TicketMessage.at), col(TicketMessage.id))))


def escalate(doors: Doors, patient_id: str, number: str) -> Ticket | None:
    """Hand it to the senior specialist (R-116). None: no such ticket. EscalatedAlreadyError, NotYetError."""
    now = doors.clock.now()
    with doors.database.writing() as session:
        ticket = own(session, patient_id, number)
        if ticket is None:
            return None
        if ticket.state == "escalated":
            raise EscalatedAlreadyError
        if not overdue(ticket, now):
            raise NotYetError(ticket.answer_by)
        ticket.state, ticket.answer_by = "escalated", now + SENIOR_ANSWERS_WITHIN
        session.add(ticket)
        _say(doors, session, ticket, "Обращение передано старшему специалисту.", author="portal")
    doors.messages.mail(
        to=doors.settings.support_mail,
        subject=f"Эскалация: ЕГ-{ticket.number}",
        text=f"На обращение ЕГ-{ticket.number} не ответили вовремя. Ответить до {russian.moment(ticket.answer_by)}.",
    )
    return ticket


def ask_remote(doors: Doors, patient_id: str, number: str) -> Ticket | None:
    """Wish for a remote session (R-116): noted, once; nobody takes over anything. None: no such ticket."""
    now = doors.clock.now()
    with doors.database.writing() as session:
        ticket = own(session, patient_id, number)
        if ticket is None or ticket.state not in ("open", "escalated"):
            return None
        if ticket.remote_asked_at is None:
            ticket.remote_asked_at = now
            session.add(ticket)
            _say(doors, session, ticket, "Запрошен дистанционный сеанс. Время предложит специалист.", author="portal")
    return ticket


def answer(doors: Doors, number: str, text: str, *, closes: bool = False) -> Ticket | None:
    """What the desk answers; the patient is told. None: there is no such ticket."""
    with doors.database.writing() as session:
        ticket = session.exec(select(Ticket).where(Ticket.number == number)).first()
        if ticket is None:
            return None
        ticket.state = "closed" if closes else "answered"
        session.add(ticket)
        said = _say(doors, session, ticket, text, author="support")
    if ticket.patient_id is not None:
        news = News(
            key=f"ticket:{said.id}",
            kind="support",
            title=f"Ответ поддержки на обращение ЕГ-{ticket.number}",
            text="Специалист ответил. Прочитайте ответ в обращении.",
            at=said.at,
            path=f"/support/{ticket.number}",
        )
        tell(doors, ticket.patient_id, news)
    return ticket


def _say(doors: Doors, session: Session, ticket: Ticket, text: str, *, author: str) -> TicketMessage:
    message = TicketMessage(id=doors.ids.uuid(), ticket_id=ticket.id, at=doors.clock.now(), author=author, text=text)
    session.add(message)
    return message
