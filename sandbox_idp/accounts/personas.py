"""The twelve invented people of every stand (`docs/personas.md`).

Everything about them is the same in every stand but the TOTP secrets. Ages are counted back from the day on which the
stand's template is made, so that «исполнится 15 через 20 дней» stays true. All numbers lie in the training ranges.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

PASSWORD = "Lampa-Zelenaya-27"  # noqa: S105 - the training password of all twelve, printed in the handbook
FIRST_OID = 1_000_100_001
"""anna's oid; the others follow in the order of the table."""
FIRST_ORGANISATION_OID = 1_000_200_001
PASSPORT_SERIES = "0000"
ISSUED_BY = "Отделение полиции учебного города"
ISSUER_CODE = "000001"
REGISTRY_OFFICE = "Отдел ЗАГС учебного города"


@dataclass(frozen=True)
class Home:
    """An invented address."""

    zip_code: str
    region: str
    city: str
    street: str
    house: str
    flat: str | None = None


@dataclass(frozen=True)
class PersonaChild:
    """A child in a persona's profile. The birthday is `days` ago, `years` before that."""

    surname: str
    name: str
    patronymic: str
    sex: str
    years: int
    days: int
    certificate: str
    """Number of the birth certificate; its series is made of the first letters of the surname."""
    snils: str | None = None
    policy: str | None = None

    @property
    def certificate_series(self) -> str:
        """`I-ЛА`, `I-ТА`, `I-СА`."""
        return f"I-{self.surname[0]}А"


@dataclass(frozen=True)
class PersonaOrganisation:
    """An organisation that a persona belongs to."""

    full_name: str
    short_name: str
    ogrn: str
    inn: str
    type: str
    chief: bool
    phone: str
    email: str


@dataclass(frozen=True)
class Persona:
    """One person as the table of `docs/personas.md` has them."""

    id: str
    surname: str
    name: str
    patronymic: str
    sex: str
    years: int
    days: int
    """How long ago the last birthday was, in days."""
    level: str
    region: str
    zone: str
    phone: str
    genitive: str
    """«Телефон …»"""
    mail: str | None = None
    snils: str | None = None
    passport: str | None = None
    policy: str | None = None
    inn: str | None = None
    sms: bool = True
    totp: bool = False
    backup_codes: bool = False
    push: bool = False
    home: Home | None = None
    children: tuple[PersonaChild, ...] = ()
    organisation: PersonaOrganisation | None = None
    note: str = ""
    """What tells this account from another one of the same name."""


def born(today: date, years: int, days: int) -> date:
    """A birthday `days` ago (ahead, if negative) on which somebody became `years` old.

    Where that year has no 29 February it is 1 March, on which such people's age changes.
    """
    last = today - timedelta(days=days)
    try:
        return last.replace(year=last.year - years)
    except ValueError:
        return date(last.year - years, 3, 1)


_MOSCOW = "Europe/Moscow"
_VORONEZH = "Воронежская область"

