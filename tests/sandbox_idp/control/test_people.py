"""The account factory: people that a test makes up, changes and closes."""

from __future__ import annotations

import threading
from typing import Any

import pyotp
import pytest

from sandbox_idp.accounts import passwords, people, ranges
from sandbox_idp.accounts.models import Person
from sandbox_idp.accounts.personas import PASSWORD
from sandbox_idp.context import Stand
from sandbox_idp.scenarios import journal
from tests.pages import PageClient
from tests.sandbox_idp.control.conftest import ControlClient
from tests.sandbox_idp.sign_in.journey import give_code, give_password, sign_in


def listed(control: ControlClient) -> dict[str, dict[str, Any]]:
    return {person["id"]: person for person in control.call("GET", "/people")["people"]}


def stored(stand: Stand, key: str | int) -> Person:
    with stand.database.reading() as session:
        found = people.find_person(session, str(key))
    assert found is not None
    return found


def test_without_any_wish_a_believable_person_is_made(control: ControlClient, stand: Stand) -> None:
    """S-72: every number lies in the training ranges, and the registry finds each that it knows."""
    made = control.call("POST", "/people", status=201)
    assert made["phone"] == ranges.phone(made["phone"])
    assert made["mails"] == [ranges.mail(made["mails"][0])]
    assert made["snils"] == ranges.snils(made["snils"])
    assert ranges.snils_in_registry(made["snils"])
    assert made["inn"] == ranges.inn(made["inn"])
    assert ranges.number_in_registry(ranges.passport(made["passport"])[1])
    assert made["policy"] == ranges.policy(made["policy"])
    assert (made["level"], made["state"], made["factors"]) == ("confirmed", "active", ["sms"])
    assert (made["login"], made["password"], made["totp_secret"]) == (made["phone"], PASSWORD, None)
    assert passwords.verify(stored(stand, made["oid"]).password_hash, PASSWORD)
    told = listed(control)[made["id"]]
    assert told == {name: made[name] for name in told}


def test_nobody_made_shares_a_number_with_anybody(control: ControlClient) -> None:
    made = [control.call("POST", "/people", {"children": [{}]}, status=201) for _ in range(3)]
    for name in ("oid", "phone", "snils", "inn", "passport", "policy"):
        assert len({person[name] for person in made}) == 3, name
    assert len({person["children"][0]["policy"] for person in made}) == 3
    assert len({person["phone"] for person in listed(control).values()}) == len(listed(control))


