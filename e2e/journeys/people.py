"""The personas as a test knows them: what they type and which phone they hold (`docs/personas.md`)."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "Lampa-Zelenaya-27"
OF_A_PHONE = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/131.0.0.0 Mobile Safari/537.36"
"""What the browser of a phone calls itself."""


@dataclass(frozen=True)
class Persona:
    """One of the twelve."""

    name: str
    phone: str
    greeting: str
    """Name and patronymic, as the home page greets."""
    login: str
    """What this one types: phone, e-mail or SNILS, so that all three are walked."""
    children: tuple[str, ...] = ()


def _phone(number: int) -> str:
    return f"+7000100{number:04d}"


PEOPLE = {
    persona.name: persona
    for persona in (
        Persona("anna", _phone(1), "Анна Сергеевна", "+7 (000) 100-00-01", ("Мила", "Егор")),
        Persona("viktor", _phone(2), "Виктор Андреевич", "000-100-404 22"),
        Persona("maria", _phone(3), "Мария Олеговна", "maria@pochta.example"),
        Persona("igor", _phone(4), "Игорь Павлович", "8 000 100 00 04"),
        Persona("olga", _phone(5), "Ольга Дмитриевна", "olga@pochta.example"),
        Persona("timur", _phone(6), "Тимур Русланович", "000-101-616 36"),
        Persona("elena", _phone(7), "Елена Викторовна", "+70001000007", ("Пётр",)),
        Persona("pavel", _phone(8), "Павел Игоревич", "pavel@pochta.example"),
        Persona("nina", _phone(9), "Нина Фёдоровна", "nina@pochta.example"),
        Persona("kirill", _phone(10), "Кирилл Романович", "+7 000 100-00-10"),
        Persona("svetlana", _phone(11), "Светлана Юрьевна", "000-103-131 28"),
        Persona("gleb", _phone(12), "Глеб Антонович", "gleb@pochta.example"),
    )
}
