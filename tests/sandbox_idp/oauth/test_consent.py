"""«Предоставление прав доступа»: thirteen rights, two buttons, what is remembered (R-016…R-020, S-23, S-24, S-60)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from sandbox_idp.accounts.models import Consent, Person
from sandbox_idp.context import Stand
from sandbox_idp.oauth import consents, rights
from sandbox_idp.oauth.models import AuthorizationCode, AuthorizationRequest, InformationSystem
from sandbox_idp.oauth.requests import attach_session, find_request
from sandbox_idp.settings import SandboxSettings
from sandbox_idp.stands.house import House
from sandbox_idp.wsgi import build
from tests.esia_client import V1Client, address, jwt_parts
from tests.pages import Page, PageClient
from tests.sandbox_idp.oauth.conftest import AC, Desk, query

THIRTEEN = [
    "Просмотр вашего адреса электронной почты",
    "Просмотр данных вашего свидетельства о рождении",
    "Проведение входа в систему",
    "Просмотр данных полиса обязательного медицинского страхования (ОМС) ребенка",
    "Просмотр данных вашего водительского удостоверения",
    "Просмотр фамилии, имени и отчества ребенка",
    "Просмотр вашего СНИЛС",
    "Просмотр данных о ваших контактах и адресах",
    "Просмотр вашего ИНН",
    "Просмотр данных вашего полиса обязательного медицинского страхования (ОМС)",
    "Просмотр даты вашего рождения",
    "Просмотр списка организаций пользователя",
    "Просмотр данных свидетельства о рождении ребенка",
]
"""The list of the FAQ, in its order and its words."""


def titles(page: Page) -> list[str]:
    """The words of the lines, without «обязательно»."""
    found = []
    for line in page.soup.select(".right .check > span"):
        for tag in line.select(".tag"):
            tag.extract()
        found.append(" ".join(line.get_text().split()))
    return found


def anna(stand: Stand) -> int:
    with stand.database.reading() as session:
        return session.exec(select(Person.oid).where(Person.persona == "anna")).one()


@pytest.fixture
def opened(desk: Desk, portal: V1Client) -> tuple[str, Page]:
    """A consent page of our own portal, just opened by Anna."""
    request_id = desk.ask(portal)
    desk.sign_in(request_id)
    return request_id, desk.browser.get(desk.consent(request_id))


def go_on(desk: Desk, client: V1Client, sid: str, **changes: str | None) -> str:
    """A further request in the same living session, as «Продолжить» makes it."""
    request_id = desk.ask(client, **changes)
    with desk.stand.database.writing() as session:
        attach_session(session, request_id, sid)
    return request_id


def test_the_thirteen_rights_in_the_faqs_order_and_words(opened: tuple[str, Page]) -> None:
    """R-019."""
    assert titles(opened[1]) == THIRTEEN


def test_every_right_explains_itself_without_script(opened: tuple[str, Page]) -> None:
    """R-019: a «?» that a keyboard reaches and a screen reader names."""
    details = opened[1].soup.select(".right details")
    assert len(details) == 13
    for title, item in zip(THIRTEEN, details, strict=True):
        assert item.summary is not None
        assert " ".join(item.summary.get_text(" ").split()) == f"? Пояснение к праву «{title}»"
        assert item.p is not None
        assert "ез " in item.p.get_text(), "says what does not work without it"


def test_three_and_seven_are_fixed_and_eleven_can_be_unticked(opened: tuple[str, Page]) -> None:
    boxes = opened[1].soup.select(".right input[type=checkbox]")
    assert len(boxes) == 11
    assert all(box.has_attr("checked") for box in boxes)
    fixed = [line for line in opened[1].soup.select(".right") if not line.select("input")]
    assert [" ".join(line.select(".check")[0].get_text().split()) for line in fixed] == [
        "Проведение входа в систему обязательно",
        "Просмотр вашего СНИЛС обязательно",
    ]


def test_who_asks_why_and_until_when(opened: tuple[str, Page]) -> None:
    """R-018; the person's own numbers only masked."""
    words = opened[1].words
    assert "Региональная медицинская информационная система (РС ЕГИСЗ) запрашивает следующие права" in words
    assert "Лесная Анна Сергеевна, 000-•••-••• 10" in words
    assert "Открыть личный кабинет пациента и записывать к врачу вас и ваших детей" in words
    assert "До отзыва" in words
    assert "000-100-101" not in words


