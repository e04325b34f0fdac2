"""«Запись к врачу»: level, missing fields and the way to them; not one button that books nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.pages import Page, PageClient
from tests.portal.conftest import FRONT, SignIn
from tests.portal.fake_esia import OID, FakeEsia
from tests.portal.family import collection, policy

DOCUMENTS = f"{FRONT}/cabinet/documents"


@pytest.fixture
def appointments(portal: PageClient, sign_in: SignIn) -> Callable[[], Page]:
    """Sign in, fetch everything, and open the page."""

    def open_it() -> Page:
        sign_in(portal)
        portal.get("/loading/all", 303)
        return portal.get("/appointments")

    return open_it


def links(page: Page) -> dict[str, str]:
    return {" ".join(tag.get_text(" ").split()): str(tag["href"]) for tag in page.soup.find_all("a")}


def test_whoever_has_everything_is_told_so(appointments: Callable[[], Page], family: FakeEsia) -> None:
    """R-013: подтверждённая with a policy; the clinic takes no bookings yet, and nothing pretends that it does."""
    page = appointments()
    assert page.screen == "appointments"
    assert "С вашей стороны всё готово" in page.words
    assert "Поликлиника ещё не подключила запись" in page.words
    assert page.soup.select("main form") == []


def test_a_simplified_account_is_told_what_is_missing(
    appointments: Callable[[], Page], family: FakeEsia, portal: PageClient
) -> None:
    """R-013, U-3, account-simplified: a page with level, missing fields and what to do; the home page leads to it."""
    family.person |= {"trusted": False}
    del family.person["snils"]
    page = appointments()
    assert "Сейчас: упрощённая. Не хватает: паспорт, СНИЛС." in page.words
    assert "Медицинская карта связана с той, где подтверждён СНИЛС" in page.words
    assert links(page)["Обновить данные"] == "/login?next=/appointments"
    assert links(portal.get("/home"))["Что сделать"] == "/appointments"


def test_a_standard_account_without_policy_is_told_so(
    appointments: Callable[[], Page], family: FakeEsia, portal: PageClient
) -> None:
    """account-profile-incomplete: exactly what is missing is named, and nothing that is there."""
    family.person |= {"trusted": False}
    family.answer_with(f"/rs/prns/{OID}/docs", collection())
    page = appointments()
    assert "Сейчас: стандартная учётная запись, её достаточно. Не хватает: полис ОМС." in page.words
    assert "паспорт" not in page.words


def test_an_unverified_policy_is_none(appointments: Callable[[], Page], family: FakeEsia) -> None:
    """account-oms-not-found: a number that the registry of insured does not know is not shown as a policy."""
    family.answer_with(f"/rs/prns/{OID}/docs", collection({**policy("0000100000000370"), "vrfStu": "NOT_VERIFIED"}))
    assert "Мы не нашли ваш полис ОМС. Проверьте номер" in appointments().words


def test_a_policy_that_was_not_permitted_is_no_missing_policy(
    appointments: Callable[[], Page], family: FakeEsia, grant: Callable[..., None]
) -> None:
    """S-66: who withheld the right is told of the right."""
    grant(without=("medical_doc",))
    page = appointments()
    assert "Вы не разрешили порталу смотреть полис ОМС" in page.words
    assert links(page)["Войти ещё раз и разрешить"] == "/login?next=/appointments&consent=again"


def test_the_way_to_gosuslugi_is_the_cabinet_or_the_help(
    portal: PageClient, sign_in: SignIn, family: FakeEsia, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ESIA_CABINET_URL: where it is not known, the help explains."""
    family.person |= {"trusted": False}
    del family.person["snils"]
    sign_in(portal)
    assert "/help/how-to-sign-in#level" in links(portal.get("/appointments")).values()
    monkeypatch.setattr("portal.esia.base.ProfileClient.cabinet_url", DOCUMENTS)
    assert links(portal.get("/appointments"))["Заполнить на Госуслугах"] == DOCUMENTS


def test_the_page_demands_a_sign_in(portal: PageClient) -> None:
    """S-60."""
    assert portal.get("/appointments", 303).location.endswith("/login?next=/appointments")
