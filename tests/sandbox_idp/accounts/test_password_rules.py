"""The one rule for passwords: every demand, every preset, and what a person must not put into a password."""

from __future__ import annotations

import itertools
import string
import unicodedata
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sandbox_idp.accounts import known_passwords, password_rules, passwords
from sandbox_idp.accounts.models import Person
from sandbox_idp.accounts.password_rules import OwnData, unmet
from sandbox_idp.accounts.personas import PASSWORD, PERSONAS
from sandbox_idp.context import Stand
from sandbox_idp.policy import load, presets
from tests.sandbox_idp.sign_in import journey

STRICT = load().password
NOBODY = OwnData()
ANNA = OwnData(
    names=("Лесная", "Анна", "Сергеевна", "Лесной", "Егор", "Фёдоровна", "anna"),
    phones=("70001000001",),
    snils=("00010010110",),
    dates=(date(1992, 5, 11),),
)


def ids(typed: str, *, preset: str = "seed-strict", own: OwnData = NOBODY, second_factor: bool = False) -> list[str]:
    """The ids of what is not fulfilled."""
    return [each.id for each in unmet(load(preset).password, typed, own, second_factor=second_factor)]


@pytest.mark.parametrize(
    ("typed", "missing"),
    [
        ("Lampa-Zelenaya-27", []),
        ("Зимнее-Утро-57", []),
        ("Три тигра 9!", []),
        ("Tri-Tigra-9", ["length"]),
        ("lampa-zelenaya-27", ["upper"]),
        ("LAMPA-ZELENAYA-27", ["lower"]),
        ("Lampa-Zelenaya-Da", ["digit"]),
        ("LampaZelenaya27", ["special"]),
        ("lampa", ["length", "upper", "digit", "special"]),
        ("", ["length", "upper", "lower", "digit", "special"]),
    ],
)
def test_each_demand_of_the_strict_rule(typed: str, missing: list[str]) -> None:
    """R-130, R-131, R-140, C-02: at least twelve characters with all four kinds; Russian letters are letters."""
    assert ids(typed) == missing


@pytest.mark.parametrize("preset", presets())
def test_every_preset_lets_through_what_it_asks_for_and_nothing_shorter(preset: str) -> None:
    """C-02, S-27: the boundaries of each preset at -1, 0 and +1; the password of the personas meets all of them."""
    rules = load(preset).password
    assert ids(PASSWORD, preset=preset) == []
    fits = "Lu7-" + "kvmrxhgt" * 20
    for with_factor in (False, True):
        least = rules.shortest(second_factor=with_factor)
        lengths = {size: ids(fits[:size], preset=preset, second_factor=with_factor) for size in (least - 1, least)}
        assert lengths == {least - 1: ["length"], least: []}
    assert ids(fits[: rules.max_length], preset=preset) == []
    assert ids(fits[: rules.max_length + 1], preset=preset) == ["length"]


@pytest.mark.parametrize(
    ("preset", "typed", "missing"),
    [
        ("seed-8", "Lu7-kvmr", []),
        ("seed-8", "Lu7-kvm", ["length"]),
        ("seed-12", "lu7-kvmrxhgt", []),
        ("seed-12", "Lukvmrxhgt-q", []),
        ("seed-12", "lukvmrxhgt-q", ["classes"]),
        ("seed-b", "lu7-kvmrxhgt", ["upper"]),
        ("nist-asvs", "три зелёных кита", []),
        ("nist-asvs", "123451234512345", ["row"]),
    ],
)
def test_presets_differ_as_the_policy_says(preset: str, typed: str, missing: list[str]) -> None:
    """C-02, C-07: eight or twelve characters, three or four kinds, none at all in nist-asvs."""
    assert ids(typed, preset=preset) == missing


def test_what_is_demanded_and_what_is_unmet_have_the_same_names() -> None:
    """S-27: the page marks the lines of the rule it prints, so that both are one list."""
    for preset in presets():
        demanded = [demand.id for demand in load(preset).password.demands()]
        assert demanded == list(dict.fromkeys(demanded))
        assert set(
            ids("", preset=preset) + ids("qwertyuiop", preset=preset) + ids("anna", preset=preset, own=ANNA)
        ) <= (set(demanded))


