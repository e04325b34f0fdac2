"""The file of rules: presets, types, words."""

from __future__ import annotations

from datetime import timedelta
from typing import get_args

import pytest
from pydantic import ValidationError

from sandbox_idp.policy import Policy, load, presets
from sandbox_idp.settings import SandboxSettings


def test_the_default_is_the_strictest_union() -> None:
    """`docs/policy.md`, C-02, C-07, C-29: the numbers of the table."""
    policy = load()
    assert policy == load("seed-strict")
    assert (policy.twofa, policy.egisz_connection) == ("mandatory", "automatic")
    assert (policy.password.min_length, policy.password.max_length, policy.password.classes) == (12, 128, 4)
    assert (policy.tries.show_left_from, policy.tries.captcha_after, policy.tries.lock_after) == (3, 3, 5)
    assert policy.tries.lock_for == timedelta(minutes=15)
    assert (policy.sms.digits, policy.sms.tries, policy.sms.an_hour) == (6, 3, 5)
    assert (policy.sms.valid_for, policy.sms.again_after) == (timedelta(minutes=5), timedelta(seconds=60))
    assert (policy.totp.step, policy.totp.window, policy.totp.backup_codes) == (timedelta(seconds=30), 1, 10)
    assert (policy.push.valid_for, policy.push.ask_every) == (timedelta(seconds=120), timedelta(seconds=3))
    assert policy.mail.valid_for == timedelta(minutes=10)
    assert (policy.sign_in.pending_for, policy.sign_in.session_for) == (timedelta(minutes=60), timedelta(hours=3))


@pytest.mark.parametrize(
    ("preset", "length", "with_factor", "classes"),
    [
        ("seed-strict", 12, 12, 4),
        ("seed-8", 8, 8, 4),
        ("seed-12", 12, 12, 3),
        ("seed-b", 12, 12, 4),
        ("nist-asvs", 15, 8, 0),
    ],
)
def test_each_preset_has_its_own_password_rule(preset: str, length: int, with_factor: int, classes: int) -> None:
    """C-02: and says it in its own numbers."""
    rule = load(preset).password
    assert (rule.min_length, rule.min_length_with_2fa, rule.classes) == (length, with_factor, classes)
    words = " ".join(rule.words())
    assert f"от {length} до 128 символов" in words
    assert ("хватит 8" in words) == (with_factor < length)
    assert ("заглавная буква строчная буква цифра особый знак" in words) == (classes == 4)
    assert ("любые 3 вида из четырёх" in words) == (classes == 3)
    assert ("последние 5 паролей" in words.replace("\u00a0", " ")) == (rule.history == 5)
    assert "не из списка известных паролей" in words


def test_seed_b_alone_demands_the_connection() -> None:
    """C-29."""
    assert [name for name in presets() if load(name).egisz_connection == "required"] == ["seed-b"]


def test_the_setting_offers_exactly_the_presets_of_the_file() -> None:
    """A preset without a setting, or a setting without a preset, would be found by nobody."""
    assert list(get_args(SandboxSettings.model_fields["policy"].annotation)) == presets()


def test_an_unknown_rule_and_an_unknown_preset_are_refused() -> None:
    with pytest.raises(KeyError):
        load("none-such")
    with pytest.raises(ValidationError):
        Policy.model_validate({**load().model_dump(), "surprise": 1})
