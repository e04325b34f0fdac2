"""A person with everything: contacts, policy, two children with documents and one who is grown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from portal.esia.config import SCOPES
from tests.portal.fake_esia import OID, FakeEsia, json_answer

PERSON = f"/rs/prns/{OID}"


def collection(*elements: dict[str, Any]) -> Any:
    return json_answer({"stateFacts": ["hasSize"], "size": len(elements), "elements": list(elements)})


def policy(number: str) -> dict[str, Any]:
    return {"id": 1, "type": "MDCL_PLCY", "vrfStu": "VERIFIED", "number": number}


def certificate(series: str, number: str) -> dict[str, Any]:
    return {"id": 2, "type": "RF_BRTH_CERT", "vrfStu": "VERIFIED", "series": series, "number": number}


def child(number: int, name: str, born: str) -> dict[str, Any]:
    return {"id": number, "firstName": name, "lastName": "Лесная", "birthDate": born}


@pytest.fixture
def grant(esia: FakeEsia) -> Callable[..., None]:
    """Say which rights are granted: all of the portal's without those named."""

    def grant(*, without: tuple[str, ...] = ()) -> None:
        esia.scopes = " ".join(f"{scope}?oid={OID}" for scope in SCOPES if scope not in without)

    return grant


@pytest.fixture
def family(esia: FakeEsia, grant: Callable[..., None]) -> FakeEsia:
    """The clock stands on 22 November 2026: Мила is 8, Егор turns 15 in 20 days, Вера is 16."""
    grant()
    esia.answer_with(
        f"{PERSON}/ctts",
        collection(
            {"id": 1, "type": "MBT", "vrfStu": "VERIFIED", "value": "+7(000)1000001"},
            {"id": 2, "type": "EML", "vrfStu": "NOT_VERIFIED", "value": "anna@pochta.example"},
        ),
    )
    esia.answer_with(
        f"{PERSON}/addrs", collection({"id": 3, "type": "PLV", "addressStr": "г Воронеж, ул Кленовая", "house": "5"})
    )
    esia.answer_with(f"{PERSON}/docs", collection(policy("0000100000000370")))
    esia.answer_with(
        f"{PERSON}/kids",
        collection(child(11, "Мила", "05.03.2018"), child(12, "Егор", "12.12.2011"), child(13, "Вера", "01.02.2010")),
    )
    esia.answer_with(f"{PERSON}/kids/11/docs", collection(policy("0000100000004810"), certificate("I-ЛА", "000123")))
    esia.answer_with(f"{PERSON}/kids/12/docs", collection(policy("0000100000005189")))
    esia.answer_with(f"{PERSON}/kids/13/docs", collection())
    return esia