def test_characters_are_counted_as_code_points_after_nfkc() -> None:
    """S-28: a letter and its accent are one character, an emoji is one, a ligature is what it stands for."""
    rules = load("nist-asvs").password
    assert "сейчас 3" in unmet(rules, "е\u0308жз", NOBODY)[0].words
    assert "сейчас 2" in unmet(rules, "ﬁ", NOBODY)[0].words
    assert "сейчас 1" in unmet(rules, "\U0001f511", NOBODY)[0].words


def test_spaces_count_and_nothing_is_trimmed() -> None:
    """S-28, R-097: a space is a special character, and one at the end is as good as any."""
    assert ids("Tri Tigra 99 ") == []
    assert "special" not in ids(" Ab1")


@pytest.mark.parametrize(
    "typed",
    [
        "Qwerty!Rucheyok7",
        "Ytrewq!Rucheyok7",
        "Йцукен!Ручеёк-7",
        "Фывап!Ручеёк-79",
        "Rucheyok-12345!",
        "Rucheyok-54321!",
        "Abcde-Rucheyok7",
        "Абвгд-Ручеёк-7!",
        "Rucheyok-aaaaa7",
        "Ru7!Ru7!Ru7!Ru7!",
    ],
)
def test_rows_and_repeats_are_refused(typed: str) -> None:
    """R-132: keyboard rows, Latin and Cyrillic, in both directions; the alphabet, figures in order, repeats."""
    assert ids(typed) == ["row"]


@pytest.mark.parametrize(
    "typed",
    [
        "Password-2026",
        "P@ssw0rd2026!",
        "Gfhjkm-123456",
        "Пароль-2026!!",
        "Зфыыцщкв-2026",
        "AdminPassword1!",
        "Gosuslugi-2026",
        "Поликлиника-1",
        "1qaz2wsx3EDC!",
        "Moskva-Piter-99",
    ],
)
def test_known_passwords_are_refused_in_disguise_too(typed: str) -> None:
    """S-29, R-132, R-133: the list knows case, layout, Latin spelling, signs for letters, and what is put around."""
    assert "known" in ids(typed)


def test_the_list_is_long_and_all_of_it_is_refused() -> None:
    """S-29: far more than 3000; every one of them is known, alone and with a capital."""
    every = set(known_passwords.passwords())
    assert len(every) >= 3000
    for password in itertools.islice(sorted(every), 0, None, 211):
        assert known_passwords.is_known(password), password
        assert known_passwords.is_known(password.capitalize()), password
    for usual in ("123456", "qwerty", "password", "пароль", "gfhjkm", "йцукен", "iloveyou", "qwerty123", "111111"):
        assert usual in every or "row" in ids(usual), usual


@pytest.mark.parametrize(
    "typed",
    [
        "Лесная-Лампа-7",
        "Lesnaya-Rucheyok-7",
        "lesnaia7Rucheyok!",
        "Ktcyfz-Rucheyok-7",
        "MyAnna-Rucheyok-7",
        "4nna-Rucheyok-77",
        "Егор-и-Ручеёк-7",
        "Fyodorovna-Ruch-7",
        "Rucheyok-11.05.92",
        "Rucheyok-1992-05-11",
        "Rucheyok!11051992",
        "Rucheyok!1151992",
        "Rucheyok-05/11/92",
        "Rucheyok+100-00-01",
        "Rucheyok 8 000 100-00-01",
        "Rucheyok-000100101",
        "Rucheyok-000-100-101 10",
    ],
)
def test_own_names_numbers_and_dates_are_refused(typed: str) -> None:
    """S-29, R-132: names with the children's, in Russian, in Latin letters and in the wrong layout; phone, SNILS and
    birthday in every usual form.
    """
    assert ids(typed, own=ANNA) == ["own"]
    assert ids(typed) == []


