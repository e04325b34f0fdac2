"""`/rs`: shapes of the real service, and which scope opens what (`docs/esia-protocol.md`, "REST JSON samples")."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import select
from werkzeug.test import TestResponse

from sandbox_idp.accounts.models import Child, Contact, Document, Organisation, Person
from sandbox_idp.context import Stand
from sandbox_idp.oauth import disclosure
from sandbox_idp.oauth.scopes import TITLES
from sandbox_idp.scenarios import engine
from sandbox_idp.scenarios.points import Point
from tests.esia_client import V1Client, jwt_parts
from tests.sandbox_idp.oauth.conftest import Desk

ETAG = re.compile(r"[0-9A-F]{40}")
EVERYTHING = [scope for scope in TITLES if not scope.startswith("org_")]


class Data:
    """Person data as a system with certain scopes sees them."""

    def __init__(self, desk: Desk, access_token: str) -> None:
        self.desk = desk
        self.access_token = access_token
        self.oid = int(jwt_parts(access_token)[1]["urn:esia:sbj_id"])

    def ask(self, path: str, **headers: str) -> TestResponse:
        return self.desk.browser.client.get(
            self.desk.stand.prefix + path,
            base_url=self.desk.browser.base_url,
            headers={"Authorization": f"Bearer {self.access_token}", **headers},
        )

    def get(self, tail: str = "") -> Any:
        """The JSON below the person's own address."""
        response = self.ask(f"/rs/prns/{self.oid}{tail}")
        assert response.status_code == 200, (tail, response.status_code, response.get_data(as_text=True))
        assert response.headers["Content-Type"] == "application/json"
        return response.get_json()

    def status(self, tail: str) -> int:
        return self.ask(f"/rs/prns/{self.oid}{tail}").status_code


@pytest.fixture
def see(desk: Desk, register: Callable[..., V1Client], stand: Stand) -> Callable[..., Data]:
    """Signs a person in to a system with exactly these scopes."""
    registered: list[V1Client] = []

    def look(*scopes: str, persona: str = "anna") -> Data:
        if not registered:
            registered.append(register(scopes=EVERYTHING, required_scopes=EVERYTHING))
        body = desk.tokens(registered[0], persona=persona, scope=" ".join(("openid", *scopes)), prompt="consent")
        return Data(desk, body["access_token"])

    return look


@pytest.fixture
def rich(stand: Stand) -> None:
    """Gives Anna one document and contact of every kind, and an organisation."""
    types = sorted({kind for kinds in disclosure.DOCUMENT_TYPES.values() for kind in kinds})
    with stand.database.writing() as session:
        anna = session.exec(select(Person).where(Person.persona == "anna")).one()
        present = {row.type for row in session.exec(select(Document).where(Document.person_oid == anna.oid))}
        for number, kind in enumerate(kind for kind in types if kind not in present):
            session.add(
                Document(
                    id=900 + number,
                    person_oid=anna.oid,
                    type=kind,
                    series="0000",
                    number="200103",
                    issued_on=date(2020, 1, 31),
                    issued_by="Отдел",
                    issuer_code="000-361",
                    expires_on=date(2030, 2, 1),
                    act_number="12",
                    act_date=date(2019, 12, 31),
                    verified=False,
                )
            )
        session.add(Contact(id=900, person_oid=anna.oid, type="PHN", value="+70001000091", verified=False))
        session.add(
            Organisation(
                oid=1063000001,
                person_oid=anna.oid,
                full_name='ООО "РОМАШКА"',
                short_name="РОМАШКА",
                ogrn="0000000000001",
                chief=True,
                phone="+70001000092",
            )
        )
        anna.birth_place = "Воронеж"
        session.add(anna)


PERSON_ALWAYS = {"stateFacts", "trusted", "updatedOn", "status", "verifying", "containsUpCfmCode", "eTag"}