def test_a_person_without_snils_is_shown_without_one(desk: Desk, portal: V1Client) -> None:
    request_id = desk.ask(portal)
    desk.sign_in(request_id, "maria")
    assert "Речная Мария Олеговна Зачем" in desk.browser.get(desk.consent(request_id)).words


def test_everything_granted(desk: Desk, portal: V1Client, stand: Stand, acts: list[Any]) -> None:
    """R-016, R-020: sixteen scopes stand behind thirteen lines; S-64: what is kept of the consent."""
    request_id = desk.ask(portal)
    desk.sign_in(request_id)
    location = desk.press(request_id).location
    claims = jwt_parts(query(location)["code"])[1]
    assert len(claims["scope"].split()) == 16
    assert acts[-1] == ("consent-granted", {"person_oid": anna(stand), "system": "PORTAL_DEMO"})
    with stand.database.reading() as session:
        consent = session.exec(select(Consent)).one()
        system = session.get_one(InformationSystem, "PORTAL_DEMO")
    assert consent.system == "PORTAL_DEMO"
    assert consent.granted_scopes == consent.asked_scopes == portal.scope.split()
    assert consent.text_version == rights.TEXT_VERSION
    assert consent.text_hash == rights.text_hash(system, portal.scope.split())
    assert consent.address == "127.0.0.2"
    assert consent.revoked_at is None


@pytest.mark.parametrize(
    ("line", "lost"),
    [
        ("email", {"email"}),
        ("contacts", {"contacts", "addresses"}),
        ("kid_birth_cert_doc", {"kid_birth_cert_doc", "kid_birthdate"}),
    ],
)
def test_a_withheld_right_takes_its_scopes_along(
    desk: Desk, portal: V1Client, acts: list[Any], line: str, lost: set[str]
) -> None:
    """R-020: folded scopes go with their line."""
    claims = jwt_parts(desk.code(portal, without=(line,)))[1]
    granted = {scope.partition("?")[0] for scope in claims["scope"].split()}
    assert granted == set(portal.scope.split()) - lost
    expected = {"person_oid": anna(desk.stand), "system": "PORTAL_DEMO", "withheld": [line]}
    assert acts[-1] == ("consent-partial", expected)


def test_three_and_seven_alone_are_enough(desk: Desk, portal: V1Client) -> None:
    """S-66: everything else unticked."""
    request_id = desk.ask(portal)
    desk.sign_in(request_id)
    desk.browser.get(desk.consent(request_id))
    page = desk.browser.post(desk.consent(request_id), {"decision": "grant"}, status=302)
    scopes = jwt_parts(query(page.location)["code"])[1]["scope"].split()
    assert [scope.partition("?")[0] for scope in scopes] == ["openid", "fullname", "snils"]


def test_a_right_that_was_not_asked_for_cannot_be_granted(desk: Desk, register: Callable[..., V1Client]) -> None:
    request_id = desk.ask(register())
    desk.sign_in(request_id)
    desk.browser.get(desk.consent(request_id))
    page = desk.browser.post(
        desk.consent(request_id), {"decision": "grant", "right": ["fullname", "snils", "gender"]}, status=302
    )
    assert len(jwt_parts(query(page.location)["code"])[1]["scope"].split()) == 2


def test_a_refusal_goes_back_with_esias_words_and_leaves_nothing(
    desk: Desk, portal: V1Client, stand: Stand, acts: list[Any]
) -> None:
    """S-24."""
    request_id = desk.ask(portal, state="the state")
    desk.sign_in(request_id)
    answered = query(desk.press(request_id, "deny").location)
    assert answered == {
        "error": "access_denied",
        "error_description": "ESIA-007004: The resource owner or authorization server denied the request.",
        "state": "the state",
    }
    assert acts[-1] == ("consent-refused", {"person_oid": anna(stand), "system": "PORTAL_DEMO"})
    with stand.database.reading() as session:
        assert session.exec(select(Consent)).all() == []
        assert session.exec(select(AuthorizationCode)).all() == []


