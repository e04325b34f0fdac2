"""Why the medical system did not do what it was asked. One type per reason; each carries what a page has to say."""

from __future__ import annotations

from datetime import datetime

from portal.clinic.values import Booking, Site, Slot, Speciality


class ClinicError(Exception):
    """Base of all."""


class NoAnswerError(ClinicError):
    """The system of a clinic did not answer, in time or at all.

    Whether what was asked has happened is not known: asking again with the same key tells, and does it at most once.
    """

    def __init__(self, site: Site | None) -> None:
        super().__init__(f"no answer from {site.id if site else 'the medical system'}")
        self.site = site
        """The clinic that is silent; None for all of them."""


class NotFoundError(ClinicError):
    """There is no such thing, or it is not this card's: the two are never told apart (S-54)."""


class CardNotFoundError(ClinicError):
    """No card fits the identity: the person has never been to any of these clinics."""


class CardDuplicateError(ClinicError):
    """Two cards fit. Nothing of either may be shown; `number` is for the support desk."""

    def __init__(self, number: str) -> None:
        super().__init__("two cards fit")
        self.number = number


class RefusedError(ClinicError):
    """Base of the rules of booking: it was understood, and it may not be."""


class SlotTakenError(RefusedError):
    """Somebody was quicker, or the doctor's time was taken out."""

    def __init__(self, nearest: tuple[Slot, ...]) -> None:
        super().__init__("the slot is taken")
        self.nearest = nearest
        """The nearest free ones of the same doctor and speciality, soonest first; may be empty."""


class AgeError(RefusedError):
    """The speciality is for other ages."""

    def __init__(self, speciality: Speciality, age: int) -> None:
        super().__init__(f"{speciality.id} is not for the age of {age}")
        self.speciality = speciality
        self.age = age


class SexError(RefusedError):
    """The speciality is for the other sex."""

    def __init__(self, speciality: Speciality) -> None:
        super().__init__(f"{speciality.id} is for the other sex")
        self.speciality = speciality


class NotAttachedError(RefusedError):
    """Only for those attached to this clinic."""

    def __init__(self, site: Site, speciality: Speciality | None = None) -> None:
        super().__init__(f"not attached to {site.id}")
        self.site = site
        self.speciality = speciality


class ReferralError(RefusedError):
    """The speciality needs a referral, and there is none that is valid."""

    def __init__(self, speciality: Speciality) -> None:
        super().__init__(f"{speciality.id} needs a referral")
        self.speciality = speciality


class SameSpecialityError(RefusedError):
    """There is a booking of this speciality already: one at a time."""

    def __init__(self, existing: Booking) -> None:
        super().__init__(f"booked already: {existing.id}")
        self.existing = existing


class TooLateError(RefusedError):
    """The time to move or cancel the booking is over; `until` says when it ended."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"too late since {until.isoformat()}")
        self.until = until


class StateError(RefusedError):
    """The thing is in a state in which this cannot be done any more (cancelled, visited, decided)."""


class KeyReusedError(ClinicError):
    """The idempotency key was used for something else: a defect of the caller."""
