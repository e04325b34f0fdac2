"""Why a file is not kept: one type per reason, each with its text (U-12) and a word for the log and the page's mark
`data-problem`, by which whoever looks at the portal from outside can tell them apart."""

from __future__ import annotations

from typing import ClassVar

from portal.files import inspection
from portal.files.purposes import Purpose


class UploadError(Exception):
    """Base. `name` is the file's name as text, `purpose` what it was sent for; `text` is for the person."""

    outcome: ClassVar[str]
    status: ClassVar[int] = 422
    words: ClassVar[str]

    def __init__(self, purpose: Purpose, name: str = "") -> None:
        super().__init__(self.outcome)
        self.purpose = purpose
        self.name = name

    @property
    def text(self) -> str:
        """What happened and what to do, with the file named."""
        purpose, file = self.purpose, f"«{self.name}»" if self.name else "без названия"
        said = self.words.format(
            file=file,
            kinds=purpose.kinds,
            thing=purpose.thing,
            smaller=purpose.smaller,
            full=purpose.full.format(file=file),
            without=purpose.without,
        )
        return said.strip()


class NotChosenError(UploadError):
    """The form came without a file."""

    outcome = "upload-none"
    words = "Выберите файл: {kinds}, не больше 10 МБ."


class WrongTypeError(UploadError):
    """The ending of its name is none of ours."""

    outcome = "upload-type"
    words = "Файл {file} не подходит. Нужен {kinds}: сохраните {thing} в одном из этих форматов."


class MismatchError(UploadError):
    """Its content is something else than its name says."""

    outcome = "upload-type"
    words = "Файл {file} не подходит: внутри не то, что обещает название. Откройте {thing} и сохраните его как {kinds}."


class TooLargeError(UploadError):
    """It has more than 10 МБ."""

    outcome = "upload-size"
    words = "Файл {file} больше 10 МБ. {smaller}"


class EmptyError(UploadError):
    """It has no byte."""

    outcome = "upload-empty"
    words = "Файл {file} пустой. Проверьте, что {thing} сохранился, и выберите его снова."


class EncryptedError(UploadError):
    """It opens with a password only."""

    outcome = "upload-encrypted"
    words = "Файл {file} закрыт паролем. Снимите пароль и загрузите {thing} снова."


class BrokenError(UploadError):
    """It cannot be read to its end."""

    outcome = "upload-broken"
    words = "Файл {file} повреждён: прочитать его до конца не получается. Сохраните {thing} заново и загрузите снова."


class InfectedError(UploadError):
    """The scanner found something in it."""

    outcome = "upload-infected"
    words = "В файле {file} найден вирус, он не сохранён. Проверьте устройство антивирусом и загрузите чистый файл."


class ZipBombError(UploadError):
    """It unpacks to more than a document is."""

    outcome = "upload-zip-bomb"
    words = (
        "Файл {file} при распаковке становится слишком большим: так бывает с архивами-ловушками. "
        "Сохраните {thing} заново или выберите другой."
    )


class MacroError(UploadError):
    """There is a program in it."""

    outcome = "upload-macro"
    words = "В файле {file} есть макросы — программы внутри документа. Сохраните его без макросов, лучше в PDF."


class EntitiesError(UploadError):
    """Its XML has a document type declaration."""

    outcome = "upload-xxe"
    words = (
        "В файле {file} есть объявление DOCTYPE: через него файл может обратиться к чужим данным. "
        "Попросите того, кто выдал документ, сохранить XML без DOCTYPE."
    )


class InterruptedUploadError(UploadError):
    """It did not come to its end."""

    outcome = "upload-interrupted"
    status = 400
    words = "Загрузка прервалась, файл не сохранён. Проверьте связь, выберите файл и отправьте ещё раз."


class UnscannedError(UploadError):
    """The scanner is down: what was not looked at is not taken (S-56)."""

    outcome = "upload-unscanned"
    status = 503
    words = (
        "Сейчас мы не можем проверить файл {file} на вирусы, поэтому не приняли его. Попробуйте через 10 минут. "
        "{without}"
    )


class SignedOutError(UploadError):
    """Nobody is signed in, or not any more: a stranger's file is not taken."""

    outcome = "upload-signed-out"
    words = "Файл {file} не принят: приложить файл можно только после входа. {without}"


class OtherPersonError(UploadError):
    """The form was opened for somebody else than whom the patient acts for now, or it is no form of ours."""

    outcome = "upload-other-person"
    status = 409
    words = (
        "Форму открыли для другого человека, поэтому файл {file} не сохранён. Проверьте, чей это {thing}, и выберите "
        "файл снова."
    )


class TooManyError(UploadError):
    """The patient keeps as much as may be kept."""

    outcome = "upload-quota"
    words = "{full} {without}"


OF_INSPECTION: dict[type[inspection.ProblemError], type[UploadError]] = {
    inspection.MismatchError: MismatchError,
    inspection.EncryptedError: EncryptedError,
    inspection.BrokenError: BrokenError,
    inspection.ZipBombError: ZipBombError,
    inspection.MacroError: MacroError,
    inspection.EntitiesError: EntitiesError,
}
"""What a problem that the inspection tells of is called here."""
