"""When the clinic was asked for something and its answer did not come: nobody knows whether it has happened."""

from __future__ import annotations

from portal.clinic.errors import NoAnswerError

UNSURE = 504
"""Status of the form that is shown again."""


def not_answered(error: NoAnswerError) -> str:
    """Who was silent, and that sending the same form again is safe."""
    who = f"Поликлиника не ответила: {error.site.name}." if error.site is not None else "Поликлиника не ответила."
    return f"{who} Введённое сохранилось. Отправьте ещё раз: если запрос уже дошёл, второго не будет."