@pytest.mark.parametrize(
    ("scope", "members"),
    [
        ("openid", set()),
        ("fullname", {"firstName", "lastName", "middleName"}),
        ("birthdate", {"birthDate"}),
        ("birthplace", {"birthPlace"}),
        ("gender", {"gender"}),
        ("citizenship", {"citizenship"}),
        ("snils", {"snils"}),
        ("inn", {"inn"}),
        ("id_doc", {"rIdDoc"}),
        ("medical_doc", set()),
        ("email", set()),
    ],
)
def test_a_member_of_the_person_needs_its_scope(
    see: Callable[..., Data], rich: None, scope: str, members: set[str]
) -> None:
    """S-66."""
    assert set(see(scope).get()) == PERSON_ALWAYS | members


@pytest.mark.parametrize(
    ("scope", "collection", "types"),
    [
        ("email", "ctts", {"EML"}),
        ("mobile", "ctts", {"MBT"}),
        ("contacts", "ctts", {"MBT", "PHN"}),
        ("addresses", "addrs", {"PLV", "PRG"}),
        ("contacts", "addrs", {"PLV", "PRG"}),
        ("id_doc", "docs", {"RF_PASSPORT", "FID_DOC"}),
        ("medical_doc", "docs", {"MDCL_PLCY"}),
        ("military_doc", "docs", {"MLTR_ID"}),
        ("foreign_passport_doc", "docs", {"FRGN_PASS"}),
        ("drivers_licence_doc", "docs", {"RF_DRIVING_LICENSE"}),
        ("birth_cert_doc", "docs", {"RF_BRTH_CERT", "FID_BRTH_CERT", "OLD_BRTH_CERT", "BRTH_CERT"}),
        ("residence_doc", "docs", set()),
        ("vehicles", "vhls", set()),
    ],
)
def test_a_collection_shows_only_what_was_granted(
    see: Callable[..., Data], rich: None, scope: str, collection: str, types: set[str]
) -> None:
    """S-66: of one collection only the types whose scope was granted."""
    body = see(scope).get(f"/{collection}?embed=(elements)")
    assert {element["type"] for element in body["elements"]} == types
    assert body["size"] == len(body["elements"])


@pytest.mark.parametrize("collection", ["ctts", "addrs", "docs", "kids", "vhls", "orgs", "roles", "kids/1/docs"])
def test_a_collection_without_its_scope_is_403(see: Callable[..., Data], collection: str) -> None:
    data = see("fullname")
    response = data.ask(f"/rs/prns/{data.oid}/{collection}")
    assert response.status_code == 403
    assert "ESIA-007019" in response.get_json()["message"]
    assert data.status(f"/{collection}/1") == 403


def test_every_scope_of_the_table_exists() -> None:
    tables = (
        disclosure.PERSON_FIELDS, disclosure.CHILD_FIELDS, disclosure.CONTACT_TYPES, disclosure.DOCUMENT_TYPES,
        disclosure.CHILD_DOCUMENT_TYPES,
    )  # fmt: skip
    used = {scope for table in tables for scope in table} | set().union(*disclosure.COLLECTION_SCOPES.values())
    assert used <= set(TITLES)


def test_the_person_has_the_members_of_the_real_one_in_order(see: Callable[..., Data], rich: None) -> None:
    """Sample 3.1."""
    names = ("fullname", "birthdate", "birthplace", "gender", "citizenship", "snils", "inn", "id_doc")
    body = see(*names).get()
    assert list(body) == [
        "stateFacts", "firstName", "lastName", "middleName", "birthDate", "birthPlace", "gender", "trusted",
        "citizenship", "snils", "inn", "updatedOn", "status", "verifying", "rIdDoc", "containsUpCfmCode", "eTag",
    ]  # fmt: skip
    assert body["stateFacts"] == ["EntityRoot"]
    assert (body["lastName"], body["firstName"], body["middleName"]) == ("Лесная", "Анна", "Сергеевна")
    assert re.fullmatch(r"\d\d\.\d\d\.\d{4}", body["birthDate"])
    assert body["gender"] == "F"
    assert body["trusted"] is True
    assert body["citizenship"] == "RUS"
    assert body["snils"] == "000-100-101 10"
    assert body["inn"] == "001000011100"
    assert isinstance(body["updatedOn"], int)
    assert body["status"] == "REGISTERED"
    assert isinstance(body["rIdDoc"], int)
    assert ETAG.fullmatch(body["eTag"])


