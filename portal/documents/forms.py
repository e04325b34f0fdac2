"""The form of an upload."""

from __future__ import annotations

from wtforms import BooleanField, Field, StringField
from wtforms.validators import ValidationError

from portal.sign_in.drafts import KeptForm

LONGEST_TITLE = 120


class UploadForm(KeptForm):
    """What the document is called, the file, and whether the clinic gets it."""

    title = StringField("Как назвать документ")
    file = StringField("Файл")
    """Read by hand: the file is no text of the form. The field is there for its label and its error."""
    to_clinic = BooleanField("Передать в мою поликлинику")

    def validate_title(self, field: Field) -> None:
        """Something, and not longer than a line."""
        typed = " ".join((field.data or "").split())
        if not typed:
            raise ValidationError("Напишите, как назвать документ. Например: «Выписка из стационара».")
        if len(typed) > LONGEST_TITLE:
            raise ValidationError(f"Сократите название до {LONGEST_TITLE} знаков: сейчас {len(typed)}.")
        field.data = typed
