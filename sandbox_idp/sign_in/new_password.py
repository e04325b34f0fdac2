"""The field for a new password, wherever one is set: the rule in force, what of it is unmet, live and on submit (S-27).

A page calls `checked` with what the person typed. While it is being typed the browser asks the page's own address with
`action=check`; the page answers with `live_list`. Without script the same list comes back with the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from flask import Response, make_response, render_template, request
from flask_wtf import FlaskForm
from wtforms import PasswordField

from foundation.russian import plural
from sandbox_idp.accounts.password_rules import Unmet
from sandbox_idp.policy import PasswordRules
from sandbox_idp.scenarios import engine

LONGEST = 4096
"""Nothing longer is looked at while it is being typed: the rule refuses it anyway."""


@dataclass(frozen=True)
class Line:
    """One demand of the rule as the page shows it."""

    id: str
    words: str
    state: Literal["open", "met", "unmet"]


class NewPasswordForm(FlaskForm):
    """A new password. What is typed is never sent back (U-9)."""

    new_password = PasswordField("Новый пароль")

    unmet: Sequence[Unmet] | None = None
    """What the password that was sent does not fulfil; None: nothing was looked at yet."""

    @property
    def typed(self) -> str:
        """What was typed."""
        return self.new_password.data or ""

    def refuse(self, unmet: Sequence[Unmet]) -> None:
        """Say at the field what to do; the list says all of it."""
        self.unmet = unmet
        if not self.typed:
            words = "Введите новый пароль."
        elif len(unmet) == 1:
            words = unmet[0].words
        else:
            words = "Пароль пока не подходит. Исправьте то, что отмечено в списке."
        self.new_password.errors = [words]

    def lines(self, rules: PasswordRules) -> list[Line]:
        """The rule in force, with marks once something was looked at."""
        return lines(rules, self.unmet)


def lines(rules: PasswordRules, unmet: Sequence[Unmet] | None, *, live: bool = False) -> list[Line]:
    """The demands of the rule. `live`: earlier passwords were not asked, so nothing is said about them."""
    missing = {each.id: each.words for each in unmet or ()}
    found = []
    for demand in rules.demands():
        state: Literal["open", "met", "unmet"] = "met"
        if demand.id in missing:
            state = "unmet"
        elif unmet is None or (demand.id == "earlier" and (live or missing)):
            state = "open"
        found.append(Line(demand.id, missing.get(demand.id, demand.words), state))
    return found


def is_live() -> bool:
    """Whether the browser only asks what of the rule is met so far."""
    return request.form.get("action") == "check" and bool(request.headers.get("HX-Request"))


def live_typed() -> str:
    """What has been typed so far; it is neither kept nor logged."""
    return request.form.get("new_password", "")[:LONGEST]


def live_list(rules: PasswordRules, unmet: Sequence[Unmet]) -> Response:
    """The list for somebody who is typing."""
    shown = lines(rules, unmet if live_typed() else None, live=True)
    return make_response(render_template("sandbox_idp/password/live.html", lines=shown, left=left_words(shown)))


def left_words(shown: Sequence[Line]) -> str:
    """How much of the rule is unmet, for those who hear the page."""
    count = sum(line.state == "unmet" for line in shown)
    if any(line.state == "met" for line in shown) and not count:
        return "Пароль подходит"
    return f"Не выполнено: {count} {plural(count, 'условие', 'условия', 'условий')}" if count else ""


def tell(unmet: Sequence[Unmet], person_oid: int | None) -> None:
    """Note in the journal that a password was refused and by which demands; `person_oid`: None before there is one."""
    demands = [each.id for each in unmet]
    engine.act("password-weak", person_oid=person_oid, unmet=demands)
    if "known" in demands:
        engine.act("password-breached", person_oid=person_oid)
