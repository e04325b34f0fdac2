"""Person data: read strictly, forgiving only about what may be absent."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import date
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.esia import errors
from portal.esia.client import EsiaClient
from portal.esia.person import (
    PersonData,
    birth_certificate_of,
    parse_addresses,
    parse_children,
    parse_contacts,
    parse_documents,
    parse_person,
    policy_of,
)
from portal.esia.shapes import parse_json
from portal.esia.works import current_works, parse_works
from tests.portal.conftest import NOON
from tests.portal.fake_esia import ANNA, FakeEsia

PARSERS: list[Callable[[Any], Any]] = [
    parse_person,
    parse_contacts,
    parse_addresses,
    parse_documents,
    parse_children,
    parse_works,
]


def test_a_person_is_read_whole() -> None:
    """The sample of the wire description."""
    person = parse_person(ANNA)
    assert person == PersonData(
        surname="Лебедева",
        name="Анна",
        patronymic="Сергеевна",
        birth_date=date(1985, 5, 26),
        snils="00010010110",
        inn="500100732259",
        trusted=True,
    )


@pytest.mark.parametrize("absent", ["middleName", "birthDate", "snils", "inn", "trusted", "status", "stateFacts"])
@pytest.mark.parametrize("how", ["missing", "null", "empty"])
def test_what_may_be_absent_never_fails(absent: str, how: str) -> None:
    """An optional item that is not there is empty, never an error."""
    answer = dict(ANNA)
    if how == "missing":
        del answer[absent]
    elif absent != "trusted":
        answer[absent] = None if how == "null" else ""
    assert parse_person(answer).surname == "Лебедева"


@pytest.mark.parametrize("absent", ["firstName", "lastName"])
@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_person_without_a_name_is_refused(absent: str, value: Any) -> None:
    """Surname and name are required for a session."""
    with pytest.raises(errors.MissingPersonName):
        parse_person({**ANNA, absent: value})


@pytest.mark.parametrize(
    "change",
    [
        {"firstName": 5},
        {"lastName": ["Лебедева"]},
        {"birthDate": "1985-05-26"},
        {"birthDate": "31.02.1985"},
        {"snils": "000-100-101"},
        {"snils": 10010110},
        {"snils": "٠٠٠١٠٠١٠١١٠"},
        {"inn": "abc"},
        {"trusted": "true"},
        {"trusted": 1},
        {"lastName": "Леб\0едева"},
        {"lastName": "\ud800"},
        {"lastName": "а" * 5000},
    ],
    ids=str,
)
def test_a_member_in_another_type_is_malformed(change: dict[str, Any]) -> None:
    """The shape was agreed; a different one is not guessed at."""
    with pytest.raises(errors.Malformed):
        parse_person({**ANNA, **change})


@pytest.mark.parametrize("answer", [None, [], "person", 5, True])
def test_a_person_that_is_no_object_is_malformed(answer: Any) -> None:
    with pytest.raises(errors.Malformed):
        parse_person(answer)


@pytest.mark.parametrize(
    ("trusted", "snils", "level"),
    [
        (True, "000-100-101 10", "confirmed"),
        (True, None, "confirmed"),
        (False, "000-100-101 10", "standard"),
        (False, None, "simplified"),
        (None, None, "simplified"),
    ],
)
def test_the_level_follows_from_what_is_sent(trusted: bool | None, snils: str | None, level: str) -> None:
    """R-013: trusted → confirmed; else a SNILS → standard; else simplified."""
    assert parse_person({**ANNA, "trusted": trusted, "snils": snils}).level == level


def test_control_characters_in_a_text_become_spaces() -> None:
    """A line end in a name breaks neither a page nor a log (S-63)."""
    assert parse_person({**ANNA, "middleName": "Серге\r\nевна \u2028 X"}).patronymic == "Серге евна X"


def test_contacts_are_read() -> None:
    found = parse_contacts(
        {
            "elements": [
                {"id": 1, "type": "EML", "vrfStu": "VERIFIED", "value": "anna@example.test"},
                {"id": 2, "type": "PHN", "vrfStu": "NOT_VERIFIED", "value": "+7(000)1000101"},
            ]
        }
    )
    assert [(contact.kind, contact.verified) for contact in found] == [("EML", True), ("PHN", False)]


def test_an_empty_collection_may_tell_its_size_alone() -> None:
    """Who has no children is no failure; a collection that says that it has some is one."""
    assert parse_children({"stateFacts": ["hasSize"], "size": 0}) == []
    with pytest.raises(errors.Malformed):
        parse_children({"stateFacts": ["hasSize"], "size": 1})


def test_addresses_are_read_and_one_without_its_line_is_left_out() -> None:
    found = parse_addresses({"elements": [{"type": "PLV", "addressStr": "г Тест", "house": "1"}, {"type": "PRG"}]})
    assert [(address.kind, address.text, address.house) for address in found] == [("PLV", "г Тест", "1")]


@pytest.mark.parametrize(
    ("line", "house", "flat", "full"),
    [
        ("г Тест, ул Садовая", "12", "48", "г Тест, ул Садовая, д. 12, кв. 48"),
        ("г Тест, ул Садовая", "12", None, "г Тест, ул Садовая, д. 12"),
        ("г Тест, ул Садовая", None, None, "г Тест, ул Садовая"),
        ("г Тест, ул Садовая, д. 12, кв. 48", "12", "48", "г Тест, ул Садовая, д. 12, кв. 48"),
    ],
)
def test_an_address_in_full_leads_to_the_door(line: str, house: str | None, flat: str | None, full: str) -> None:
    """House and flat come beside the line; a doctor who is called home needs both, once."""
    element = {"type": "PLV", "addressStr": line, "house": house, "flat": flat}
    assert [address.in_full for address in parse_addresses({"elements": [element]})] == [full]


def test_the_policy_and_the_birth_certificate_are_found_among_documents() -> None:
    """The certificate under any of its kinds."""
    for kind in ("RF_BRTH_CERT", "FID_BRTH_CERT", "OLD_BRTH_CERT", "BRTH_CERT"):
        documents = parse_documents(
            {
                "elements": [
                    {"type": "RF_DRIVING_LICENSE", "number": "884455"},
                    {"type": kind, "series": "II-МЮ", "number": "123456", "actNo": "1234", "issueDate": "20.10.2016"},
                    {"type": "MDCL_PLCY", "number": "5000000000000017", "vrfStu": "VERIFIED"},
                ]
            }
        )
        policy, certificate = policy_of(documents), birth_certificate_of(documents)
        assert policy is not None
        assert policy.number == "5000000000000017"
        assert policy.verified
        assert certificate is not None
        assert (certificate.record, certificate.issued_on) == ("1234", date(2016, 10, 20))
    assert policy_of([]) is None
    assert birth_certificate_of([]) is None


def test_a_policy_without_a_number_is_none() -> None:
    assert policy_of(parse_documents({"elements": [{"type": "MDCL_PLCY"}]})) is None


def test_children_are_read_and_one_without_a_name_is_left_out() -> None:
    """Rights to a child's name may be withheld (R-020)."""
    found = parse_children(
        {
            "elements": [
                {"id": 10542, "firstName": "Мария", "lastName": "Тестова", "birthDate": "09.10.2016"},
                {"id": 10543, "birthDate": "09.10.2016"},
            ]
        }
    )
    assert [(child.id, child.name) for child in found] == [("10542", "Мария")]


