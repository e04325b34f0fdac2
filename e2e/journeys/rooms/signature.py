"""Signing in with an electronic signature: the file comes from the stand's own authority, by the control API."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from e2e.journeys.scenes import Scene
from e2e.journeys.visitor import Habit, Visitor
from e2e.pages.sandbox import SignaturePage


def _send(someone: Visitor, kind: str = "valid", *, wrong_pin: bool = False) -> None:
    """Choose a file of that kind and type its PIN, or another one."""
    file = someone.stand.control.signature(someone.persona.name, kind)
    SignaturePage(someone.page).sign_in(file.name, file.data, file.pin[::-1] if wrong_pin else file.pin)


def _send_revoked(someone: Visitor) -> None:
    """A file that was good when it was issued, until the operator revoked it. The next one is another certificate."""
    file = someone.stand.control.signature(someone.persona.name)
    someone.stand.control.decide(f"revoke:{someone.persona.name}")
    SignaturePage(someone.page).sign_in(file.name, file.data, file.pin)


def _prefer_signature(someone: Visitor) -> None:
    someone.press("Вход с помощью электронной подписи")


def _prefer_token(someone: Visitor) -> None:
    someone.press("Подпись на токене (КриптоПро)")


def sign_in_by_signature(scene: Scene, arm: Callable[[], None]) -> None:
    """From the portal's first page towards the home page, with a signature in place of password and code."""
    scene.visitor.acts["login"] = _prefer_signature
    arm()
    scene.visitor.sign_in(stop=scene.is_shown)


HABITS: dict[str, Habit] = {"login-signature": _send}
ACTS: dict[str, tuple[str, Habit]] = {
    "signature-no-plugin": ("login-signature", _prefer_token),
    "signature-wrong-pin": ("login-signature", partial(_send, wrong_pin=True)),
    "signature-expired": ("login-signature", partial(_send, kind="expired")),
    "signature-not-yet-valid": ("login-signature", partial(_send, kind="not-yet-valid")),
    "signature-revoked": ("login-signature", _send_revoked),
    "signature-untrusted": ("login-signature", partial(_send, kind="untrusted")),
    "signature-stranger": ("login-signature", partial(_send, kind="no-account")),
    "signature-not-p12": ("login-signature", partial(_send, kind="not-p12")),
    "signature-no-key": ("login-signature", partial(_send, kind="no-key")),
}
STEPS = {"sign_in_by_signature": sign_in_by_signature}