def test_people_made_side_by_side_share_no_number_either(control: ControlClient) -> None:
    """Whoever comes at the same moment counts on from the other's numbers."""
    made: list[dict[str, Any]] = []
    threads = [
        threading.Thread(target=lambda: made.append(control.call("POST", "/people", {"children": [{}]}, status=201)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    for name in ("oid", "phone", "snils", "inn", "passport", "policy"):
        assert len({person[name] for person in made}) == 4, name


def test_the_same_calls_make_the_same_people_in_every_stand(control: ControlClient, outside: ControlClient) -> None:
    other = outside.call("POST", "/stands", status=201)
    first = control.call("POST", "/people", {"children": [{}, {}]}, status=201)
    second = control.call("POST", "/people", {"children": [{}, {}]}, status=201, prefix=f"/s/{other['id']}")
    children = [[{**child, "id": 0} for child in made.pop("children")] for made in (first, second)]
    assert (first, children[0]) == (second, children[1])
    outside.call("DELETE", f"/stands/{other['id']}", status=204)


def test_every_wish_is_granted(control: ControlClient, stand: Stand) -> None:
    wish = {
        "surname": "Ручьёва",
        "name": "Дарья",
        "patronymic": None,
        "gender": "F",
        "birth_date": "1990-05-26",
        "level": "standard",
        "state": "active",
        "region": "54",
        "phone": "8 (000) 700-00-01",
        "mails": ["D@Pochta.example"],
        "snils": "000-700-700 " + ranges.snils_check_digits("000700700"),
        "inn": None,
        "passport": "0001 200 103",
        "policy": None,
        "factors": ["totp"],
        "password": "Пароль 1",
    }
    made = control.call("POST", "/people", wish, status=201)
    assert made["phone"] == "+70007000001"
    assert made["mails"] == ["d@pochta.example"]
    assert made["snils"] == wish["snils"].replace("-", "").replace(" ", "")
    assert (made["passport"], made["policy"], made["inn"]) == ("0001200103", None, None)
    assert made["zone"] == "Asia/Novosibirsk"
    for name in ("surname", "name", "patronymic", "gender", "birth_date", "level", "region", "factors", "password"):
        assert made[name] == wish[name], name
    assert passwords.verify(stored(stand, made["oid"]).password_hash, "Пароль 1")
    code = control.call("GET", f"/people/{made['oid']}/totp")["code"]
    assert pyotp.TOTP(made["totp_secret"]).verify(code, for_time=stand.clock.now(), valid_window=1)


def test_a_simplified_account_has_no_documents_unless_asked(control: ControlClient) -> None:
    made = control.call("POST", "/people", {"level": "simplified"}, status=201)
    assert [made[name] for name in ("snils", "inn", "passport", "policy")] == [None] * 4


def test_who_has_no_phone_gets_an_authenticator(control: ControlClient) -> None:
    made = control.call("POST", "/people", {"phone": None}, status=201)
    assert (made["factors"], made["login"]) == (["totp"], made["mails"][0])
    assert made["totp_secret"]


def test_children_come_with_their_documents(control: ControlClient) -> None:
    wish = [
        {},
        {
            "surname": "Луговой",
            "name": "Пётр",
            "gender": "M",
            "birth_date": "2020-02-29",
            "snils": "00010404030",
            "policy": None,
            "birth_certificate": {"series": "i-лу", "number": "000 129"},
        },
        {"birth_certificate": None},
    ]
    made = control.call("POST", "/people", {"surname": "Луговая", "children": wish}, status=201)
    first, second, third = made["children"]
    assert ranges.policy(first["policy"])
    assert ranges.number_in_registry(first["birth_certificate"]["number"])
    assert (first["surname"], first["gender"]) == ("Луговая", "F")
    assert second["birth_certificate"] == {"series": "I-ЛУ", "number": "000129"}
    assert (second["policy"], second["snils"], second["birth_date"]) == (None, "00010404030", "2020-02-29")
    assert third["birth_certificate"] is None
    assert third["policy"]
    fewer = control.call("PATCH", f"/people/{made['id']}", {"children": [{"name": "Пётр"}]})
    assert [child["name"] for child in fewer["children"]] == ["Пётр"]
    assert control.call("PATCH", f"/people/{made['id']}", {"children": []})["children"] == []


def test_a_made_person_signs_in_on_the_pages(control: ControlClient, sandbox: PageClient) -> None:
    made = control.call("POST", "/people", status=201)
    give_password(sandbox, None, made["login"], made["password"])
    (message,) = control.call("GET", f"/inbox?to=%2B{made['phone'][1:]}")["messages"]
    give_code(sandbox, None, message["code"])
    assert made["surname"][:1] in sandbox.get("/").words


def test_a_persona_can_be_changed_and_repeating_it_changes_nothing_more(control: ControlClient) -> None:
    body = {"level": "standard", "policy": None, "mails": [], "factors": ["sms", "totp"]}
    changed = control.call("PATCH", "/people/anna", body)
    assert (changed["id"], changed["level"], changed["policy"], changed["mails"]) == ("anna", "standard", None, [])
    assert (changed["surname"], changed["phone"], changed["password"]) == ("Лесная", "+70001000001", None)
    assert changed["totp_secret"]
    assert control.call("PATCH", "/people/anna", body) == changed
    assert control.call("PATCH", "/people/anna", {}) == changed
    assert len(changed["children"]) == 2


def test_a_new_password_replaces_the_old_one(control: ControlClient, stand: Stand) -> None:
    assert control.call("PATCH", "/people/anna", {"password": "Другой-1"})["password"] == "Другой-1"
    kept = stored(stand, "anna").password_hash
    assert passwords.verify(kept, "Другой-1")
    assert not passwords.verify(kept, PASSWORD)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("phone", "+7 (000) 100-00-02", "phone-taken"),
        ("mails", ["new@pochta.example", "igor@pochta.example"], "mail-taken"),
        ("snils", "00010040422", "snils-taken"),
        ("inn", "001000044401", "inn-taken"),
        ("passport", "0000 200106", "passport-taken"),
        ("policy", "0000100000000743", "policy-taken"),
    ],
)
def test_a_number_of_somebody_else_is_refused_and_nothing_changes(
    control: ControlClient, field: str, value: Any, code: str
) -> None:
    before = listed(control)
    for method, path in (("POST", "/people"), ("PATCH", "/people/anna")):
        refused = control.refused(method, path, {field: value, "surname": "Иная"}, status=409)
        assert refused["code"] == code
        assert [error["pointer"] for error in refused["errors"]] == [f"/{field}"]
    assert listed(control) == before


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({"surnmae": "x"}, {"/surnmae"}),
        ({"surname": None}, {"/surname"}),
        ({"surname": " \u200b "}, {"/surname"}),
        ({"gender": "f"}, {"/gender"}),
        ({"birth_date": "26.05.1990"}, {"/birth_date"}),
        ({"birth_date": "1899-12-31"}, {"/birth_date"}),
        ({"birth_date": "2099-01-01"}, {"/birth_date"}),
        ({"level": "vip"}, {"/level"}),
        ({"state": "gone"}, {"/state"}),
        ({"region": "00"}, {"/region"}),
        ({"zone": "Europe/Paris"}, {"/zone"}),
        ({"phone": "+7 (912) 100-00-02"}, {"/phone"}),
        ({"mails": ["a@mail.ru"]}, {"/mails/0"}),
        ({"mails": ["a@a.example", "A@a.example"]}, {"/mails"}),
        ({"snils": "112-233-445 95"}, {"/snils"}),
        ({"inn": "500100732259"}, {"/inn"}),
        ({"passport": "4510 123456"}, {"/passport"}),
        ({"policy": "0000100000000371"}, {"/policy"}),
        ({"factors": ["pigeon"]}, {"/factors/0"}),
        ({"factors": ["sms", "sms"]}, {"/factors"}),
        ({"phone": None, "factors": ["sms"]}, {"/factors"}),
        ({"phone": None, "mails": [], "snils": None, "factors": []}, {""}),
        ({"password": ""}, {"/password"}),
        ({"children": {}}, {"/children"}),
        ({"children": [{"age": 3}]}, {"/children/0/age"}),
        ({"children": [{}, {"birth_date": "2099-01-01"}]}, {"/children/1/birth_date"}),
        ({"children": [{"birth_certificate": {"series": "II-АА", "number": "1"}}]}, {"/children/0/birth_certificate"}),
    ],
)
def test_what_is_not_agreed_is_refused_with_its_path(
    control: ControlClient, body: dict[str, Any], pointers: set[str]
) -> None:
    """S-72: real numbers are refused, and the words say why."""
    before = listed(control)
    for method, path in (("POST", "/people"), ("PATCH", "/people/anna")):
        assert control.wrong(method, path, body) == pointers
    assert listed(control) == before