@pytest.mark.parametrize("number", [None, "", "1/../2", -1, True, 1.5, 10**19, "٣"])
def test_a_child_whose_number_does_not_fit_into_an_address_is_malformed(number: Any) -> None:
    """It becomes a part of a path."""
    with pytest.raises(errors.Malformed):
        parse_children({"elements": [{"id": number, "firstName": "Мария", "lastName": "Тестова"}]})


def test_elements_that_are_addresses_are_malformed() -> None:
    """We ask for embedded elements; a list of links is another shape."""
    for parse in PARSERS[1:5]:
        with pytest.raises(errors.Malformed):
            parse({"elements": ["http://esia.test/rs/prns/1/ctts/2"]})


# Whatever arrives

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(
    [
        "firstName",
        "lastName",
        "middleName",
        "birthDate",
        "snils",
        "inn",
        "trusted",
        "type",
        "value",
        "vrfStu",
        "number",
        "id",
        "issueDate",
        "expiryDate",
        "addressStr",
        "start",
        "end",
        "kind",
        "title",
        "actNo",
        "series",
    ]
)
LIKELY = st.sampled_from(["", "26.05.1985", "000-100-101 10", "2026-11-22T12:00:00Z", "\ud800", "\0", 5, True, None])
ITEM = st.dictionaries(NAMES, LIKELY | JSON, max_size=8)
ITEMS = st.lists(ITEM, max_size=3)
ANSWER = JSON | ITEM | st.fixed_dictionaries({"elements": ITEMS, "windows": ITEMS})