def test_consent_is_remembered(desk: Desk, portal: V1Client) -> None:
    """R-017: at the second sign-in nobody is asked, and what was withheld stays withheld."""
    request_id = desk.ask(portal)
    sid = desk.sign_in(request_id)
    desk.press(request_id, without=("inn",))
    again = desk.browser.get(desk.consent(go_on(desk, portal, sid)), 302)
    scopes = jwt_parts(query(again.location)["code"])[1]["scope"]
    assert "inn?" not in scopes
    assert "medical_doc?" in scopes


def test_consent_is_a_persons_own(desk: Desk, portal: V1Client) -> None:
    desk.code(portal)
    request_id = desk.ask(portal)
    desk.sign_in(request_id, "viktor")
    assert desk.browser.get(desk.consent(request_id)).screen == "consent"


def test_fewer_scopes_need_no_new_consent_and_more_do(desk: Desk, portal: V1Client) -> None:
    """S-23: asked again when the scopes grow."""
    request_id = desk.ask(portal, scope="openid fullname snils email")
    sid = desk.sign_in(request_id)
    desk.press(request_id)
    fewer = go_on(desk, portal, sid, scope="openid fullname snils")
    location = desk.browser.get(desk.consent(fewer), 302).location
    assert len(jwt_parts(query(location)["code"])[1]["scope"].split()) == 3
    page = desk.browser.get(desk.consent(go_on(desk, portal, sid)))
    assert page.soup.select_one('[data-part="consent-why"][data-state="grown"]') is not None


@pytest.mark.parametrize("why", ["changed", "purpose", "expired", "revoked"])
def test_asked_again_and_told_why(desk: Desk, portal: V1Client, stand: Stand, why: str) -> None:
    """S-23: text version, text, term, withdrawal."""
    request_id = desk.ask(portal)
    sid = desk.sign_in(request_id)
    desk.press(request_id)
    with stand.database.writing() as session:
        consent = session.exec(select(Consent)).one()
        if why == "changed":
            consent.text_version = "0"
        elif why == "purpose":
            system = session.get_one(InformationSystem, "PORTAL_DEMO")
            system.purpose = "Продавать рекламу"
            session.add(system)
        elif why == "expired":
            consent.expires_at = stand.clock.now()
        session.add(consent)
        if why == "revoked":
            consents.withdraw(session, person_oid=consent.person_oid, mnemonic=consent.system, now=stand.clock.now())
    page = desk.browser.get(desk.consent(go_on(desk, portal, sid)))
    state = {"purpose": "changed"}.get(why, why)
    assert page.soup.select_one(f'[data-part="consent-why"][data-state="{state}"]') is not None
    assert "спрашиваем снова" in page.words
    desk.press(go_on(desk, portal, sid))
    assert desk.browser.get(desk.consent(go_on(desk, portal, sid)), 302).location.startswith(portal.redirect_uri)


def test_withdrawing_ends_access_at_once(desk: Desk, portal: V1Client, stand: Stand) -> None:
    """S-23: access and refresh token of this system, and of no other."""
    body = desk.tokens(portal)
    claims = jwt_parts(body["access_token"])[1]
    path = f"{stand.prefix}/rs/prns/{claims['urn:esia:sbj_id']}"

    def status() -> int:
        headers = {"Authorization": f"Bearer {body['access_token']}"}
        return desk.browser.client.get(path, base_url=desk.browser.base_url, headers=headers).status_code

    with stand.database.writing() as session:
        consents.withdraw(session, person_oid=claims["urn:esia:sbj_id"], mnemonic="CLINIC_36", now=stand.clock.now())
    assert status() == 200
    with stand.database.writing() as session:
        consents.withdraw(session, person_oid=claims["urn:esia:sbj_id"], mnemonic="PORTAL_DEMO", now=stand.clock.now())
    assert status() == 401
    assert desk.call(portal.refresh(body["refresh_token"], stand.clock.now()), 400)["error"] == "invalid_grant"


def test_withdrawing_also_takes_back_a_code_that_is_on_its_way(desk: Desk, portal: V1Client, stand: Stand) -> None:
    """S-23: a code given out just before yields no tokens afterwards, and the browser is not given it once more."""
    request_id = desk.ask(portal)
    desk.sign_in(request_id)
    code = query(desk.press(request_id).location)["code"]
    with stand.database.writing() as session:
        oid = session.exec(select(Consent)).one().person_oid
        consents.withdraw(session, person_oid=oid, mnemonic="PORTAL_DEMO", now=stand.clock.now())
    assert desk.call(portal.exchange(code, stand.clock.now()), 400)["error"] == "invalid_grant"
    assert "Этот вход уже не ждёт ответа" in desk.browser.get(desk.consent(request_id), 400).words