PERSONAS: tuple[Persona, ...] = (
    Persona(
        id="anna",
        surname="Лесная",
        name="Анна",
        patronymic="Сергеевна",
        sex="F",
        years=34,
        days=120,
        level="confirmed",
        region="36",
        zone=_MOSCOW,
        phone="+70001000001",
        genitive="Анны Лесной",
        mail="anna@pochta.example",
        snils="00010010110",
        passport="200103",
        policy="0000100000000370",
        inn="001000011100",
        home=Home("000361", _VORONEZH, "Светлоречье", "Садовая", "12", "48"),
        children=(
            PersonaChild(
                "Лесная", "Мила", "Игоревна", "F", 8, 75, "000123", snils="00010373752", policy="0000100000004810"
            ),
            PersonaChild(
                "Лесной", "Егор", "Игоревич", "M", 15, -20, "000126", snils="00010404030", policy="0000100000005189"
            ),
        ),
    ),
    Persona(
        id="viktor",
        surname="Полевой",
        name="Виктор",
        patronymic="Андреевич",
        sex="M",
        years=75,
        days=40,
        level="confirmed",
        region="36",
        zone=_MOSCOW,
        phone="+70001000002",
        genitive="Виктора Полевого",
        snils="00010040422",
        passport="200106",
        policy="0000100000000743",
        home=Home("000362", _VORONEZH, "Светлоречье", "Полевая", "3"),
    ),
    Persona(
        id="maria",
        surname="Речная",
        name="Мария",
        patronymic="Олеговна",
        sex="F",
        years=22,
        days=200,
        level="simplified",
        region="36",
        zone=_MOSCOW,
        phone="+70001000003",
        genitive="Марии Речной",
        mail="maria@pochta.example",
    ),
    Persona(
        id="igor",
        surname="Озёрный",
        name="Игорь",
        patronymic="Павлович",
        sex="M",
        years=41,
        days=15,
        level="standard",
        region="16",
        zone=_MOSCOW,
        phone="+70001000004",
        genitive="Игоря Озёрного",
        mail="igor@pochta.example",
        snils="00010101012",
        passport="200112",
        inn="001000044401",
        sms=False,
        totp=True,
        backup_codes=True,
        home=Home("000161", "Республика Татарстан", "Озёрск Учебный", "Набережная", "7", "15"),
    ),
    Persona(
        id="olga",
        surname="Мостовая",
        name="Ольга",
        patronymic="Дмитриевна",
        sex="F",
        years=52,
        days=250,
        level="confirmed",
        region="77",
        zone=_MOSCOW,
        phone="+70001000005",
        genitive="Ольги Мостовой",
        mail="olga@pochta.example",
        snils="00010131324",
        passport="200115",
        policy="0000100000001857",
        inn="001000055562",
        push=True,
        home=Home("000771", "Москва", "Москва", "Учебная Мостовая", "21", "104"),
    ),
    Persona(
        id="timur",
        surname="Горный",
        name="Тимур",
        patronymic="Русланович",
        sex="M",
        years=38,
        days=310,
        level="confirmed",
        region="05",
        zone=_MOSCOW,
        phone="+70001000006",
        genitive="Тимура Горного",
        mail="timur@pochta.example",
        snils="00010161636",
        passport="200118",
        policy="0000100000002228",
        inn="001000066620",
        sms=False,
        totp=True,
        home=Home("000051", "Республика Дагестан", "Верхний Перевал", "Горная", "5"),
        organisation=PersonaOrganisation(
            "Государственное бюджетное учреждение «Горная учебная больница»",
            "ГБУ «Горная учебная больница»",
            "1000500000016",
            "0005000011",
            "AGENCY",
            chief=False,
            phone="+70001000106",
            email="bolnitsa@gorod.example",
        ),
    ),
    Persona(
        id="elena",
        surname="Таёжная",
        name="Елена",
        patronymic="Викторовна",
        sex="F",
        years=29,
        days=90,
        level="confirmed",
        region="66",
        zone="Asia/Yekaterinburg",
        phone="+70001000007",
        genitive="Елены Таёжной",
        mail="elena@pochta.example",
        snils="00010191948",
        passport="200121",
        policy="0000100000002590",
        inn="001000077799",
        home=Home("000661", "Свердловская область", "Кедровый Лог", "Лесная", "30", "2"),
        children=(PersonaChild("Таёжный", "Пётр", "Андреевич", "M", 0, 40, "000129"),),
    ),
    Persona(
        id="pavel",
        surname="Снежный",
        name="Павел",
        patronymic="Игоревич",
        sex="M",
        years=63,
        days=5,
        level="confirmed",
        region="54",
        zone="Asia/Novosibirsk",
        phone="+70001000008",
        genitive="Павла Снежного",
        mail="pavel@pochta.example",
        snils="00010222226",
        passport="200124",
        policy="0000100000002962",
        inn="001000088857",
        home=Home("000541", "Новосибирская область", "Снегири Учебные", "Зимняя", "9", "71"),
    ),
    Persona(
        id="nina",
        surname="Дальняя",
        name="Нина",
        patronymic="Фёдоровна",
        sex="F",
        years=58,
        days=180,
        level="confirmed",
        region="25",
        zone="Asia/Vladivostok",
        phone="+70001000009",
        genitive="Нины Дальней",
        mail="nina@pochta.example",
        snils="00010252538",
        passport="200127",
        policy="0000100000003333",
        inn="001000099915",
        totp=True,
        push=True,
        home=Home("000251", "Приморский край", "Тихая Бухта", "Портовая", "14", "6"),
    ),
    Persona(
        id="kirill",
        surname="Тихий",
        name="Кирилл",
        patronymic="Романович",
        sex="M",
        years=19,
        days=150,
        level="confirmed",
        region="36",
        zone=_MOSCOW,
        phone="+70001000010",
        genitive="Кирилла Тихого",
        mail="kirill@pochta.example",
        snils="00010282850",
        passport="200130",
        policy="0000100000003705",
        inn="001000111016",
        sms=False,
        home=Home("000363", _VORONEZH, "Светлоречье", "Студенческая", "1", "310"),
    ),
    Persona(
        id="svetlana",
        surname="Садовая",
        name="Светлана",
        patronymic="Юрьевна",
        sex="F",
        years=47,
        days=220,
        level="confirmed-signature",
        region="78",
        zone=_MOSCOW,
        phone="+70001000011",
        genitive="Светланы Садовой",
        mail="svetlana@pochta.example",
        snils="00010313128",
        passport="200133",
        policy="0000100000004075",
        inn="001000122184",
        home=Home("000781", "Санкт-Петербург", "Санкт-Петербург", "Учебная Садовая", "40", "11"),
        children=(
            PersonaChild(
                "Садовая", "Вера", "Ильинична", "F", 16, 100, "000132", snils="00010434342", policy="0000100000005551"
            ),
        ),
        organisation=PersonaOrganisation(
            "Общество с ограниченной ответственностью «Садовая аптека»",
            "ООО «Садовая аптека»",
            "1007800000010",
            "0078000013",
            "LEGAL",
            chief=True,
            phone="+70001000111",
            email="apteka@gorod.example",
        ),
    ),
    Persona(
        id="gleb",
        surname="Южный",
        name="Глеб",
        patronymic="Антонович",
        sex="M",
        years=33,
        days=280,
        level="confirmed",
        region="36",
        zone=_MOSCOW,
        phone="+70001000012",
        genitive="Глеба Южного",
        mail="gleb@pochta.example",
        snils="00010343440",
        passport="200136",
        policy="0000100000004448",
        inn="001000133242",
        home=Home("000364", _VORONEZH, "Светлоречье", "Южная", "8", "23"),
    ),
    Persona(
        # Nina's second account: another phone and mailbox, nothing confirmed, so no SNILS to find her card by.
        id="nina2",
        surname="Дальняя",
        name="Нина",
        patronymic="Фёдоровна",
        sex="F",
        years=58,
        days=180,
        level="simplified",
        region="25",
        zone="Asia/Vladivostok",
        phone="+70001000019",
        genitive="Нины Дальней (вторая учётная запись)",
        mail="nina2@pochta.example",
        note="вторая учётная запись",
    ),
)

BY_ID = {persona.id: persona for persona in PERSONAS}
