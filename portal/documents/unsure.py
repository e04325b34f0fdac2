"""Why a form is shown again though nothing in it is wrong, in words that stand on top of it."""

from __future__ import annotations

from portal.clinic.errors import NoAnswerError

UNSURE = 504
"""Status of the form after a clinic's answer that did not come."""
OTHER_PERSON = 409
"""Status of the form that was opened for somebody else."""


def not_answered(error: NoAnswerError) -> str:
    """Nobody knows whether it has happened: who was silent, and that sending the same form again is safe."""
    who = f"Поликлиника не ответила: {error.site.name}." if error.site is not None else "Поликлиника не ответила."
    return f"{who} Введённое сохранилось. Отправьте ещё раз: если запрос уже дошёл, второго не будет."


def of_other_person(name: str) -> str:
    """The form is no wish for whom the patient acts now (`portal.web.form_keys`)."""
    return (
        "Форму открыли для другого человека, поэтому ничего не отправлено. "
        f"Сейчас выбран пациент: {name}. Если всё верно, отправьте ещё раз."
    )
