"""What a person is told about a signature that does not open anything: whose side it is, and what helps (U-1)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from foundation.russian import date_long, moment
from sandbox_idp.signature import pkcs12, trust

CHOOSE_AGAIN = "Выберите файл ещё раз: браузер его не запоминает."
_CENTRE = "Новую подпись выпускает удостоверяющий центр."
_WORKS = "Госуслуги и портал работают."


@dataclass(frozen=True)
class FileWords:
    """What stands at the field of a file that cannot be used."""

    act: str
    text: str


@dataclass(frozen=True)
class Words:
    """What the page about a certificate says; `lead` may name `{since}`, `{until}` and `{at}`."""

    act: str
    heading: str
    lead: str
    side: str
    what: str


FILES: dict[type[pkcs12.FileError], FileWords] = {
    pkcs12.NotPkcs12Error: FileWords(
        "signature-not-p12",
        "Это не файл подписи (PKCS#12). Нужен файл, который обычно оканчивается на .p12 или .pfx: в нём вместе лежат "
        "сертификат и закрытый ключ.",
    ),
    pkcs12.NoKeyError: FileWords(
        "signature-no-key",
        "В этом файле нет закрытого ключа от сертификата, без него нечем подписать. Выгрузите подпись ещё раз "
        "вместе с закрытым ключом.",
    ),
    pkcs12.UnsupportedError: FileWords(
        "signature-unsupported",
        "Файл зашифрован способом, которого учебные Госуслуги не знают. Подходят файлы PKCS#12 с ключом RSA или ECDSA.",
    ),
}
_CERTIFICATES: dict[type[trust.CertificateError], Words] = {
    trust.ExpiredError: Words(
        "signature-expired",
        "Срок действия сертификата истёк",
        "Он действовал до {until}.",
        f"Дело в сертификате: срок есть у каждого. {_WORKS}",
        f"Возьмите новый сертификат или другой способ. {_CENTRE}",
    ),
    trust.NotYetValidError: Words(
        "signature-not-yet-valid",
        "Сертификат ещё не действует",
        "Он начнёт действовать {since}.",
        f"Дело в сертификате: его выпустили заранее. {_WORKS}",
        "Возьмите действующий сертификат или другой способ. Если дата кажется неверной, спросите удостоверяющий центр.",
    ),
    trust.RevokedError: Words(
        "signature-revoked",
        "Сертификат отозван",
        "Удостоверяющий центр отозвал его {at}.",
        "Так делают, когда ключ потерян, мог попасть к другим или изменились данные владельца. Вернуть отозванный "
        "сертификат нельзя.",
        f"Возьмите новый сертификат или другой способ. {_CENTRE} Если вы не просили об отзыве, позвоните туда.",
    ),
    trust.UntrustedError: Words(
        "signature-untrusted",
        "Неизвестный удостоверяющий центр",
        "Госуслуги не доверяют тому, кто выпустил этот сертификат.",
        "Дело в сертификате. Название центра может совпадать с настоящим: проверяют не название, а его подпись.",
        "Возьмите сертификат аккредитованного центра или другой способ. На этом стенде подходят только файлы с "
        "его телефона.",
    ),
    trust.UsageError: Words(
        "signature-untrusted",
        "Сертификат не годится для подписи",
        "Его выпустили для другого: подтверждать им, кто вы, нельзя.",
        f"Дело в сертификате. {_WORKS}",
        f"Выберите файл с сертификатом для подписи или другой способ. {_CENTRE}",
    ),
    trust.StrangerError: Words(
        "signature-stranger",
        "Нет учётной записи владельца подписи",
        "Подпись верная, но человек с таким СНИЛС на Госуслугах не зарегистрирован.",
        f"Возможно, выбран чужой файл или учётной записи ещё нет. {_WORKS}",
        "Проверьте, что выбрали свой файл. Если учётной записи нет, зарегистрируйтесь.",
    ),
    trust.OtherNameError: Words(
        "signature-stranger",
        "Сертификат выдан на другое имя",
        "Подпись верная, но учётная запись с таким СНИЛС принадлежит человеку с другими фамилией, именем или "
        "отчеством.",
        f"Так бывает после смены фамилии или если в сертификате ошибка. {_WORKS}",
        f"Выберите свой файл или другой способ. {_CENTRE}",
    ),
}

OTHER_PERSON = Words(
    "signature-stranger",
    "Подпись другого человека",
    "Подпись верная, но сертификат выдан не тому, кто вошёл на Госуслуги в этом браузере.",
    f"Так бывает, если на компьютере лежит несколько файлов. {_WORKS}",
    "Выберите свой файл или другой способ.",
)
"""In somebody's own session only the signature of that very person does."""


def about(error: trust.CertificateError) -> Words:
    """The words for that certificate, with its own dates in them."""
    words = _CERTIFICATES[type(error)]
    shown = trust.shown(error.certificate)
    lead = words.lead.format(
        since=moment(shown.since),
        until=date_long(shown.until),
        at=moment(error.at) if isinstance(error, trust.RevokedError) else "",
    )
    return replace(words, lead=lead)