def test_a_name_inside_another_word_is_no_name() -> None:
    """R-132: the password that is printed for all personas holds «elena» by chance, and it is fine for Елена too."""
    assert ids(PASSWORD, own=OwnData(names=("Елена", "Ян", "Таёжная"))) == []
    assert ids("Rucheyok-Yan-77", own=OwnData(names=("Ян",))) == ["own"]


def test_no_persona_s_own_data_is_in_the_password_of_all(stand: Stand) -> None:
    """S-29: what is known of each of the twelve is read from the database, children and contacts too."""
    with stand.database.reading() as session:
        for persona in PERSONAS:
            person = session.get_one(Person, journey.person_of(stand, persona.id).oid)
            own = password_rules.own_data(session, person)
            assert persona.surname in own.names
            assert {child.name for child in persona.children} <= set(own.names)
            assert persona.phone.removeprefix("+") in own.phones
            assert unmet(STRICT, PASSWORD, own) == []
            for word in (persona.surname, persona.name, persona.mail.split("@")[0] if persona.mail else persona.name):
                assert "own" in [each.id for each in unmet(STRICT, f"{word}-Zimoy-77", own)], word


def test_earlier_passwords_are_asked_only_when_all_the_rest_is_met(monkeypatch: pytest.MonkeyPatch) -> None:
    """R-133, S-30: each costs an Argon2id verification, so a password that will not do anyway costs none."""
    asked: list[str] = []
    monkeypatch.setattr(passwords, "verify", lambda stored, typed: asked.append(stored) or stored == "hash of it")
    hashes = ["present", "hash of it", "third", "fourth", "fifth", "sixth"]
    assert unmet(STRICT, "short", NOBODY, hashes)[0].id == "length"
    assert asked == []
    assert [each.id for each in unmet(STRICT, PASSWORD, NOBODY, hashes)] == ["earlier"]
    assert asked == ["present", "hash of it"]
    asked.clear()
    assert unmet(STRICT, PASSWORD, NOBODY, ["a", "b", "c", "d", "e", "hash of it"]) == []
    assert asked == ["a", "b", "c", "d", "e"], "five are looked back at, no sixth"
    assert unmet(load("nist-asvs").password, PASSWORD, NOBODY, ["hash of it"]) == []


@given(st.text(max_size=200), st.sampled_from(presets()))
def test_the_rule_answers_to_anything_that_can_be_typed(typed: str, preset: str) -> None:
    """S-28, S-61: whatever is typed gets an answer, and the same text in another Unicode form gets the same one."""
    first = ids(typed, preset=preset, own=ANNA)
    assert first == ids(unicodedata.normalize("NFD", typed), preset=preset, own=ANNA)
    demanded = [demand.id for demand in load(preset).password.demands()]
    assert first == [each for each in demanded if each in first], "in the order in which the page prints them"


@given(st.text(alphabet=string.ascii_letters + string.digits + "!-_ абвгдАБВГД", min_size=12, max_size=40))
def test_what_is_met_has_what_the_page_asks_for(typed: str) -> None:
    """S-27: nothing passes that breaks a printed line."""
    assume(not ids(typed))
    assert 12 <= len(typed) <= 128
    assert any(letter.isupper() for letter in typed)
    assert any(letter.islower() for letter in typed)
    assert any(letter in string.digits for letter in typed)
    assert not typed.isalnum()


@given(st.sampled_from(["Анна", "Лесная", "Егор"]), st.sampled_from(["", "-", "7", "!"]), st.text(max_size=10))
def test_a_name_at_the_beginning_is_found_whatever_follows(name: str, between: str, rest: str) -> None:
    """S-29."""
    assert password_rules.has_own(name + between + rest, ANNA)


@given(st.dates(min_value=date(1930, 1, 1), max_value=date(2025, 12, 31)), st.sampled_from([".", "-", "/", " ", ""]))
def test_a_birthday_is_found_in_every_order(born: date, between: str) -> None:
    """R-132."""
    own = OwnData(dates=(born,))
    for form in ("%d %m %Y", "%Y %m %d", "%m %d %Y", "%d %m %y", "%y %m %d"):
        assert password_rules.has_own(f"Зима{born.strftime(form).replace(' ', between)}!", own), form
