"""The pages of the record: overview, lists, entries, charts, transfers, and what they say when something is missing."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from bs4.element import Tag
from pypdf import PdfReader

from portal.record.kinds import KINDS
from portal.record.routes import PAGE
from tests.pages import Page, PageClient
from tests.portal.conftest import SignIn
from tests.portal.fake_clinic import ANNA_SNILS, FakeClinic
from tests.portal.fake_clinic_record import CARD, LABORATORY, blood, fill, other
from tests.portal.record.conftest import FRAGMENT, download

EVERY_PART = ("overview", *KINDS, "transfers", "expenses", "series/hgb")


def part(browser: PageClient, address: str, status: int = 200) -> Page:
    """The part as htmx asks for it."""
    return browser.get(address, status, headers=FRAGMENT)


def state(page: Page) -> str:
    found = page.soup.find(attrs={"data-part": True})
    assert isinstance(found, Tag)
    return str(found["data-state"])


@pytest.mark.parametrize("path", ["/record", "/record/results", "/record/transfers", "/expenses"])
def test_a_page_does_not_wait_for_the_clinic(anna: PageClient, full: FakeClinic, path: str) -> None:
    """U-21, U-29: the page comes at once; its heavy part is a place with a link to the same as a page."""
    full.silent.add("*")
    page = anna.get(path)
    place = page.soup.find(attrs={"data-part": True})
    assert isinstance(place, Tag)
    assert place["data-state"] == "loading"
    assert place.find("a", href=place["data-hx-get"]) is not None
    assert not full.calls


def test_the_overview_counts_every_kind_and_says_from_whom(anna: PageClient) -> None:
    """R-035, R-042."""
    words = part(anna, "/record/parts/overview").words
    assert "Анализы и исследования 24 результата" in words
    assert "Диагнозы 1 диагноз" in words
    assert "Прививки Пока пусто" in words
    assert "Карта № ANNA · Поликлиника № 7" in words
    assert "Поликлиника № 7: обновлено в 11:57 (мск)" in words
    assert "Лаборатория «Анализ»: обновлено 21 ноября 2026, 16:00 (мск)" in words


@pytest.mark.parametrize("name", EVERY_PART)
def test_every_part_is_a_page_too(anna: PageClient, name: str) -> None:
    """U-29: without script the same is read as pages, with a way back."""
    page = anna.get(f"/record/parts/{name}")
    assert state(page) == "ready"
    back = page.soup.select_one("main > p a.btn")
    assert back is not None
    anna.get(str(back["href"]))


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_kind_says_what_will_appear(anna: PageClient, full: FakeClinic, kind: str) -> None:
    """look.md: an empty state says what will appear."""
    full.record.all_entries[CARD] = []
    assert "Пока пусто. Здесь появ" in part(anna, f"/record/parts/{kind}").words


def test_a_long_list_comes_in_pieces(anna: PageClient, full: FakeClinic) -> None:
    """R-035: «Показать ещё» is a link to the next piece, and by htmx the piece takes the link's place."""
    seen: list[str] = []
    address, waiting, piece = "/record/parts/results", "", 0
    while address:
        page = part(anna, address)
        seen += [str(tag["href"]) for tag in page.soup.select(".entry__name a")]
        if piece:
            first = page.soup.find(attrs={"data-part": True})
            assert isinstance(first, Tag)
            assert first["id"] == waiting
        more = page.soup.find("a", string="Показать ещё")
        place = more.find_parent(attrs={"data-part": True}) if isinstance(more, Tag) else None
        address, waiting = (str(place["data-hx-get"]), str(place["id"])) if isinstance(place, Tag) else ("", "")
        piece += 1
    assert piece == 2
    assert len(seen) == len(set(seen)) == 24 > PAGE
    following = anna.get("/record/parts/results?after=result-00019")
    assert len(following.soup.select(".entry__name a")) == 4
    assert following.soup.find("a", string="К началу списка") is not None


