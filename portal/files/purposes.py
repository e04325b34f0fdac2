"""What a file is sent for, and what follows from that: which kinds are taken, and how a refusal is put (C-03)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from portal.files.inspection import Kind

MEGABYTE = 1024 * 1024
LARGEST = 10 * MEGABYTE
"""Bytes of one file, for every purpose; exactly so many are taken."""

_DOCUMENTS: dict[str, Kind] = {"pdf": "pdf", "docx": "docx", "xml": "xml"}
_PICTURES: dict[str, Kind] = {"png": "png", "jpg": "jpeg", "jpeg": "jpeg"}
MEDIA_TYPES: dict[str, str] = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xml": "application/xml",
    "png": "image/png",
    "jpeg": "image/jpeg",
}
"""By kind."""


@dataclass(frozen=True)
class Purpose:
    """One thing that files are sent for."""

    endings: Mapping[str, Kind]
    """What the name of a file may end in, and what the file then has to be."""
    kinds: str
    """The same in words."""
    thing: str
    """What the person calls it, in the accusative."""
    smaller: str
    """How one gets by with less than 10 МБ: a sentence."""
    full: str
    """What is said when the person keeps as much as may be kept; `{file}` is the one that has no room."""
    without: str = ""
    """What can be done without a file: a sentence, or nothing."""

    @property
    def accept(self) -> str:
        """For the browser's dialogue: endings and media types."""
        return ",".join([*(f".{each}" for each in self.endings), *(MEDIA_TYPES[each] for each in self._kinds())])

    def _kinds(self) -> list[Kind]:
        return list(dict.fromkeys(self.endings.values()))


DOCUMENT = Purpose(
    endings=_DOCUMENTS,
    kinds="PDF, DOCX или XML",
    thing="документ",
    smaller="Отсканируйте документ с меньшим качеством или загрузите его по частям.",
    full="Места больше нет: хранить можно 50 документов, всего до 100 МБ. Удалите ненужные и загрузите {file} снова.",
)
"""For oneself and the clinic (R-045, R-065)."""
TICKET = Purpose(
    endings={**_PICTURES, **_DOCUMENTS},
    kinds="PNG, JPEG, PDF, DOCX или XML",
    thing="файл",
    smaller="Снимите только ту часть экрана, где видна ошибка.",
    full="В ваших обращениях уже много файлов: хранить можно 20, всего до 50 МБ. Места для {file} нет.",
    without="Обращение можно отправить и без файла.",
)
"""With a question to support (R-104, R-110, R-112)."""