def test_a_system_may_have_the_person_asked_again(desk: Desk, portal: V1Client) -> None:
    """R-017: `prompt=consent`; so a right withheld before can still be given."""
    request_id = desk.ask(portal)
    sid = desk.sign_in(request_id)
    desk.press(request_id, without=("inn",))
    again = go_on(desk, portal, sid, prompt="consent")
    page = desk.browser.get(desk.consent(again))
    assert page.soup.select_one('[data-part="consent-why"][data-state="asked-for"]') is not None
    scopes = jwt_parts(query(desk.press(again).location)["code"])[1]["scope"]
    assert "inn?" in scopes


def test_no_consent_without_the_session_of_this_request(desk: Desk, portal: V1Client) -> None:
    """S-60: neither by address nor by a form, and a session of another sign-in does not do."""
    first = desk.ask(portal)
    for _ in range(2):
        page = desk.browser.get(desk.consent(first), 303)
        assert page.location.endswith(f"/login?request={first}")
        desk.sign_in(desk.ask(portal))
    second = desk.ask(portal)
    desk.sign_in(second)
    desk.browser.get(desk.consent(second))
    page = desk.browser.post(desk.consent(first), {"decision": "grant"}, status=303)
    assert page.location.endswith(f"/login?request={first}")


def test_no_consent_after_signing_out(desk: Desk, portal: V1Client, opened: tuple[str, Page]) -> None:
    """S-60, S-46."""
    desk.browser.get("/idp/ext/Logout")
    page = desk.browser.get(desk.consent(opened[0]), 303)
    assert "/login?request=" in page.location


@pytest.mark.parametrize("request_id", ["", "unknown"])
def test_a_request_nobody_made_is_told_calmly(desk: Desk, request_id: str) -> None:
    page = desk.browser.get(desk.consent(request_id), 400)
    assert page.screen == "consent-stale"
    assert "нажмите «Войти» ещё раз" in page.words


def test_a_page_left_open_for_an_hour_is_told_calmly(
    desk: Desk, portal: V1Client, stand: Stand, opened: tuple[str, Page]
) -> None:
    """A pending sign-in lives sixty minutes (consent-abandoned)."""
    request_id = opened[0]
    stand.clock.advance(timedelta(minutes=60, seconds=1))
    page = desk.browser.post(desk.consent(request_id), {"decision": "grant"}, status=400)
    assert page.screen == "consent-stale"
    with stand.database.reading() as session:
        assert find_request(session, request_id, stand.clock.now()) is None


def test_pressing_twice_gives_the_same_code(desk: Desk, stand: Stand, opened: tuple[str, Page]) -> None:
    """U-17: the second answer is the one the browser shows, so it must lead to the same place."""
    request_id = opened[0]
    first = desk.press(request_id).location
    again = desk.browser.client.post(
        stand.prefix + desk.consent(request_id),
        base_url=desk.browser.base_url,
        data={"decision": "deny", "csrf_token": desk.browser.page.form()["csrf_token"]},
        headers={"User-Agent": "Browser of a test"},
        environ_base={"REMOTE_ADDR": "127.0.0.2"},
    )
    assert again.status_code == 302
    assert again.headers["Location"] == first
    with stand.database.reading() as session:
        assert len(session.exec(select(AuthorizationCode)).all()) == 1
        assert len(session.exec(select(Consent)).all()) == 1


def test_pressing_many_times_at_once_makes_one_code(
    desk: Desk, stand: Stand, opened: tuple[str, Page], house: House, sandbox_settings: SandboxSettings
) -> None:
    """U-17: one conditional UPDATE, and a unique column behind it."""
    request_id, page = opened
    program = build(sandbox_settings, house)
    cookies = [
        (cookie.key, cookie.value, cookie.path) for cookie in desk.browser.client._cookies.values()
    ]  # werkzeug's client has no public list of its cookies

    def press(number: int) -> str:
        browser = PageClient(program, sandbox_settings.public_url, stand.prefix)
        for name, value, path in cookies:
            browser.client.set_cookie(name, value, domain="127.0.0.1", path=path)
        answer = browser.client.post(
            stand.prefix + desk.consent(request_id),
            base_url=browser.base_url,
            data={"decision": "grant", "csrf_token": page.form()["csrf_token"]},
        )
        assert answer.status_code == 302, answer.get_data(as_text=True)[:500]
        return str(answer.headers["Location"])

    with ThreadPoolExecutor(6) as pool:
        assert len(set(pool.map(press, range(6)))) == 1
    with stand.database.reading() as session:
        assert len(session.exec(select(AuthorizationCode)).all()) == 1


