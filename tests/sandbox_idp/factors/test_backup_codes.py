"""Backup codes: ten, hashed, each good once."""

from __future__ import annotations

import pytest
from sqlmodel import select

from foundation.ids import CROCKFORD
from sandbox_idp.context import Stand
from sandbox_idp.factors import backup_codes
from sandbox_idp.factors.models import BackupCode
from tests.pages import PageClient
from tests.sandbox_idp.sign_in import journey
from tests.sandbox_idp.sign_in.journey import IGOR, ask, at, give_code, give_password


def sheet(stand: Stand) -> list[str]:
    """The codes that are still good."""
    with stand.database.reading() as session:
        written = backup_codes.sheet(session, journey.person_of(stand, "igor").oid)
    return [each.code for each in written if not each.used]


def test_there_are_ten_and_only_their_hashes_are_stored(stand: Stand) -> None:
    """S-36, S-37, `docs/personas.md`: igor has a sheet; what Gosuslugi keeps of it tells nobody a code."""
    codes = sheet(stand)
    assert len(set(codes)) == 10
    assert all(len(backup_codes.readable(code)) == 12 and set(code) <= {*CROCKFORD, "-"} for code in codes)
    with stand.database.reading() as session:
        stored = "".join(row.model_dump_json() for row in session.exec(select(BackupCode)))
    assert not [code for code in codes if code in stored or backup_codes.readable(code) in stored]


@pytest.mark.parametrize("typed", ["k7qm 2xpn—8rt4", "K7QM2XPN8RT4", " К7QМ-2ХPN-8RТ4 ", "k7qm-2xpn-8rt4"])
def test_a_code_is_read_as_people_type_it(typed: str) -> None:
    """U-11: dashes, spaces and small letters do not matter; Russian letters that look the same are taken for Latin."""
    assert backup_codes.readable(typed) == "K7QM2XPN8RT4"
    assert backup_codes.readable("oil0-1lio") == "01101110"


def test_a_backup_code_signs_in_once(sandbox: PageClient, stand: Stand, acts: list[str]) -> None:
    """totp-lost, S-42, S-10: the session says totp; the same code works no second time, another one does."""
    used, other = sheet(stand)[:2]
    first = ask(stand)
    sandbox.follow(give_password(sandbox, first, IGOR))
    page = sandbox.get(at("/login/no-access", first))
    assert page.screen == "login-no-access"
    assert "Осталось: 10" in page.words
    page = sandbox.follow(sandbox.post(at("/login/factor", first), {"factor": "backup", "why": "lost"}))
    assert page.screen == "login-backup"
    assert acts == ["totp-lost"]
    assert "/consent" in give_code(sandbox, first, used.lower(), path="/login/backup").location
    assert [each.second_factor for each in journey.sessions_of(stand)] == ["totp"]
    second = ask(stand, "request-2")
    sandbox.get(at("/login", second))
    sandbox.post(at("/login/other-user", second))
    sandbox.follow(give_password(sandbox, second, IGOR))
    page = give_code(sandbox, second, used, 422, path="/login/backup")
    assert "Этот резервный код уже использован: каждый подходит один раз." in page.words
    assert "Осталось: 9" in page.words
    assert used not in page.text
    assert "/consent" in give_code(sandbox, second, other, path="/login/backup").location
    assert len(sheet(stand)) == 8


def test_wrong_codes_count_with_those_of_the_app(sandbox: PageClient, stand: Stand) -> None:
    """S-36: three tries in one attempt, whichever of the two pages they are typed on."""
    request_id = ask(stand)
    sandbox.follow(give_password(sandbox, request_id, IGOR))
    sandbox.get(at("/login/backup", request_id))
    for typed, words in (
        ("", "Введите резервный код, 12 букв и цифр."),
        ("K7QM-2XPN", "В резервном коде 12 букв и цифр, а введено 8."),
        ("K7QM-2XPN-8RT4", "Код не подошёл. Осталось попыток: 2"),
        ("K7QM-2XPN-8RT5", "Код не подошёл. Осталось попыток: 1"),
    ):
        assert words in give_code(sandbox, request_id, typed, 422, path="/login/backup").words
    shown = int(journey.totp_of(stand, "igor"))
    sandbox.get(at("/login/totp", request_id))
    page = give_code(sandbox, request_id, f"{(shown + 500_001) % 1_000_000:06d}", 422, path="/login/totp")
    assert page.screen == "login-start-over"
    assert len(sheet(stand)) == 10


def test_another_person_s_code_is_worth_nothing(stand: Stand) -> None:
    """S-37: the hash belongs to the person."""
    code = backup_codes.readable(sheet(stand)[0])
    with stand.database.writing() as session:
        assert not backup_codes.use(session, journey.person_of(stand, "anna").oid, code, stand.clock.now())
        assert backup_codes.use(session, journey.person_of(stand, "igor").oid, code, stand.clock.now())
        assert not backup_codes.use(session, journey.person_of(stand, "igor").oid, code, stand.clock.now())


def test_whoever_has_no_sheet_is_not_offered_it(sandbox: PageClient, stand: Stand) -> None:
    """S-60: anna has no app, timur has one and no sheet."""
    for login, page in (("+70001000001", "/login/sms"), ("+70001000006", "/login/totp")):
        request_id = ask(stand, f"for-{page[-3:]}")
        sandbox.follow(give_password(sandbox, request_id, login))
        assert "/login/factor" in sandbox.get(at("/login/backup", request_id), 303).location
        assert page in sandbox.get(at("/login/factor", request_id), 303).location
