"""The rules of the training Gosuslugi, typed: one file, `policy.toml`, with presets (`docs/policy.md`).

A preset names what differs from `seed-strict`, the strictest union of what the two source documents say (C-02). Every
page that states a rule takes the words from here, so that what is said and what is done cannot differ.
"""

from __future__ import annotations

import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from flask import current_app
from pydantic import BaseModel, ConfigDict, Field

from foundation.russian import counted
from foundation.settings import Duration

FILE = Path(__file__).with_name("policy.toml")
DEFAULT = "seed-strict"


class _Rules(BaseModel):
    """Base: an unknown name in the file is a mistake, and nobody changes a rule while the program runs."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True)
class Demand:
    """One thing that a password has to fulfil."""

    id: str
    """length, upper, lower, digit, special, classes, row, known, own or earlier."""
    words: str


class PasswordRules(_Rules):
    """What a password must be (C-02, S-27, S-28)."""

    min_length: int = Field(ge=1)
    min_length_with_2fa: int = Field(ge=1)
    max_length: int = Field(ge=64)
    classes: int = Field(ge=0, le=4)
    blocklist: bool
    history: int = Field(ge=0)

    def demands(self) -> list[Demand]:
        """The rule as a person reads it, one demand after the other; what is not asked for is not there (S-27)."""
        length = f"от {self.min_length} до {self.max_length} символов"
        if self.min_length_with_2fa < self.min_length:
            length += f"; если вход подтверждают кодом, хватит {self.min_length_with_2fa}"
        demands = [Demand("length", length)]
        if self.classes == 4:
            demands += [Demand("upper", "заглавная буква"), Demand("lower", "строчная буква")]
            demands += [Demand("digit", "цифра"), Demand("special", "особый знак, например «!» или «-»")]
        elif self.classes:
            kinds = "заглавные и строчные буквы, цифры, особые знаки"
            demands.append(Demand("classes", f"{kinds} — любые {self.classes} вида из четырёх"))
        if self.blocklist:
            demands.append(Demand("row", "без рядов клавиш и повторов, таких как «qwerty», «йцукен», «12345»"))
            demands.append(Demand("known", "не из списка известных паролей"))
            demands.append(Demand("own", "без ваших имён, имён детей, дат и номеров"))
        if self.history:
            many = counted(self.history, "пароль", "пароля", "паролей")
            demands.append(Demand("earlier", f"не повторяет ваши последние {many}"))
        return demands

    def words(self) -> list[str]:
        """The words of every demand."""
        return [demand.words for demand in self.demands()]

    def shortest(self, *, second_factor: bool) -> int:
        """The least length for somebody with or without a second factor."""
        return min(self.min_length, self.min_length_with_2fa) if second_factor else self.min_length


class Tries(_Rules):
    """How many wrong passwords are let pass (U-13, S-32, S-34)."""

    show_left_from: int
    captcha_after: int
    lock_after: int
    lock_for: Duration
    lock_most: Duration
    closed_after: int
    address_factor: int


class CaptchaRules(_Rules):
    """Figures in a picture and a recording, and the wait that takes their place (R-100, U-16)."""

    digits: int = Field(ge=4)
    valid_for: Duration
    wait: Duration


class SmsRules(_Rules):
    """Codes by SMS (S-36, S-39, R-145)."""

    digits: int = Field(ge=6)
    valid_for: Duration
    tries: int
    again_after: Duration
    an_hour: int


class TotpRules(_Rules):
    """Codes of the authenticator app (S-38)."""

    step: Duration
    window: int
    tries: int
    backup_codes: int


class FactorRules(_Rules):
    """Wrong codes in a row over all sign-ins of one person (S-36)."""

    lock_after: int
    lock_for: Duration


class PushRules(_Rules):
    """Confirmation in the mobile app (S-40)."""

    valid_for: Duration
    ask_every: Duration
    a_quarter_hour: int


class MailRules(_Rules):
    """Links and codes by e-mail (R-087)."""

    valid_for: Duration


class SignatureRules(_Rules):
    """Wrong PINs of one signature file (R-063)."""

    tries: int = Field(ge=1)
    lock_for: Duration


class UnusualRules(_Rules):
    """What restricts an account, and for how long (account-restricted)."""

    restrict_for: Duration
    new_network: bool
    phone_and_password_within: Duration


class RegistryRules(_Rules):
    """How the registries of passports, SNILS and the insured are asked (R-078)."""

    answers_after: Duration
    again_after: Duration


class SignInRules(_Rules):
    """How long a sign-in, a session and a remembered device live."""

    pending_for: Duration
    session_for: Duration
    device_for: Duration


class RegistrationRules(_Rules):
    """How long a registration that was left can be gone on with."""

    kept_for: Duration


class Policy(_Rules):
    """One preset, complete."""

    twofa: Literal["mandatory", "optional"]
    egisz_connection: Literal["automatic", "required"]
    sms_on_mobile: bool
    another_factor: Literal["never", "may-skip", "must"]
    password: PasswordRules
    tries: Tries
    captcha: CaptchaRules
    sms: SmsRules
    totp: TotpRules
    factor: FactorRules
    push: PushRules
    mail: MailRules
    signature: SignatureRules
    unusual: UnusualRules
    registries: RegistryRules
    sign_in: SignInRules
    registration: RegistrationRules


@functools.cache
def load(preset: str = DEFAULT) -> Policy:
    """The preset of that name; KeyError if the file has none, ValidationError if it is not fit for use."""
    presets = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return Policy.model_validate(_merged(presets[DEFAULT], presets[preset]))


def presets() -> list[str]:
    """The names in the file, the default first."""
    return list(tomllib.loads(FILE.read_text(encoding="utf-8")))


def current_policy() -> Policy:
    """The preset that this program runs with (`IDP_POLICY`)."""
    return load(current_app.extensions["settings"].policy)


def _merged(base: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for name, value in change.items():
        result[name] = _merged(base[name], value) if isinstance(value, dict) and name in base else value
    return result