def test_a_second_refusal_is_the_same_refusal(desk: Desk, opened: tuple[str, Page]) -> None:
    first = desk.press(opened[0], "deny").location
    assert desk.browser.get(desk.consent(opened[0]), 302).location == first


def test_back_after_the_code_was_used_is_told_calmly(desk: Desk, portal: V1Client, opened: tuple[str, Page]) -> None:
    """S-17 on this side: no second sign-in from an old page."""
    code = query(desk.press(opened[0]).location)["code"]
    desk.call(portal.exchange(code, desk.stand.clock.now()))
    assert desk.browser.get(desk.consent(opened[0]), 400).screen == "consent-stale"


def test_a_form_without_a_decision_grants_nothing(desk: Desk, opened: tuple[str, Page]) -> None:
    page = desk.browser.post(desk.consent(opened[0]), {"right": ["email"]}, status=422)
    assert page.screen == "consent"
    ticked = [box["value"] for box in page.soup.select("input[type=checkbox]") if box.has_attr("checked")]
    assert ticked == ["email"], "U-9: the ticks stay as they were"


def test_a_form_without_csrf_token_grants_nothing(desk: Desk, stand: Stand, opened: tuple[str, Page]) -> None:
    """S-51."""
    desk.browser.post(desk.consent(opened[0]), {"decision": "grant", "csrf_token": "forged"}, status=400)
    with stand.database.reading() as session:
        assert session.exec(select(Consent)).all() == []


def test_another_system_gets_a_line_for_each_scope(desk: Desk, register: Callable[..., V1Client]) -> None:
    """Official titles beside the FAQ's lines, and the name of the one who asks."""
    client = register(name="Клиника «Ромашка»", purpose="", scopes=["openid", "fullname", "gender", "id_doc", "snils"])
    request_id = desk.ask(client, scope="gender id_doc fullname openid snils")
    desk.sign_in(request_id)
    page = desk.browser.get(desk.consent(request_id))
    assert titles(page) == [
        "Проведение входа в систему",
        "Просмотр вашего СНИЛС",
        "Просмотр вашего пола",
        "Просмотр данных о вашем документе, удостоверяющем личность",
        "Просмотр вашей фамилии, имени и отчества",
    ]
    assert "5 прав" in page.words
    assert "Клиника «Ромашка» запрашивает" in page.words
    assert "Зачем" not in page.words
    assert "Паспортные данные не запрашиваются" not in page.words
    assert len(page.soup.select(".right input[type=checkbox]")) == 4


def test_the_policy_lets_the_form_end_at_the_system_that_asked(
    desk: Desk, register: Callable[..., V1Client], portal: V1Client
) -> None:
    """S-52: browsers hold `form-action` against the whole chain of redirects."""

    def sources(request_id: str) -> list[str]:
        desk.sign_in(request_id)
        page = desk.browser.get(desk.consent(request_id))
        policy = page.response.headers["Content-Security-Policy"]
        directive = next(item for item in policy.split("; ") if item.startswith("form-action "))
        return directive.split()[1:]

    assert sources(desk.ask(portal)) == ["'self'", "http://localhost:8000"]
    assert sources(desk.ask(register())) == ["'self'", "https://clinic.example", "https://*.clinic.example"]
    refused = desk.browser.get(address(AC, {"client_id": "NOBODY"}), 400)
    assert "form-action 'self';" in refused.response.headers["Content-Security-Policy"]


def test_a_request_survives_only_in_its_own_stand(desk: Desk, portal: V1Client, house: House) -> None:
    """Isolation: ids are looked up in the stand's own database."""
    request_id = desk.ask(portal)
    other = house.create("another").stand
    try:
        with other.database.reading() as session:
            assert session.get(AuthorizationRequest, request_id) is None
            assert session.exec(select(Person)).first() is not None
    finally:
        house.delete(other.id)
