"""«История входов»: what was done with the account, by which means and from where (R-079).

For now every line is a notice; the page of the history takes them from here.
"""

from __future__ import annotations

from foundation.database import Session
from sandbox_idp.accounts.models import Person
from sandbox_idp.cabinet import notices
from sandbox_idp.cabinet.notices import Link


def record(session: Session, person: Person, event: str, *, method: str, address: str) -> None:
    """Note an event (`Личность подтверждена`) with its method and the browser's network address, masked."""
    text = f"Способ: {method}. Сетевой адрес: {masked_address(address)}. Если это были не вы, смените пароль."
    notices.notify(session, person, event, text, ways=["sms", "mail"], link=Link("/cabinet/profile", "Профиль"))


def masked_address(address: str) -> str:
    """`127.0.•.•`: enough to recognise one's own network."""
    if not address:
        return "не определён"
    parts = address.split(".")
    return ".".join([*parts[:2], "•", "•"]) if len(parts) == 4 else f"{address.split(':', maxsplit=1)[0] or '•'}:•"