def test_what_a_person_does_not_have_is_absent_not_null(see: Callable[..., Data]) -> None:
    body = see("snils", "inn", "id_doc", persona="maria").get()
    assert not {"snils", "inn", "rIdDoc"} & set(body)
    assert body["trusted"] is False


def test_contacts(see: Callable[..., Data], rich: None) -> None:
    elements = see("email", "contacts").get("/ctts?embed=(elements)")["elements"]
    by_type = {element["type"]: element for element in elements}
    assert list(by_type["MBT"]) == ["stateFacts", "id", "type", "vrfStu", "value", "eTag"]
    assert by_type["MBT"]["stateFacts"] == ["Identifiable"]
    assert by_type["MBT"]["value"] == "+7(000)1000001"
    assert by_type["MBT"]["vrfStu"] == "VERIFIED"
    assert by_type["EML"]["value"] == "anna@pochta.example"
    assert by_type["PHN"]["vrfStu"] == "NOT_VERIFIED"


def test_documents_carry_the_state_of_their_check(see: Callable[..., Data], rich: None) -> None:
    """Some clients read `vrfStu` of every document unconditionally."""
    elements = see("id_doc", "medical_doc", "drivers_licence_doc").get("/docs?embed=(elements)")["elements"]
    assert all(element["vrfStu"] in ("VERIFIED", "NOT_VERIFIED") for element in elements)
    licence = next(element for element in elements if element["type"] == "RF_DRIVING_LICENSE")
    assert list(licence) == [
        "stateFacts", "id", "type", "vrfStu", "series", "number", "issueDate", "issueId", "issuedBy", "expiryDate",
        "actNo", "actDate", "eTag",
    ]  # fmt: skip
    assert licence["issueDate"] == "31.01.2020"
    assert licence["issueId"] == "000361"
    policy = next(element for element in elements if element["type"] == "MDCL_PLCY")
    assert list(policy) == ["stateFacts", "id", "type", "vrfStu", "number", "eTag"]
    assert policy["number"] == "0000100000000370"


def test_an_address(see: Callable[..., Data]) -> None:
    element = see("addresses").get("/addrs?embed=(elements)")["elements"][0]
    assert set(element) == {
        "stateFacts", "id", "type", "addressStr", "flat", "countryId", "house", "zipCode", "city", "street", "region",
        "eTag",
    }  # fmt: skip
    assert element["countryId"] == "RUS"


def test_without_embed_a_collection_holds_addresses_that_lead_on(see: Callable[..., Data], stand: Stand) -> None:
    """Quirk 17: absolute addresses, each of which answers."""
    data = see("email", "contacts", "medical_doc", "addresses", "kid_fullname")
    for collection in ("ctts", "docs", "addrs", "kids"):
        body = data.get(f"/{collection}")
        embedded = data.get(f"/{collection}?embed=(elements)")
        assert body["stateFacts"] == ["hasSize"]
        assert body["size"] == len(body["elements"]) > 0
        assert all(url.startswith(f"{stand.idp_url}/rs/prns/{data.oid}/{collection}/") for url in body["elements"])
        followed = [data.ask(url.removeprefix(stand.idp_url)).get_json() for url in body["elements"]]
        assert followed == embedded["elements"]


def test_an_element_whose_type_was_not_granted_is_not_there(see: Callable[..., Data], stand: Stand) -> None:
    """S-54 on this side: an id of something withheld, of another person, or of nothing is 404 alike."""
    data = see("medical_doc")
    with stand.database.reading() as session:
        passport = session.exec(
            select(Document).where(Document.person_oid == data.oid, Document.type == "RF_PASSPORT")
        ).one()
        viktors = session.exec(select(Document).where(Document.person_oid != data.oid)).first()
    assert viktors is not None
    for document_id in (passport.id, viktors.id, 999999, "x"):
        assert data.status(f"/docs/{document_id}") == 404