@settings(max_examples=150, deadline=None)
@given(answer=ANSWER)
def test_no_json_makes_a_parser_raise_anything_but_its_own_errors(answer: Any) -> None:
    """Whatever Gosuslugi sends ends as data or as an Untrusted with a reason, and data can be stored and shown."""
    for parse in PARSERS:
        with contextlib.suppress(errors.Untrusted):
            repr(parse(answer)).encode("utf-8")
    with contextlib.suppress(errors.Untrusted):
        current_works(parse_works(answer), NOON)


@settings(max_examples=150, deadline=None)
@given(body=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_no_bytes_make_the_json_reader_raise_anything_but_malformed(body: bytes) -> None:
    with contextlib.suppress(errors.Malformed):
        parse_json(body, "person")


@pytest.mark.parametrize("body", [b"[" * 200_000, b'{"a":' * 100_000, b"1" * 10_000, b"Infinity", b"-Infinity", b"NaN"])
def test_absurd_json_is_malformed(body: bytes) -> None:
    """Depth, endless numbers, and what is not JSON at all."""
    with pytest.raises(errors.Malformed):
        parse_json(body, "person")


# Over the wire


def test_person_data_are_asked_for_with_the_token_and_the_subject(
    make_client: Callable[..., EsiaClient], esia: FakeEsia
) -> None:
    """S-09: the oid in every call is the token's."""
    client = make_client()
    client.person("the-token", "1000000101")
    client.contacts("the-token", "1000000101")
    client.addresses("the-token", "1000000101")
    client.documents("the-token", "1000000101")
    client.children("the-token", "1000000101")
    client.child_documents("the-token", "1000000101", "10542")
    assert [str(request.url).removeprefix("http://back.esia.test") for request in esia.requests] == [
        "/rs/prns/1000000101",
        "/rs/prns/1000000101/ctts?embed=(elements)",
        "/rs/prns/1000000101/addrs?embed=(elements)",
        "/rs/prns/1000000101/docs?embed=(elements)",
        "/rs/prns/1000000101/kids?embed=(elements)",
        "/rs/prns/1000000101/kids/10542/docs?embed=(elements)",
    ]
    assert {request.headers["Authorization"] for request in esia.requests} == {"Bearer the-token"}


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx2.Response(401), errors.AccessRefused),
        (httpx2.Response(403), errors.AccessRefused),
        (httpx2.Response(404), errors.EsiaFailed),
        (httpx2.Response(500), errors.EsiaFailed),
        (httpx2.Response(200, content=b"<html>", headers={"Content-Type": "text/html"}), errors.EsiaFailed),
        (httpx2.Response(200, content=b"{}", headers={"Content-Type": "application/json"}), errors.MissingPersonName),
        (httpx2.Response(200, content=b"[", headers={"Content-Type": "application/json"}), errors.Malformed),
    ],
    ids=["401", "403", "404", "500", "html", "no-name", "broken"],
)
def test_each_way_to_fail_has_its_own_error(
    answer: httpx2.Response, kind: type[errors.EsiaError], make_client: Callable[..., EsiaClient], esia: FakeEsia
) -> None:
    esia.answer_with("/rs/prns/1000000101", answer)
    with pytest.raises(errors.EsiaError) as caught:
        make_client().person("the-token", "1000000101")
    assert type(caught.value) is kind
