"""Which second factors somebody is offered here and now (`docs/policy.md`)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import request

from foundation.database import Session
from sandbox_idp.accounts import people
from sandbox_idp.accounts.models import Person
from sandbox_idp.factors import backup_codes
from sandbox_idp.policy import current_policy
from sandbox_idp.scenarios import engine
from sandbox_idp.scenarios.points import FactorsDraft, Point

_PHONES = re.compile(r"\b(?:Mobi|Android|iPhone|iPod)", re.IGNORECASE)


@dataclass(frozen=True)
class Offers:
    """The ways to confirm a sign-in that are open now."""

    factors: tuple[str, ...]
    """Some of `people.FACTORS`."""
    backup_left: int
    """Backup codes that are still good: a way for whoever has lost the phone with the app."""
    sms_off: bool
    """Whether codes by SMS are switched on and not offered, because this is the browser of a phone."""

    def __contains__(self, factor: str) -> bool:
        return factor in self.factors or (factor == "backup" and self.backup_left > 0)

    @property
    def only(self) -> str | None:
        """The one factor that there is to choose from; None if there are several, or none."""
        return self.factors[0] if len(self.factors) == 1 and not self.sms_off else None

    def others(self, than: str) -> bool:
        """Whether there is another way than this one."""
        return any(factor != than for factor in self.factors) or (than != "backup" and self.backup_left > 0)


def offered(session: Session, person: Person) -> Offers:
    """The factors that this person can use in this browser; a scenario may take SMS away on a phone."""
    usable = people.usable_factors(session, person)
    draft = FactorsDraft(on_mobile=on_mobile(), sms_on_mobile=current_policy().sms_on_mobile)
    if "sms" in usable:
        draft = engine.transform(Point.FACTORS, draft)
    sms_off = "sms" in usable and draft.on_mobile and not draft.sms_on_mobile
    return Offers(
        factors=tuple(factor for factor in usable if not (sms_off and factor == "sms")),
        backup_left=backup_codes.left(session, person.oid) if "totp" in usable else 0,
        sms_off=sms_off,
    )


def on_mobile() -> bool:
    """Whether the request came from the browser of a phone, by its own word: the client hint, else the User-Agent."""
    hint = request.headers.get("Sec-CH-UA-Mobile")
    return hint == "?1" or _PHONES.search(request.user_agent.string) is not None