def test_children_and_their_documents(see: Callable[..., Data], stand: Stand) -> None:
    """Sample 3.4."""
    data = see("kid_fullname", "kid_birthdate", "kid_medical_doc", "kid_birth_cert_doc")
    kids = data.get("/kids?embed=(elements)")["elements"]
    assert [kid["firstName"] for kid in kids] == ["Мила", "Егор"]
    assert list(kids[0]) == [
        "stateFacts", "id", "firstName", "lastName", "middleName", "birthDate", "trusted", "eTag"
    ]  # fmt: skip
    kid = kids[0]["id"]
    assert data.get(f"/kids/{kid}") == kids[0]
    documents = data.get(f"/kids/{kid}/docs?embed=(elements)")["elements"]
    assert {document["type"] for document in documents} == {"RF_BRTH_CERT", "MDCL_PLCY"}
    addresses = data.get(f"/kids/{kid}/docs")["elements"]
    assert addresses[0] == f"{stand.idp_url}/rs/prns/{data.oid}/kids/{kid}/docs/{documents[0]['id']}"
    assert data.get(f"/kids/{kid}/docs/{documents[0]['id']}") == documents[0]
    assert data.status(f"/kids/{kid}/docs/999999") == 404
    assert data.status("/kids/999999/docs") == 404


def test_a_childs_document_and_fields_need_their_scopes(see: Callable[..., Data]) -> None:
    data = see("kid_medical_doc")
    kid = data.get("/kids?embed=(elements)")["elements"][0]
    assert list(kid) == ["stateFacts", "id", "trusted", "eTag"]
    documents = data.get(f"/kids/{kid['id']}/docs?embed=(elements)")["elements"]
    assert [document["type"] for document in documents] == ["MDCL_PLCY"]
    full = see("kid_fullname", "kid_gender", "kid_snils")
    assert {"gender", "snils"} <= set(full.get(f"/kids/{kid['id']}"))
    assert full.status(f"/kids/{kid['id']}/docs") == 403


@pytest.mark.parametrize("scope", ["kid_inn", "kid_mobile", "kid_email", "kid_school_data"])
def test_a_granted_right_to_what_no_child_has_is_not_called_missing(see: Callable[..., Data], scope: str) -> None:
    """S-66: the list of children answers, with nothing in it that the right does not open."""
    kid = see(scope).get("/kids?embed=(elements)")["elements"][0]
    assert list(kid) == ["stateFacts", "id", "trusted", "eTag"]


def test_somebody_elses_child_is_not_there(see: Callable[..., Data], stand: Stand) -> None:
    """S-54."""
    data = see("kid_fullname", "kid_medical_doc", persona="viktor")
    with stand.database.reading() as session:
        foreign = session.exec(select(Child)).all()
    assert foreign
    for child in foreign:
        assert data.status(f"/kids/{child.id}") == 404
        assert data.status(f"/kids/{child.id}/docs") == 404


def test_organisations(see: Callable[..., Data], rich: None, stand: Stand) -> None:
    """Sample 3.2: `/roles` inline even without embed, `/orgs` as addresses of their own."""
    data = see("usr_org")
    role = data.get("/roles")["elements"][0]
    assert role["prnOid"] == data.oid
    assert role["chief"] is True
    assert role["phone"] == "+7(000)1000092"
    assert data.get("/orgs")["elements"] == [f"{stand.idp_url}/rs/orgs/1063000001"]
    organisation = data.ask("/rs/orgs/1063000001").get_json()
    assert organisation["fullName"] == 'ООО "РОМАШКА"'
    assert data.get("/orgs?embed=(elements)")["elements"] == [organisation]
    assert data.ask("/rs/orgs/1").status_code == 404
    assert see("fullname").ask("/rs/orgs/1063000001").status_code == 403