def test_a_refused_real_number_is_explained(control: ControlClient) -> None:
    """S-72."""
    (error,) = control.refused("POST", "/people", {"snils": "112-233-445 95"})["errors"]
    assert "Это учебный стенд" in error["detail"]


def test_nobody_unknown_is_changed_or_closed(control: ControlClient) -> None:
    for method in ("PATCH", "DELETE"):
        for key in ("nobody", "1", "99999999999999999999"):
            assert control.refused(method, f"/people/{key}", {}, status=404)["code"] == "unknown-person"


@pytest.mark.parametrize("close", [("DELETE", None, 204), ("PATCH", {"state": "deleted"}, 200)])
def test_a_closed_account_is_unknown_on_the_pages_and_can_come_back(
    control: ControlClient, sandbox: PageClient, close: tuple[str, Any, int]
) -> None:
    """S-32: its login is like one that does not exist; its numbers stay taken."""
    method, body, status = close
    made = control.call("POST", "/people", status=201)
    for _ in range(2):
        control.call(method, f"/people/{made['id']}", body, status=status)
    assert listed(control)[made["id"]]["state"] == "deleted"
    page = give_password(sandbox, None, made["login"], made["password"], 422)
    assert "Неверный логин или пароль" in page.words
    assert control.refused("POST", "/people", {"phone": made["phone"]}, status=409)["code"] == "phone-taken"
    control.call("PATCH", f"/people/{made['id']}", {"state": "active"})
    give_password(sandbox, None, made["login"], made["password"])


def test_a_blocked_account_is_told_so_after_the_right_password(control: ControlClient, sandbox: PageClient) -> None:
    """S-47."""
    control.call("PATCH", "/people/anna", {"state": "blocked"})
    assert give_password(sandbox, None, status=403).screen == "account-blocked"


@pytest.mark.parametrize("state", ["blocked", "deleted"])
def test_an_account_that_is_active_again_has_nobody_signed_in(
    control: ControlClient, sandbox: PageClient, stand: Stand, state: str
) -> None:
    """S-47: its sessions have ended, rather than being asleep until then."""
    sign_in(sandbox, stand)
    assert sandbox.get("/cabinet").screen == "cabinet"
    control.call("PATCH", "/people/anna", {"state": state})
    control.call("PATCH", "/people/anna", {"state": "active"})
    assert "/login" in sandbox.get("/cabinet", 303).location


def test_the_journal_tells_whose_hand_it_was_without_the_values(control: ControlClient, stand: Stand) -> None:
    """S-62."""
    made = control.call("POST", "/people", status=201)
    control.call("PATCH", f"/people/{made['id']}", {"phone": "+70007000009"})
    control.call("DELETE", f"/people/{made['id']}", status=204)
    lines = journal.lines(stand.database, kind="change")
    assert [line.name for line in lines] == ["person-made", "person-changed", "person-closed"]
    assert {line.details["person_oid"] for line in lines} == {made["oid"]}
    assert "0007000009" not in str([line.details for line in lines])