def test_a_silent_source_is_named_and_the_rest_is_shown(anna: PageClient, full: FakeClinic) -> None:
    """`record-partial`: the notice says what is missing, and «Перезапустить» asks again."""
    full.record.all_entries[CARD].append(replace(other("results", "ЭКГ", full.clock.now()), id="ecg"))
    full.record.all_sources = [replace(one, answered=one.id != LABORATORY) for one in full.record.all_sources]
    page = part(anna, "/record/parts/results")
    assert state(page) == "ready"
    assert "Показано не всё. Не отвечает: Лаборатория «Анализ»." in page.words
    assert "ЭКГ" in page.words
    assert "Общий анализ крови" not in page.words
    assert "Лаборатория «Анализ»: не отвечает, последние данные от 21 ноября 2026, 16:00 (мск)" in page.words
    assert page.soup.find("a", href="/record/parts/results", string="Перезапустить") is not None
    assert "Показано не всё" in part(anna, "/record/parts/overview").words
    fill(full)
    assert "Показано не всё" not in part(anna, "/record/parts/results").words


@pytest.mark.parametrize("name", ["overview", "results", "transfers", "expenses", "series/hgb"])
def test_a_silent_clinic_is_the_error_of_the_part(anna: PageClient, full: FakeClinic, name: str) -> None:
    """U-22, U-23: a fragment with the right status; as a page the error component, whose side is the clinic's."""
    full.silent.add("*")
    fragment = part(anna, f"/record/parts/{name}", 504)
    assert fragment.text.startswith('<div class="fault') or "data-fault" in fragment.text
    assert fragment.soup.find("a", href=f"/record/parts/{name}", string="Перезапустить") is not None
    page = anna.get(f"/record/parts/{name}", 504)
    assert page.screen == "clinic-silent"
    assert "Сбой на стороне поликлиники" in page.words


def test_one_entry_is_shown_whole(anna: PageClient) -> None:
    """R-035: figures with unit, range and mark; a figure leads to its chart."""
    page = anna.get("/record/results/result-00004")
    rows = [" ".join(row.get_text(" ").split()) for row in page.soup.select("tbody tr")]
    assert "Гемоглобин 114 г/л Норма: 120–140 ниже нормы" in rows
    assert "Индекс без нормы 55 Норма: не указана нет нормы" in rows
    place = page.soup.find(attrs={"data-part": "series"})
    assert isinstance(place, Tag)
    assert place["data-hx-get"] == "/record/parts/series/hgb"
    chosen = anna.get("/record/results/result-00004?chart=wbc").soup.find(attrs={"data-part": "series"})
    assert isinstance(chosen, Tag)
    assert chosen["data-hx-get"] == "/record/parts/series/wbc"
    assert "Жалобы на усталость." in anna.get("/record/visits/visits-1").words


def test_a_chart_has_words_and_a_table(anna: PageClient) -> None:
    """WCAG 1.1.1, 1.4.1: picture with title and description, three shapes, and every figure in a table."""
    page = part(anna, "/record/parts/series/hgb")
    picture = page.soup.find("svg", role="img")
    assert isinstance(picture, Tag)
    title, description = picture.find("title"), picture.find("desc")
    assert isinstance(title, Tag)
    assert isinstance(description, Tag)
    assert picture["aria-labelledby"] == f"{title['id']} {description['id']}"
    assert "24\u00a0измерения" in description.get_text()
    assert {str(dot["data-place"]) for dot in page.soup.select(".chart__dot")} == {"low", "within"}
    assert len(page.soup.select("tbody tr")) == 24
    assert "ниже нормы" in page.words


def test_a_single_measurement_says_when_a_chart_will_come(anna: PageClient, full: FakeClinic) -> None:
    """look.md: an empty state says what will appear."""
    full.record.all_points[CARD, "hgb"] = full.record.all_points[CARD, "hgb"][-1:]
    assert "Это первое измерение. График появится" in part(anna, "/record/parts/series/hgb").words
    assert "Других измерений в карте нет." in part(anna, "/record/parts/series/nothing").words


@pytest.mark.parametrize("ending", ["", ".pdf"])
def test_the_entry_of_another_card_is_not_there(anna: PageClient, full: FakeClinic, ending: str) -> None:
    """S-54: another patient's entry, a wrong kind and what never was are the same 404."""
    full.record.all_entries["card-mila"] = [replace(blood(full.clock.now(), "120", 0), id="milas")]
    for path in ("results/milas", "visits/result-00000", "results/nothing", "nonsense/result-00000"):
        anna.get(f"/record/{path}{ending}", 404)
    anna.get("/record/nonsense", 404)
    anna.get("/record/parts/nonsense", 404)


