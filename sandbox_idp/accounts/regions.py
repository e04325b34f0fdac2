"""Subjects of the federation: the two digits by which the project knows each, its name and the zone of its capital."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Region:
    """One subject."""

    name: str
    zone: str = "Europe/Moscow"
    """IANA name."""


REGIONS: dict[str, Region] = {
    "01": Region("Республика Адыгея"),
    "02": Region("Республика Башкортостан", "Asia/Yekaterinburg"),
    "03": Region("Республика Бурятия", "Asia/Irkutsk"),
    "04": Region("Республика Алтай", "Asia/Barnaul"),
    "05": Region("Республика Дагестан"),
    "06": Region("Республика Ингушетия"),
    "07": Region("Кабардино-Балкарская Республика"),
    "08": Region("Республика Калмыкия"),
    "09": Region("Карачаево-Черкесская Республика"),
    "10": Region("Республика Карелия"),
    "11": Region("Республика Коми"),
    "12": Region("Республика Марий Эл"),
    "13": Region("Республика Мордовия"),
    "14": Region("Республика Саха (Якутия)", "Asia/Yakutsk"),
    "15": Region("Республика Северная Осетия — Алания"),
    "16": Region("Республика Татарстан"),
    "17": Region("Республика Тыва", "Asia/Krasnoyarsk"),
    "18": Region("Удмуртская Республика", "Europe/Samara"),
    "19": Region("Республика Хакасия", "Asia/Krasnoyarsk"),
    "20": Region("Чеченская Республика"),
    "21": Region("Чувашская Республика"),
    "22": Region("Алтайский край", "Asia/Barnaul"),
    "23": Region("Краснодарский край"),
    "24": Region("Красноярский край", "Asia/Krasnoyarsk"),
    "25": Region("Приморский край", "Asia/Vladivostok"),
    "26": Region("Ставропольский край"),
    "27": Region("Хабаровский край", "Asia/Vladivostok"),
    "28": Region("Амурская область", "Asia/Yakutsk"),
    "29": Region("Архангельская область"),
    "30": Region("Астраханская область", "Europe/Astrakhan"),
    "31": Region("Белгородская область"),
    "32": Region("Брянская область"),
    "33": Region("Владимирская область"),
    "34": Region("Волгоградская область"),
    "35": Region("Вологодская область"),
    "36": Region("Воронежская область"),
    "37": Region("Ивановская область"),
    "38": Region("Иркутская область", "Asia/Irkutsk"),
    "39": Region("Калининградская область", "Europe/Kaliningrad"),
    "40": Region("Калужская область"),
    "41": Region("Камчатский край", "Asia/Kamchatka"),
    "42": Region("Кемеровская область", "Asia/Novokuznetsk"),
    "43": Region("Кировская область"),
    "44": Region("Костромская область"),
    "45": Region("Курганская область", "Asia/Yekaterinburg"),
    "46": Region("Курская область"),
    "47": Region("Ленинградская область"),
    "48": Region("Липецкая область"),
    "49": Region("Магаданская область", "Asia/Magadan"),
    "50": Region("Московская область"),
    "51": Region("Мурманская область"),
    "52": Region("Нижегородская область"),
    "53": Region("Новгородская область"),
    "54": Region("Новосибирская область", "Asia/Novosibirsk"),
    "55": Region("Омская область", "Asia/Omsk"),
    "56": Region("Оренбургская область", "Asia/Yekaterinburg"),
    "57": Region("Орловская область"),
    "58": Region("Пензенская область"),
    "59": Region("Пермский край", "Asia/Yekaterinburg"),
    "60": Region("Псковская область"),
    "61": Region("Ростовская область"),
    "62": Region("Рязанская область"),
    "63": Region("Самарская область", "Europe/Samara"),
    "64": Region("Саратовская область", "Europe/Saratov"),
    "65": Region("Сахалинская область", "Asia/Sakhalin"),
    "66": Region("Свердловская область", "Asia/Yekaterinburg"),
    "67": Region("Смоленская область"),
    "68": Region("Тамбовская область"),
    "69": Region("Тверская область"),
    "70": Region("Томская область", "Asia/Tomsk"),
    "71": Region("Тульская область"),
    "72": Region("Тюменская область", "Asia/Yekaterinburg"),
    "73": Region("Ульяновская область", "Europe/Ulyanovsk"),
    "74": Region("Челябинская область", "Asia/Yekaterinburg"),
    "75": Region("Забайкальский край", "Asia/Chita"),
    "76": Region("Ярославская область"),
    "77": Region("Москва"),
    "78": Region("Санкт-Петербург"),
    "79": Region("Еврейская автономная область", "Asia/Vladivostok"),
    "83": Region("Ненецкий автономный округ"),
    "86": Region("Ханты-Мансийский автономный округ", "Asia/Yekaterinburg"),
    "87": Region("Чукотский автономный округ", "Asia/Anadyr"),
    "89": Region("Ямало-Ненецкий автономный округ", "Asia/Yekaterinburg"),
}

ZONES = tuple(sorted({region.zone for region in REGIONS.values()}))
"""Every zone that somebody may live in."""