def test_collections_can_be_embedded_in_the_person(see: Callable[..., Data]) -> None:
    """Quirk 9: nested embeds; what was not granted is simply not there."""
    data = see("fullname", "email", "medical_doc", "kid_fullname")
    embed = "contacts.elements,documents.elements,addresses.elements,kids.elements,vehicles.elements,organizations"
    body = data.get(f"?embed=({embed})")
    assert [name for name in body if name in ("contacts", "addresses", "documents", "kids", "vehicles")] == [
        "contacts", "documents", "kids"
    ]  # fmt: skip
    assert body["contacts"] == data.get("/ctts?embed=(elements)")
    assert body["kids"]["elements"][0]["firstName"] == "Мила"
    assert data.get("?embed=(contacts)")["contacts"] == data.get("/ctts")
    plain = data.get()
    for empty in ("?embed=()", "?embed=", "?embed=(nothing)", "?embed=%00("):
        assert data.get(empty) == plain
    assert body["eTag"] != plain["eTag"]


@pytest.mark.parametrize(
    "path",
    [
        "/rs/prns/{oid}/", "/rs/prns/{oid}//ctts", "/rs//prns/{oid}/ctts/", "//rs/prns/{oid}/ctts",
        "//rs//prns//{oid}//ctts//",
    ],
)  # fmt: skip
def test_slashes_are_collapsed(see: Callable[..., Data], path: str) -> None:
    """Quirk 10: answered at once; a redirect would lose the header on the way."""
    data = see("mobile")
    assert data.ask(path.format(oid=data.oid)).status_code == 200


def test_any_accept_and_content_type_will_do(see: Callable[..., Data]) -> None:
    """Quirks 11 and 15."""
    data = see("fullname")
    schema = 'application/json; schema="https://esia.example/schema"'
    headers = {"Accept": schema, "Content-Type": "application/x-www-form-urlencoded"}
    assert data.ask(f"/rs/prns/{data.oid}", **headers).status_code == 200


@pytest.mark.parametrize("path", ["/rs/prns", "/rs/unknown/1", "/rs/prns/{oid}/unknown", "/rs/prns/{oid}/ctts/1/2"])
def test_what_does_not_exist_is_404(see: Callable[..., Data], path: str) -> None:
    data = see("mobile")
    assert data.ask(path.format(oid=data.oid)).status_code == 404


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer nonsense", "Basic dXNlcjp3b3Jk", "bearer\tx", "Bearer eyJ.eyJ.x"]
)
def test_a_bad_bearer_is_401_with_its_reason_phrase(desk: Desk, header: str) -> None:
    """Quirk 16: the phrase to the letter, and no member `error`."""
    response = desk.browser.client.get(
        f"{desk.stand.prefix}/rs/prns/1000100001",
        base_url=desk.browser.base_url,
        headers={"Authorization": header} if header else {},
    )
    assert response.status == "401 Unauthorized"
    assert "error" not in response.get_json()
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_an_access_token_ends_after_an_hour(see: Callable[..., Data], stand: Stand) -> None:
    stand.clock.freeze(True)
    data = see("fullname")
    stand.clock.advance(timedelta(seconds=3599))
    assert data.status("") == 200
    stand.clock.advance(timedelta(seconds=1))
    assert data.status("") == 401


def test_neither_code_nor_refresh_nor_id_token_is_a_bearer(desk: Desk, portal: V1Client) -> None:
    code = desk.code(portal)
    body = desk.call(portal.exchange(code, desk.stand.clock.now()))
    data = Data(desk, body["access_token"])
    for other in (code, body["refresh_token"], body["id_token"]):
        data.access_token = other
        assert data.status("") == 401


def test_a_token_opens_one_persons_data(see: Callable[..., Data], stand: Stand) -> None:
    """The oid in the path must be the token's."""
    data = see("fullname")
    with stand.database.reading() as session:
        others = [person.oid for person in session.exec(select(Person)) if person.oid != data.oid]
    assert others
    for oid in (*others, 1, f"0{data.oid}", f"{data.oid}x"):
        assert data.ask(f"/rs/prns/{oid}").status_code == 403


def test_a_scenario_may_change_the_person(see: Callable[..., Data], monkeypatch: pytest.MonkeyPatch) -> None:
    data = see("fullname", "mobile")

    def forget_the_name(point: Point, value: Any) -> Any:
        if point is Point.PERSON:
            value.body.pop("lastName")
        return value

    monkeypatch.setattr(engine, "transform", forget_the_name)
    assert "lastName" not in data.get()
    assert data.get("/ctts")["size"] == 1