def test_a_parent_reads_the_record_of_the_child_only(
    portal: PageClient, sign_in: SignIn, family: object, full: FakeClinic
) -> None:
    """S-54: the card is that of whom the patient acts for, and nothing else is there meanwhile."""
    full.record.all_entries["card-mila"] = [replace(blood(full.clock.now(), "120", 0), id="milas")]
    sign_in(portal)
    portal.get("/loading/all", 303)
    forms = portal.get("/children").soup.select('form[action$="/act"]')
    portal.post(next(str(form["action"]) for form in forms if "Мила" in form.get_text()))
    assert "1 результат" in part(portal, "/record/parts/overview").words
    portal.get("/record/results/milas")
    portal.get("/record/results/result-00000", 404)


def test_the_copy_on_paper(anna: PageClient) -> None:
    """R-035: a tagged PDF with a title, whose name in a folder of downloads says nothing of the person."""
    response = download(anna, "/record/results/result-00004.pdf")
    assert response.mimetype == "application/pdf"
    assert response.headers["Content-Disposition"] == 'attachment; filename="results-2026-05-26.pdf"'
    reader = PdfReader(BytesIO(response.get_data()))
    words = " ".join(reader.pages[0].extract_text().split())
    assert reader.metadata is not None
    assert reader.metadata.title == "Общий анализ крови"
    for text in ("Лебедева Анна Сергеевна", "Гемоглобин", "114 г/л", "120–140", "ниже нормы", "22 ноября 2026"):
        assert text in words.replace("\u00a0", " ")


def test_the_journal_of_transfers_tells_what_did_not_arrive(anna: PageClient) -> None:
    """R-036: who, what, why, and whether it arrived."""
    words = part(anna, "/record/parts/transfers").words
    for text in ("Доставлено", "Отправляется", "Не доставлено", "Кому: Больница № 2", "Зачем: Решение комиссии"):
        assert text in words


def test_the_home_page_shows_the_newest_results(anna: PageClient, full: FakeClinic) -> None:
    """R-128: a part of its own, which fails alone."""
    place = anna.get("/home").soup.find(attrs={"data-part": "results"})
    assert isinstance(place, Tag)
    page = part(anna, str(place["data-hx-get"]))
    assert len(page.soup.select(".entry")) == 3
    full.silent.add("*")
    assert anna.get("/home").screen == "home"
    part(anna, "/parts/results", 504)


def test_without_a_card_the_page_says_so_calmly(anna: PageClient, full: FakeClinic) -> None:
    """`card-not-found`: no error, why it is so, and what comes next."""
    full.directory.cards.clear()
    fragment = part(anna, "/record/parts/overview")
    assert state(fragment) == "missing"
    assert "Вашей карты в поликлинике пока нет" in fragment.words
    for path in ("/record/parts/results", "/record/results/result-00000", "/expenses.csv"):
        page = anna.get(path)
        assert page.screen == "card-not-found"
        assert page.soup.find("a", href="/appointments") is not None


def test_with_two_cards_nothing_of_either_is_shown(anna: PageClient, full: FakeClinic) -> None:
    """`card-duplicate`: a number for support, and not a line of the record."""
    full.directory.duplicate.add(ANNA_SNILS)
    fragment = part(anna, "/record/parts/results", 409)
    assert state(fragment) == "missing"
    page = anna.get("/record/results/result-00000", 409)
    assert page.screen == "card-duplicate"
    for each in (fragment, page):
        assert "К-000123" in each.words
        assert "Общий анализ крови" not in each.words


def test_without_a_medical_system_there_is_no_record(portal: PageClient, sign_in: SignIn) -> None:
    """The portal hides what needs a clinic where there is none."""
    sign_in(portal)
    for path in ("/record", "/record/results", "/expenses", "/reports", "/parts/results"):
        portal.get(path, 404)
    page = portal.get("/home")
    assert page.soup.find("a", href="/record") is None
    assert page.soup.find(attrs={"data-part": "results"}) is None


def test_texts_of_strangers_are_text(anna: PageClient, full: FakeClinic) -> None:
    """S-53: what a clinic tells is shown, never run."""
    full.record.all_entries[CARD] = [
        replace(other("visits", "<script>alert(1)</script>", full.clock.now(), text="<b>{{7*7}}</b>"), id="a/b?c")
    ]
    page = part(anna, "/record/parts/visits")
    assert "<script>" not in page.text
    address = str(page.soup.select(".entry__name a")[0]["href"])
    assert "/b?c" not in address
